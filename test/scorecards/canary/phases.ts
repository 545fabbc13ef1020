import { openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import type { Judgement } from '../../../scorecards/canary/judge.ts';
import type { CanaryPlan, Look } from '../../../scorecards/canary/verdict.ts';

export const START = 1_800_000_000_000;
export const LOOK_MS = 5000;

/** The defaults of the policy for one step of 5 %, with the whole alpha of a release. */
export const STEP: CanaryPlan = {
  mode: 'canary',
  percent: 5,
  lookMs: LOOK_MS,
  atLeastMs: 600_000,
  atMostMs: 4 * 3_600_000,
  harmRatio: 1.5,
  alpha: 0.01,
  beta: 0.05,
  floor: 0.005,
  ceiling: 0.1,
  safeRatio: 2,
  safeRate: 0.01,
  minBadEvents: 3,
};
export const SOAK: CanaryPlan = { ...STEP, mode: 'soak', percent: 100, atLeastMs: 60_000, atMostMs: 60_000 };
export const SHADOW: CanaryPlan = { ...STEP, mode: 'shadow', percent: 100, atLeastMs: 0, atMostMs: 60_000 };

/** What one look saw; the time is filled in by `watch`. */
export type Glance =
  | {
      readonly challenger: readonly [bad: number, requests: number];
      readonly champion?: readonly [bad: number, requests: number];
      readonly down?: boolean;
    }
  | 'missed';

/** The look that a glance makes, as the `index`-th of a phase. */
export function lookOf(glance: Glance, index: number): Look {
  const at = START + (index + 1) * LOOK_MS;
  if (glance === 'missed') return { kind: 'missed', at, why: 'connection refused' };
  const [challengerBad, challengerRequests] = glance.challenger;
  const [championBad, championRequests] = glance.champion ?? [0, 950];
  return {
    kind: 'counts',
    at,
    champion: { bad: championBad, requests: championRequests },
    challenger: { bad: challengerBad, requests: challengerRequests },
    challengerDown: glance.down ?? false,
  };
}

/** A whole phase, look by look; the judgement of every look. */
export function watchAll(plan: CanaryPlan, glances: readonly Glance[]): Judgement[] {
  const judgements: Judgement[] = [];
  glances.reduce(
    (state, glance, index) => {
      const judgement = takeLook(plan, state, lookOf(glance, index));
      judgements.push(judgement);
      return judgement.state;
    },
    openPhase(plan, START),
  );
  return judgements;
}

/** The judgement of the last look. */
export function watch(plan: CanaryPlan, glances: readonly Glance[]): Judgement {
  const last = watchAll(plan, glances).at(-1);
  if (last === undefined) throw new RangeError('watch: expected at least one glance');
  return last;
}

export function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}
