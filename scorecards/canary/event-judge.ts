import { eBenjaminiHochberg } from '../statistics/e-benjamini-hochberg.ts';
import { hasConcurrentBaseline, logHarm, readEvidence } from './evidence.ts';
import { planOfEvent } from './event-plan.ts';
import type { EventState } from './event-state.ts';
import type { CanaryPlan, CanaryWord, EventPlan, EventVerdict } from './verdict.ts';

/** Looks in a row without any scrape after which nothing is known. */
export const MISSED_UNTIL_DARK = 3;
/** Looks in a row without a request on the challenger after which it counts as unvisited. */
export const SILENT_UNTIL_NO_TRAFFIC = 3;

/**
 * One event by itself: the first row of the table that holds, time apart. Harm is harm of the whole or of any slice. Without a
 * baseline (the champion has hardly any traffic and nothing was frozen) an event that compares says nothing.
 */
export function judgeEvent(plan: CanaryPlan, event: EventPlan, state: EventState): EventVerdict {
  const own = planOfEvent(plan, event);
  const evidence = readEvidence(own, state.evidence, Object.values(state.thresholds));
  if (!hasBaseline(plan, event)) return { word: 'wait', evidence };
  const harmed = harmedSlices(own, event, state);
  const word = wordOf(event, state, { ...evidence, isHarmed: harmed.length > 0 });
  return { word, evidence, ...(harmed.length > 0 ? { harmed } : {}) };
}

/** Whether there is anything that the event's counts can be held against. */
export function hasBaseline(plan: CanaryPlan, event: EventPlan): boolean {
  const own = planOfEvent(plan, event);
  return hasConcurrentBaseline(own) || event.compared === 'alone' || event.frozenRate !== undefined;
}

function wordOf(
  event: EventPlan,
  state: EventState,
  seen: EventVerdict['evidence'] & { readonly isHarmed: boolean },
): CanaryWord {
  const isHarm = seen.harm >= 1 / event.alpha && state.challenger.bad >= event.minBadEvents;
  if (isHarm || seen.isHarmed) return 'rollback';
  if (event.ceiling < 1 && seen.ceiling >= 1 / event.alpha) return 'freeze';
  if (state.missedInARow >= MISSED_UNTIL_DARK) return 'dark';
  if (state.silentInARow >= SILENT_UNTIL_NO_TRAFFIC) return 'no-traffic';
  return state.cleared ? 'clear' : 'wait';
}

/** In the order of their declaration. A slice with too few bad events keeps its place among the hypotheses and is no harm. */
function harmedSlices(own: CanaryPlan, { sliceAlpha, minBadEvents }: EventPlan, { slices }: EventState): string[] {
  if (sliceAlpha === undefined) return [];
  const all = Object.entries(slices);
  const logs = all.map(([, { challenger, evidence }]) =>
    challenger.bad >= minBadEvents ? logHarm(own, evidence) : -Infinity,
  );
  const rejected = new Set(eBenjaminiHochberg(logs, sliceAlpha));
  return all.filter((_one, index) => rejected.has(index)).map(([name]) => name);
}
