import { once } from 'node:events';
import { messageOf } from '../error-code.ts';
import { openBook } from './book.ts';
import { keepRunning, type Kept } from './keep-running.ts';
import { partsOf, type StackPlan } from './parts.ts';
import type { PartName } from './state.ts';

/**
 * Runs the stack until `stop`, then ends every part and removes the state file. When a part cannot be started, ends the
 * others, leaves the reason in the state file and rejects.
 */
export async function superviseStack(plan: StackPlan, stop: AbortSignal): Promise<void> {
  const parts = partsOf(plan);
  const book = openBook(plan, parts);
  const ending = new AbortController();
  const kept = new Map<PartName, Kept>();
  const say = (sentence: string) => console.error(`${new Date().toISOString()} ${sentence}`);
  for (const part of parts) {
    const prerequisites = Promise.all(part.after.map(async (name) => kept.get(name)?.ready));
    kept.set(part.name, keepRunning({ part, book, prerequisites, cwd: plan.cwd, stop: ending.signal, say }));
  }
  const endAll = async (): Promise<void> => {
    ending.abort();
    // The worker still has answers for the others when it is told to leave.
    await kept.get('worker')?.end();
    await Promise.all([...kept.values()].map(async (one) => one.end()));
  };
  try {
    const allReady = Promise.all([...kept.values()].map(async (one) => one.ready));
    await Promise.race([allReady.then(() => book.phase('ready')), aborted(stop)]);
    await aborted(stop);
  } catch (cause) {
    await endAll();
    book.phase('failed', messageOf(cause));
    throw cause;
  }
  book.phase('stopping');
  await endAll();
  book.close();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
