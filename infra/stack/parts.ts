import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { bootstrapTemporal, connectWhenReady } from './bootstrap.ts';
import { StackFailure } from './failure.ts';
import { untilAnswering, type Waiting } from './launch.ts';
import { loopback, mlflowProgram, temporalProgram, traefikProgram, type Program } from './programs.ts';
import { partLog, type PartName, type StackAddresses, type StackPorts } from './state.ts';

export interface StackBind {
  readonly servers: string;
  readonly worker: string;
}

/** Everything that the supervisor needs to know; a plain value, handed over in its environment. */
export interface StackPlan {
  /** Absolute. */
  readonly stateDir: string;
  readonly parts: readonly PartName[];
  readonly ports: StackPorts;
  /** Addresses that MLflow and the gateway, and the worker, listen on. Temporal stays on loopback. */
  readonly bind: StackBind;
  /** Working directory of the worker. */
  readonly cwd: string;
  /** Added to the worker's environment. */
  readonly workerEnv: Readonly<Record<string, string>>;
}

/** One server of the stack. */
export interface Part {
  readonly name: PartName;
  readonly program: Program;
  readonly ports: readonly number[];
  readonly url: string;
  readonly log: string;
  /** `http://…` answers 2xx when it is well, `tcp://…` accepts connections. */
  readonly health: string;
  /** These parts must be ready before this one is started. */
  readonly after: readonly PartName[];
  /** How long it may take to become ready and to end. */
  readonly startMs: number;
  readonly graceMs: number;
  /** Returns when it answers and is set up; throws when it does not within `startMs`. */
  ready(waiting: Omit<Waiting, 'withinMs'>): Promise<void>;
}

/** Closed runs stay readable for 30 days; Temporal's dev server keeps them for one. */
const retentionHours = 720;

export function foldersOf(stateDir: string) {
  const gateway = path.join(stateDir, 'gateway');
  return {
    temporal: path.join(stateDir, 'temporal'),
    mlflow: path.join(stateDir, 'mlflow'),
    routes: path.join(gateway, 'routes'),
    staging: path.join(gateway, 'staging'),
    logs: path.dirname(partLog(stateDir, 'supervisor')),
  };
}

export function addressesOf({ ports, bind }: Pick<StackPlan, 'ports' | 'bind'>): StackAddresses {
  const servers = reachable(bind.servers);
  return {
    temporal: `${loopback}:${ports.temporal}`,
    temporalUi: `http://${loopback}:${ports.temporalUi}`,
    mlflow: `http://${servers}:${ports.mlflow}`,
    gateway: `http://${servers}:${ports.gateway}`,
    gatewayMetrics: `http://${servers}:${ports.gatewayMetrics}/metrics`,
    worker: `http://${reachable(bind.worker)}:${ports.workerMetrics}`,
  };
}

/** Whoever listens everywhere is asked here. */
function reachable(bind: string): string {
  return bind === '0.0.0.0' ? loopback : bind;
}

/** Throws when a program is not installed; the message names the cure. */
export function partsOf(plan: StackPlan): Part[] {
  const make = { temporal: temporalPart, mlflow: mlflowPart, traefik: traefikPart, worker: workerPart };
  return plan.parts.map((name) => make[name](plan));
}

/** Whether the server behind a `health` address answers now, without loading its client. */
export async function answers(health: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(health);
  if (protocol === 'tcp:') return accepts(hostname, Number(port));
  return untilAnswering(health, { withinMs: 0 }).then(
    () => true,
    () => false,
  );
}

async function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket
      .once('connect', () => answer(true))
      .once('timeout', () => answer(false))
      .once('error', () => answer(false));
  });
}

function temporalPart(plan: StackPlan): Part {
  const { stateDir, ports } = plan;
  const database = path.join(foldersOf(stateDir).temporal, 'temporal.db');
  const { temporal: address, temporalUi: url } = addressesOf(plan);
  return {
    name: 'temporal',
    program: temporalProgram({ port: ports.temporal, uiPort: ports.temporalUi, database }),
    ports: [ports.temporal, ports.temporalUi],
    url,
    log: partLog(stateDir, 'temporal'),
    health: `tcp://${address}`,
    after: [],
    startMs: 60_000,
    graceMs: 10_000,
    async ready(waiting) {
      const connection = await connectWhenReady(address, { ...waiting, withinMs: this.startMs });
      await bootstrapTemporal(connection, { retentionHours });
      await connection.close();
    },
  };
}

function mlflowPart(plan: StackPlan): Part {
  const { stateDir, ports, bind } = plan;
  const { mlflow: url } = addressesOf(plan);
  return {
    ...answering(`${url}/health`, 180_000),
    name: 'mlflow',
    program: mlflowProgram({ bind: bind.servers, port: ports.mlflow, folder: foldersOf(stateDir).mlflow }),
    ports: [ports.mlflow],
    url,
    log: partLog(stateDir, 'mlflow'),
    after: [],
    graceMs: 10_000,
  };
}

function traefikPart(plan: StackPlan): Part {
  const { stateDir, ports, bind } = plan;
  const { gateway: port, gatewayMetrics: metricsPort } = ports;
  return {
    ...answering(new URL('/ping', addressesOf(plan).gatewayMetrics).href, 30_000),
    name: 'traefik',
    program: traefikProgram({ bind: bind.servers, port, metricsPort, routes: foldersOf(stateDir).routes }),
    ports: [port, metricsPort],
    url: addressesOf(plan).gateway,
    log: partLog(stateDir, 'traefik'),
    after: [],
    graceMs: 12_000,
  };
}

function workerPart(plan: StackPlan): Part {
  const { stateDir, ports, workerEnv } = plan;
  const { worker: url } = addressesOf(plan);
  const entry = path.join(packageRoot(), 'dist', 'workers', 'worker.js');
  if (!existsSync(entry))
    throw new StackFailure(69, `the worker is not built (looked for ${entry}); run: node infra/setup.mjs`);
  return {
    ...answering(`${url}/readyz`, 120_000),
    name: 'worker',
    program: { file: process.execPath, args: [entry], env: workerEnv },
    ports: [ports.workerMetrics, ports.workerWebhook],
    url,
    log: partLog(stateDir, 'worker'),
    after: ['temporal'],
    graceMs: 20_000,
  };
}

/** What becomes ready as soon as a page of it answers. */
function answering(health: string, startMs: number): Pick<Part, 'health' | 'startMs' | 'ready'> {
  return { health, startMs, ready: async (waiting) => untilAnswering(health, { ...waiting, withinMs: startMs }) };
}
