import { isHarm, openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import type { BothArms, CanaryPlan, EventCounts, Look } from '../../../scorecards/canary/verdict.ts';
import { seededDraws } from '../../seeded-draws.ts';
import type { SeededDraws } from '../../seeded-draws.ts';
import { LOOK_MS, START } from './phases.ts';
import { drawArm } from './simulated-traffic.ts';

/** Shares of bad events on each arm. */
export interface Rates {
  readonly champion: number;
  readonly challenger: number;
}

export interface EventTraffic {
  readonly requestsPerSecond: number;
  readonly looks: number;
  readonly errors: Rates;
  readonly events: Readonly<Record<string, Rates & { readonly slices?: Readonly<Record<string, Rates>> }>>;
}

/** The event of the first alarm of each phase that alarms; `errors` where the verdict names none. */
export function eventAlarmsOf(
  plan: CanaryPlan,
  traffic: EventTraffic,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): { readonly look: number; readonly event: string }[] {
  const draws = seededDraws(seed);
  return Array.from({ length: runs }, () => firstAlarm(plan, traffic, draws)).flat();
}

function firstAlarm(plan: CanaryPlan, traffic: EventTraffic, draws: SeededDraws) {
  let state = openPhase(plan, START);
  for (let look = 1; look <= traffic.looks; look++) {
    const judged = takeLook(plan, state, drawLook(plan, traffic, { look, draws }));
    if (isHarm(judged.verdict)) return [{ look, event: judged.verdict.event ?? 'errors' }];
    state = judged.state;
  }
  return [];
}

function drawLook(
  plan: CanaryPlan,
  { requestsPerSecond, errors, events }: EventTraffic,
  { look, draws }: { readonly look: number; readonly draws: SeededDraws },
): Look {
  const requests = (requestsPerSecond * LOOK_MS) / 1000;
  const both = ({ champion, challenger }: Rates, share = 1): BothArms => ({
    champion: drawArm({ requests: requests * share * (1 - plan.percent / 100), badRate: champion }, draws),
    challenger: drawArm({ requests: (requests * share * plan.percent) / 100, badRate: challenger }, draws),
  });
  const counted = Object.entries(events).map(([name, { slices = {}, ...rates }]): [string, EventCounts] => {
    const parts = Object.entries(slices);
    const each = parts.map(([slice, own]) => [slice, both(own, 1 / parts.length)]);
    return [name, { ...both(rates), slices: Object.fromEntries(each) }];
  });
  return {
    kind: 'counts',
    at: START + look * LOOK_MS,
    ...both(errors),
    challengerDown: false,
    events: Object.fromEntries(counted),
  };
}
