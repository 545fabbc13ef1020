import path from 'node:path';
import { answers } from './parts.ts';
import { isAlive } from './processes.ts';
import { partNames, readStack, type PartName, type PartState, type StackState } from './state.ts';

export interface PartStatus extends PartState {
  readonly name: PartName;
  /** Its process runs. */
  readonly alive: boolean;
  /** It answered just now. */
  readonly answering: boolean;
}

export interface StackStatus {
  /** `down`: no supervisor; parts that still run then were left behind by a killed one. */
  readonly phase: StackState['phase'] | 'down';
  readonly healthy: boolean;
  readonly parts: readonly PartStatus[];
  readonly state?: StackState;
}

/** What is written down about the stack, and what is true of it now. Changes nothing. */
export async function stackStatus(stateDir: string): Promise<StackStatus> {
  const state = readStack(path.resolve(stateDir));
  if (state === undefined) return { phase: 'down', healthy: false, parts: [] };
  const found = partNames.flatMap((name) => {
    const part = state.parts[name];
    return part === undefined ? [] : [{ name, part }];
  });
  const parts = await Promise.all(found.map(async ({ name, part }) => look(name, part)));
  const phase = isAlive(state.supervisor) ? state.phase : 'down';
  const healthy = phase === 'ready' && parts.every((part) => part.alive && part.answering);
  return { phase, healthy, parts, state };
}

async function look(name: PartName, part: PartState): Promise<PartStatus> {
  const { pid, startTime } = part;
  const alive = pid !== undefined && startTime !== undefined && isAlive({ pid, startTime });
  return { ...part, name, alive, answering: alive && (await answers(part.health)) };
}
