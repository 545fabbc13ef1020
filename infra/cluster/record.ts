import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../error-code.ts';
import { launch, lastLines } from '../stack/launch.ts';
import { isAlive, type ProcessIdentity } from '../stack/processes.ts';
import { ClusterFailure } from './failure.ts';
import { interruption } from './interruption.ts';
import { inState } from './places.ts';
import { insideNetwork } from './run.ts';

export interface RecordedProcess extends ProcessIdentity {
  readonly name: string;
}

/** What `up` has made so far. It is written before the first thing is made, so that a later run knows what to clear away. */
export interface ClusterRecord {
  readonly phase: 'starting' | 'ready';
  /** In the order of their starts; they are ended in the opposite order. */
  readonly processes: readonly RecordedProcess[];
  /** Kernel settings that kubelet changes for the whole machine, as they were: file below /proc/sys → content. */
  readonly sysctls: Readonly<Record<string, string>>;
}

const recordFile = inState('record.json');

/** What the last `up` wrote; undefined when there is nothing to clear away. */
export function readRecord(): ClusterRecord | undefined {
  if (!existsSync(recordFile)) return undefined;
  try {
    const record: ClusterRecord = JSON.parse(readFileSync(recordFile, 'utf8'));
    return record;
  } catch (cause) {
    throw new ClusterFailure(`cannot read ${recordFile}: ${messageOf(cause)}; end what it names, then remove it`);
  }
}

/** Replaces the record in one step. */
export function writeRecord(record: ClusterRecord): void {
  mkdirSync(path.dirname(recordFile), { recursive: true });
  writeFileSync(`${recordFile}.part`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${recordFile}.part`, recordFile);
}

export function removeRecord(): void {
  rmSync(recordFile, { force: true });
}

/**
 * Starts a program inside the network namespace, its output in `logs/NAME.log`, and writes it into the record. Throws with
 * the end of its log when it is gone at once. It outlives this process.
 */
export async function start(
  name: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RecordedProcess> {
  const log = logFile(name);
  await mkdir(path.dirname(log), { recursive: true });
  rmSync(log, { force: true });
  const program = insideNetwork(file, args);
  const { identity } = await launch({ ...program, env }, log).catch(async (cause: unknown) => {
    throw new ClusterFailure(`${name} did not start: ${messageOf(cause)}\n${await lastLines(log, 12)}`, { cause });
  });
  const started = { name, ...identity };
  const record = readRecord() ?? { phase: 'starting', processes: [], sysctls: {} };
  writeRecord({ ...record, processes: [...record.processes, started] });
  return started;
}

/** Looks every 100 ms until `holds`; throws when the process is gone or time is up, with the end of its log. */
export async function until(
  what: string,
  by: RecordedProcess,
  holds: () => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds().catch(() => false))) {
    interruption.throwIfAborted();
    const dead = !isAlive(by);
    if (dead || Date.now() > end)
      throw new ClusterFailure(
        `${what}: ${dead ? `${by.name} ended` : `not within ${withinMs / 1000} s`}; the end of ${logFile(by.name)}:\n${await lastLines(logFile(by.name), 15)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function logFile(name: string): string {
  return inState('logs', `${name}.log`);
}
