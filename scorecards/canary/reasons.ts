import { harmBoundary, hasConcurrentBaseline } from './evidence.ts';
import { planOfEvent } from './event-plan.ts';
import type { EventState } from './event-state.ts';
import type { ArmDelta, CanaryPlan, CanaryVerdict, EventPlan, EventVerdict } from './verdict.ts';
import { asEvidence, asPercent, asTime, counted, percentOf } from './wording.ts';

/** The numbers that a sentence may name. */
export interface Seen {
  readonly champion: ArmDelta;
  readonly challenger: ArmDelta;
  readonly missedInARow: number;
  readonly silentInARow: number;
  readonly downInARow: number;
  readonly elapsedMs: number;
  /** What is counted as bad; absent: errors. */
  readonly what?: string;
  /** Share of a month's error budget that the release has spent, where that is why. */
  readonly spent?: number;
}

/** One sentence that says why the verdict is what it is, with the numbers. */
export function sentenceOf(plan: CanaryPlan, seen: Seen, verdict: Pick<CanaryVerdict, 'word' | 'evidence'>): string {
  const { harm, ceiling, safe } = verdict.evidence;
  const errors = errorsOf(plan, seen);
  const harmLimit = asEvidence(1 / plan.alpha);
  const safeLimit = asEvidence(1 / plan.beta);
  switch (verdict.word) {
    case 'rollback':
      return rollbackSentence(plan, seen, harm);
    case 'target-down':
      return `the challenger's server has been down for ${seen.downInARow} looks in a row; ${errors}`;
    case 'freeze':
      return `${errors}, above the ceiling ${asPercent(plan.ceiling)} (${asEvidence(ceiling)} ≥ ${harmLimit}) without harm against the champion (${asEvidence(harm)}): the service itself is failing`;
    case 'dark':
      return `no scrape succeeded in ${seen.missedInARow} looks in a row; before that ${errors}`;
    case 'no-traffic':
      return `the challenger got no request in the last ${seen.silentInARow} looks, ${counted(seen.challenger.requests)} in all`;
    case 'clear':
      return plan.mode === 'soak'
        ? `${asTime(seen.elapsedMs)} of soak without harm: ${errors}, harm ${asEvidence(harm)} of ${harmLimit}`
        : `${errors}: safe, shown by ${asEvidence(safe)} of ${safeLimit} now or earlier in this step`;
    case 'inconclusive':
      return `${asTime(seen.elapsedMs)} passed without a verdict: ${errors}, harm ${asEvidence(harm)} of ${harmLimit}, safe ${asEvidence(safe)} of ${safeLimit}${hole(seen)}`;
    case 'cancelled':
      return `the watch was called off after ${asTime(seen.elapsedMs)}: ${errors}`;
    case 'wait':
      return `${errors}: harm ${asEvidence(harm)} of ${harmLimit}, safe ${asEvidence(safe)} of ${safeLimit}`;
  }
}

function rollbackSentence(plan: CanaryPlan, seen: Seen, harm: number): string {
  const errors = errorsOf(plan, seen);
  if (seen.spent === undefined) return `${errors}: harm ${asEvidence(harm)} ≥ ${asEvidence(1 / plan.alpha)}`;
  const allowed = asPercent(plan.budget?.share ?? 1);
  return `the release has spent ${asPercent(seen.spent)} of a month's error budget, at most ${allowed} is allowed: ${errors}`;
}

/** The sentence of a word that is about one event of the plan. */
export function sentenceOfEvent(
  plan: CanaryPlan,
  about: { readonly event: EventPlan; readonly state: EventState; readonly elapsedMs: number },
  verdict: EventVerdict,
): string {
  const { event, state, elapsedMs } = about;
  const own = planOfEvent(plan, event);
  const seen: Seen = { ...state, downInARow: 0, elapsedMs, what: event.name };
  const isUndecided = verdict.word === 'wait' || verdict.word === 'inconclusive';
  if (isUndecided && state.missedInARow > 0) {
    const looks = state.missedInARow === 1 ? 'look' : `${state.missedInARow} looks`;
    return `${event.name}: not counted in the last ${looks}, so nobody knows; before that ${errorsOf(own, seen)}`;
  }
  if (verdict.harmed === undefined) return sentenceOf(own, seen, verdict);
  const slices = verdict.harmed.map((name) => {
    const slice = state.slices[name] ?? state;
    return errorsOf(own, { ...seen, ...slice, what: `${event.name} in ${name}` });
  });
  return `${slices.join('; ')}: harm within ${counted(event.slices?.length ?? 0)} declared slices`;
}

function errorsOf(plan: CanaryPlan, { champion, challenger, what = 'errors' }: Seen): string {
  const rate = percentOf(challenger.bad, challenger.requests);
  const counts = `(${counted(challenger.bad)} of ${counted(challenger.requests)})`;
  return `${what} ${rate} against ${baselineOf(plan, champion)} ${counts}`;
}

function baselineOf(plan: CanaryPlan, champion: ArmDelta): string {
  if (hasConcurrentBaseline(plan)) return percentOf(champion.bad, champion.requests);
  const boundary = harmBoundary(plan);
  const frozen = boundary > plan.floor ? 'the frozen baseline' : 'the floor';
  return `${frozen} ${asPercent(boundary)}`;
}

function hole(seen: Seen): string {
  if (seen.missedInARow > 0) return `; no scrape in the last ${seen.missedInARow} looks`;
  return seen.silentInARow > 0 ? `; no request in the last ${seen.silentInARow} looks` : '';
}
