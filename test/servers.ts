import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, messageOf } from '../infra/error-code.ts';
import { bootstrapTemporal, connectWhenReady } from '../infra/stack/bootstrap.ts';
import { freePorts } from '../infra/stack/free-port.ts';
import { lastLines, launch, untilAnswering } from '../infra/stack/launch.ts';
import { endGroup, isAlive, type ProcessIdentity } from '../infra/stack/processes.ts';
import { mlflowProgram, temporalProgram, traefikProgram, type Program } from '../infra/stack/programs.ts';
import { pythonBin } from '../infra/python.ts';
import { seaweedfs } from './s3.ts';
import { openRun } from './servers-run.ts';

const LOOPBACK = '127.0.0.1';

/**
 * The servers that tests share: one of each kind for a whole run of jest, started by whoever asks first, ended with the
 * run. Ask in `beforeAll` with a time-out of 120 s: the first start of MLflow needs several seconds.
 */

/** Temporal's dev server, our search attributes registered. Use your own task queue and workflow id prefix. */
export async function temporalServer(): Promise<{ address: string; namespace: string }> {
  return shared('temporal', async (start) => {
    const [port = 0] = await freePorts(1);
    await start(temporalProgram({ port }));
    const address = `${LOOPBACK}:${port}`;
    const connection = await connectWhenReady(address, { withinMs: 30_000 });
    await bootstrapTemporal(connection);
    await connection.close();
    return { address, namespace: 'default' };
  });
}

/** MLflow over SQLite. Use your own model and experiment names. Each `host` to listen on has a server of its own. */
export async function mlflowServer(host = LOOPBACK): Promise<{ uri: string }> {
  return shared(`mlflow-${host}`, async (start, folder) => {
    const [port = 0] = await freePorts(1, host);
    const identity = await start(mlflowProgram({ port, folder, bind: host }));
    const uri = `http://${host}:${port}`;
    await untilAnswering(`${uri}/health`, { withinMs: 110_000, givenUp: () => ended(identity) });
    return { uri };
  });
}

export interface TraefikServer {
  /** Watched: move complete files in here from `stagingDir`. Use your own route names. */
  routesDir: string;
  stagingDir: string;
  /** Base URL of the traffic. */
  address: string;
  /** Prometheus text; the read-only API is beside it at `/api/`. */
  metricsUrl: string;
}

export async function traefikServer(): Promise<TraefikServer> {
  return shared('traefik', async (start, folder) => {
    const routesDir = path.join(folder, 'routes');
    const stagingDir = path.join(folder, 'staging');
    await Promise.all([mkdir(routesDir), mkdir(stagingDir)]);
    const [port = 0, metricsPort = 0] = await freePorts(2);
    const identity = await start(traefikProgram({ port, metricsPort, routes: routesDir }));
    const admin = `http://127.0.0.1:${metricsPort}`;
    await untilAnswering(`${admin}/ping`, { withinMs: 20_000, givenUp: () => ended(identity) });
    return { routesDir, stagingDir, address: `http://127.0.0.1:${port}`, metricsUrl: `${admin}/metrics` };
  });
}

/** A server of S3, SeaweedFS. Make a place of your own: `createPlace` in `test/s3.ts`. */
export async function s3Server(): Promise<{ endpoint: string }> {
  return shared('s3', async (start, folder) => {
    const { program, endpoint, litter } = await seaweedfs(folder);
    await writeWhole(`${folder}.litter.json`, litter);
    const identity = await start(program);
    await untilAnswering(`${endpoint}/healthz`, { withinMs: 60_000, givenUp: () => ended(identity) });
    return { endpoint };
  });
}

/** For `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`. */
export function timeSkippingBinary(): string {
  return pythonBin('temporal-test-server');
}

type Start = (program: Program) => Promise<ProcessIdentity>;

/** The first to make the lock folder starts the server; everybody else waits for its answer. */
async function shared<T>(name: string, begin: (start: Start, folder: string) => Promise<T>): Promise<T> {
  const run = openRun();
  const answer = path.join(run, `${name}.answer.json`);
  const folder = path.join(run, name);
  if (await isFirst(folder)) {
    const started = await startOrExplain(run, name, begin).catch((cause: unknown) => ({ failed: messageOf(cause) }));
    await writeWhole(answer, started);
  }
  const given = await untilWritten<{ ready: T } | { failed: string }>(answer, 120_000);
  if ('failed' in given) throw new Error(given.failed);
  return given.ready;
}

async function startOrExplain<T>(run: string, name: string, begin: (start: Start, folder: string) => Promise<T>) {
  const log = path.join(run, `${name}.log`);
  const identities: ProcessIdentity[] = [];
  const start: Start = async (program) => {
    const { identity } = await launch(program, log, run);
    identities.push(identity);
    await writeWhole(path.join(run, `${name}.pid.json`), identity);
    return identity;
  };
  try {
    return { ready: await begin(start, path.join(run, name)) };
  } catch (cause) {
    await Promise.all(identities.map(async (identity) => endGroup(identity, 2000)));
    throw new Error(`the test server ${name} did not start: ${messageOf(cause)}\n${await lastLines(log, 15)}`, {
      cause,
    });
  }
}

function ended(identity: ProcessIdentity): string | undefined {
  return isAlive(identity) ? undefined : 'its process has ended';
}

async function isFirst(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return false;
    throw cause;
  }
}

async function untilWritten<T>(file: string, withinMs: number): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return JSON.parse(text);
    if (Date.now() > until) throw new Error(`nobody has written ${file} within ${withinMs} ms`);
    await sleep(50);
  }
}

async function writeWhole(file: string, value: unknown): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(value));
  await rename(draft, file).catch(async (cause: unknown) => {
    await rm(draft, { force: true });
    throw cause;
  });
}
