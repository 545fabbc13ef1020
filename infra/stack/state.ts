import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ProcessIdentity } from './processes.ts';

/** In the order in which they are shown; they are started side by side. */
export const partNames = ['temporal', 'mlflow', 'traefik', 'worker'] as const;
export type PartName = (typeof partNames)[number];

export interface StackPorts {
  readonly temporal: number;
  readonly temporalUi: number;
  readonly mlflow: number;
  readonly gateway: number;
  readonly gatewayMetrics: number;
  readonly workerMetrics: number;
  readonly workerWebhook: number;
}

/** Where others find the stack. `temporal` is HOST:PORT, all else are URLs; `gatewayMetrics` is the page to scrape. */
export interface StackAddresses {
  readonly temporal: string;
  readonly temporalUi: string;
  readonly mlflow: string;
  readonly gateway: string;
  readonly gatewayMetrics: string;
  readonly worker: string;
}

export interface PartState extends Partial<ProcessIdentity> {
  readonly phase: 'starting' | 'ready' | 'restarting' | 'failed';
  readonly ports: readonly number[];
  /** For people: the screen or page of this part. */
  readonly url: string;
  /** `http://…` answers 2xx when it is well, `tcp://…` accepts connections. */
  readonly health: string;
  readonly log: string;
  readonly restarts: number;
  /** Why it is not ready. */
  readonly reason?: string | undefined;
}

export interface StackState {
  readonly schemaVersion: 1;
  readonly phase: 'starting' | 'ready' | 'stopping' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly supervisor: ProcessIdentity & { readonly log: string };
  readonly parts: Readonly<Partial<Record<PartName, PartState>>>;
  readonly addresses: StackAddresses;
  /** The folder that the gateway watches, and the one beside it in which route files are written. */
  readonly routes: { readonly watched: string; readonly staging: string };
}

/** What the supervisor of `stateDir` last wrote. No stack, or a file that is none of ours, is `undefined`. */
export function readStack(stateDir: string): StackState | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(stateFile(stateDir), 'utf8'));
    return isStackState(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the state file in one step: a reader sees the old or the new one. */
export function writeStack(stateDir: string, state: StackState): void {
  const file = stateFile(stateDir);
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

export function removeStack(stateDir: string): void {
  rmSync(stateFile(stateDir), { force: true });
}

/** The file that collects what a part prints. The one of the stack before is beside it, ending in `.1`. */
export function partLog(stateDir: string, part: PartName | 'supervisor'): string {
  return path.join(path.resolve(stateDir), 'stack', `${part}.log`);
}

function stateFile(stateDir: string): string {
  return path.join(path.resolve(stateDir), 'stack.json');
}

function isStackState(value: unknown): value is StackState {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}
