import { lookForCheck, noteLate, noteTold } from '../scorecards/missed-check.ts';
import type { WatchState } from '../scorecards/watch.ts';
import { act } from './activity-options.ts';

const LONGEST_MS = 30 * 86_400_000;
/** A sleep of none would be no timer at all. */
const SHORTEST_MS = 1000;

/** How long an idle model may sleep before it must look for its check. */
export function sleepMs(state: WatchState, now: string): number {
  const look = lookForCheck(state, now);
  return look.look === 'wait' ? Math.max(SHORTEST_MS, Math.min(LONGEST_MS, look.ms ?? LONGEST_MS)) : SHORTEST_MS;
}

/** A check that did not come is an alert of its own: who measures nothing sees no drift (MO12). */
export async function missNoCheck(
  state: () => WatchState,
  set: (next: WatchState) => void,
  now: () => string,
): Promise<void> {
  const look = lookForCheck(state(), now());
  if (look.look === 'late') return set(noteLate(state(), look.due, now()));
  if (look.look === 'wait') return;
  const { checks, model } = state();
  // Before the message: a check that comes meanwhile clears what is noted here.
  set(noteTold(state()));
  const lastAt = checks?.lastAt;
  await act(`no check since ${look.due}`).tellMissedCheck({
    model,
    due: look.due,
    ...(lastAt === undefined ? {} : { lastAt }),
  });
}
