import { withEvents } from '../../../scorecards/canary/event-plan.ts';
import type { EventOrder } from '../../../scorecards/canary/event-plan.ts';
import { openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import type { Judgement } from '../../../scorecards/canary/judge.ts';
import type { BothArms, CanaryPlan, EventCounts, Look } from '../../../scorecards/canary/verdict.ts';
import { START, STEP, lookOf } from './phases.ts';

/** Bad and all requests of the challenger, then of the champion. */
export type Counted = readonly [bad: number, requests: number, championBad: number, championRequests: number];

export const HEALTHY: Counted = [0, 50, 1, 950];

export function armsOf([bad, requests, championBad, championRequests]: Counted): BothArms {
  return { challenger: { bad, requests }, champion: { bad: championBad, requests: championRequests } };
}

/** What was counted of each event in one look; errors are those of `HEALTHY` arms. */
export type Seen = Readonly<Record<string, Counted | EventCounts>>;

export function eventLook(events: Seen | 'missed', index: number): Look {
  if (events === 'missed') return lookOf('missed', index);
  const counts = Object.entries(events).map(([name, seen]) => [name, 'champion' in seen ? seen : armsOf(seen)]);
  return {
    kind: 'counts',
    at: START + (index + 1) * 5000,
    ...armsOf(HEALTHY),
    challengerDown: false,
    events: Object.fromEntries(counts),
  };
}

/** The plan of one step of 5 % with these events. */
export function stepWith(orders: readonly EventOrder[], plan: CanaryPlan = STEP): CanaryPlan {
  return withEvents(plan, orders);
}

/** The judgement of the last look. */
export function watchEvents(plan: CanaryPlan, looks: readonly (Seen | 'missed')[]): Judgement {
  return looks.reduce<Judgement>((now, seen, index) => takeLook(plan, now.state, eventLook(seen, index)), {
    state: openPhase(plan, START),
    verdict: { word: 'wait', reason: '', evidence: { harm: 1, ceiling: 1, safe: 1 } },
  });
}
