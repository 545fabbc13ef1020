import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../infra/stack/free-port.ts';
import { untilAnswering } from '../../infra/stack/launch.ts';
import type { ServerKind } from '../contracts/serving.ts';
import type { ServerSpec } from '../../scorecards/contracts/server.ts';

/** The program that a policy's `serving.command` would name. */
export const MODEL_SERVER = fileURLToPath(new URL('model-server.mjs', import.meta.url));
/** What makes it each kind of server that the contract of serving speaks of. */
export const FLAGS: Readonly<Record<ServerKind, readonly string[]>> = {
  good: [],
  dies: ['--crash', 'no module named lightgbm'],
  'never-ready': ['--never-ready'],
  'other-version': ['--claim', '1'],
};

/** `serving.http` of the server when it is started with `--plain`. */
export const PLAIN_HTTP = {
  ready: '/healthz',
  infer: '/predict',
  body: 'rows',
  versionHeader: 'x-model-version',
} as const;
export const OPEN_INFERENCE_HTTP = {
  ready: '/v2/health/ready',
  infer: '/v2/models/{model}/infer',
  body: 'open-inference-v2',
} as const;

export interface Faults {
  /** Share of answers that are 500, spread evenly. */
  readonly errors?: number;
  readonly delayMs?: number;
  readonly hang?: boolean;
  /** The next request blocks the whole server for so long, once. */
  readonly stallMs?: number;
}

export interface Seen {
  readonly requests: number;
  /** How many of them carried the header that marks a mirrored request. */
  readonly shadowed: number;
  readonly ids: readonly (string | null)[];
}

export interface ModelServer {
  readonly url: string;
  readonly model: string;
  readonly version: string;
  readonly log: string;
  fault(faults: Faults): Promise<void>;
  seen(): Promise<Seen>;
  /** Ends the process at once; the port refuses connections afterwards. */
  stop(): Promise<void>;
}

/** Starts one model server as a child process of the test. The caller stops it. */
export async function startModelServer(options: {
  readonly model?: string;
  readonly version: string;
  readonly flags?: readonly string[];
}): Promise<ModelServer> {
  const { model = 'm', version, flags = [] } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'understudy-model-'));
  const [port = 0] = await freePorts(1);
  const log = path.join(folder, 'log');
  const spec: ServerSpec = {
    schemaVersion: 1,
    mode: 'serve',
    model,
    version,
    artifact: folder,
    host: '127.0.0.1',
    port,
    log,
  };
  const specFile = path.join(folder, 'spec.json');
  await writeFile(specFile, JSON.stringify(spec));
  const child = spawn(process.execPath, [MODEL_SERVER, ...flags], {
    env: { ...process.env, UNDERSTUDY_SPEC: specFile },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(`${url}/seen`, { withinMs: 20_000 });
  return {
    url,
    model,
    version,
    log,
    async fault(faults) {
      await fetch(`${url}/faults`, { method: 'POST', body: JSON.stringify(faults) });
    },
    async seen() {
      return (await (await fetch(`${url}/seen`)).json()) as Seen;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
