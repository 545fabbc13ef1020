import { nextMoment } from './policy/cron-moments.ts';
import type { WatchState } from './watch.ts';

/** Time that a check has to arrive once it is noticed to be late: after an outage the schedule catches up first. */
const GRACE_MS = 30 * 60_000;

/** What the standing workflow remembers of the checks that the policy's schedule should bring. */
export interface CheckWatch {
  /** When the last one knocked, whatever the door answered. */
  readonly lastAt?: string;
  /** The moment that passed without one, and when that was noticed. */
  readonly late?: { readonly due: string; readonly noticedAt: string; readonly told: boolean };
}

export type CheckLook =
  /** Nothing to do for so long; absent: no check is due, or its loss has been told. */
  | { readonly look: 'wait'; readonly ms?: number }
  /** A check is late: note it, and look again. */
  | { readonly look: 'late'; readonly due: string }
  /** It did not come in time: tell people, once until the next one comes. */
  | { readonly look: 'missed'; readonly due: string };

/** Is a drift check overdue? `now` is wall time, ISO 8601. */
export function lookForCheck({ applied, checks }: WatchState, now: string): CheckLook {
  const cron = applied?.policy.spec.triggers.check;
  if (applied === undefined || cron === undefined) return { look: 'wait' };
  const nowMs = Date.parse(now);
  const late = checks?.late;
  if (late) {
    const left = Date.parse(late.noticedAt) + GRACE_MS - nowMs;
    if (late.told) return { look: 'wait' };
    return left > 0 ? { look: 'wait', ms: left } : { look: 'missed', due: late.due };
  }
  const since = Math.max(Date.parse(applied.appliedAt), Date.parse(checks?.lastAt ?? applied.appliedAt));
  const due = nextMoment(cron, since);
  if (due === undefined) return { look: 'wait' };
  // A schedule fires on the minute, and its workflow needs a moment to knock.
  const left = due + GRACE_MS - nowMs;
  return left > 0 ? { look: 'wait', ms: left } : { look: 'late', due: new Date(due).toISOString() };
}

export const noteLate = (state: WatchState, due: string, now: string): WatchState => ({
  ...state,
  checks: { ...state.checks, late: { due, noticedAt: now, told: false } },
});

export function noteTold(state: WatchState): WatchState {
  const late = state.checks?.late;
  return late ? { ...state, checks: { ...state.checks, late: { ...late, told: true } } } : state;
}
