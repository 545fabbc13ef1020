import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endGroup, isAlive, type ProcessIdentity } from './processes.ts';
import { readStack, removeStack, type PartState, type StackState } from './state.ts';

/** The slowest part may need its whole grace period, the worker's comes before. */
const graceMs = 60_000;

/**
 * Stops the stack of this folder and returns when everything of it is gone, also what a killed supervisor left behind.
 * Returns the state it had; `undefined` when there was none.
 */
export async function stackDown(stateDir: string): Promise<StackState | undefined> {
  const folder = path.resolve(stateDir);
  const state = readStack(folder);
  if (state === undefined) return undefined;
  if (isAlive(state.supervisor)) await endSupervisor(state.supervisor);
  await endRecorded(readStack(folder) ?? state);
  removeStack(folder);
  return state;
}

/** Ends what still runs of the recorded parts; a process id that another program has by now is left alone. */
export async function endRecorded(state: StackState): Promise<void> {
  const identities = Object.values(state.parts).map(identityOf);
  await Promise.all(identities.map(async (part) => (part === undefined ? undefined : endGroup(part, 10_000))));
}

/** Only the process itself is told: it ends its parts in their order. */
async function endSupervisor(supervisor: ProcessIdentity): Promise<void> {
  process.kill(supervisor.pid, 'SIGTERM');
  const until = Date.now() + graceMs;
  while (isAlive(supervisor) && Date.now() < until) await sleep(50);
  await endGroup(supervisor, 1000);
}

function identityOf({ pid, startTime }: PartState): ProcessIdentity | undefined {
  return pid === undefined || startTime === undefined ? undefined : { pid, startTime };
}
