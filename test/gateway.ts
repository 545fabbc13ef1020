import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '../infra/stack/free-port.ts';
import { launch, untilAnswering } from '../infra/stack/launch.ts';
import { endGroup, type ProcessIdentity } from '../infra/stack/processes.ts';
import { traefikProgram } from '../infra/stack/programs.ts';

export interface Gateway {
  readonly routesDir: string;
  readonly stagingDir: string;
  readonly address: string;
  readonly metricsUrl: string;
  kill(): Promise<void>;
  /** A new process with the same folders and ports. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A Traefik of one's own, for tests that kill it. Everybody else shares `traefikServer()` of `servers.ts`. */
export async function startGateway(): Promise<Gateway> {
  const folder = await mkdtemp(path.join(tmpdir(), 'understudy-gateway-'));
  const routesDir = path.join(folder, 'routes');
  const stagingDir = path.join(folder, 'staging');
  await Promise.all([mkdir(routesDir), mkdir(stagingDir)]);
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const admin = `http://127.0.0.1:${metricsPort}`;
  let running: ProcessIdentity | undefined;

  async function start(): Promise<void> {
    const program = traefikProgram({ port, metricsPort, routes: routesDir });
    running = (await launch(program, path.join(folder, 'traefik.log'))).identity;
    await untilAnswering(`${admin}/ping`, { withinMs: 20_000 });
  }
  async function kill(): Promise<void> {
    if (running !== undefined) await endGroup(running, 0);
    running = undefined;
  }
  await start();
  return {
    routesDir,
    stagingDir,
    address: `http://127.0.0.1:${port}`,
    metricsUrl: `${admin}/metrics`,
    kill,
    start,
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
