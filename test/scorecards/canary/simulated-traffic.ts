import type { SeededDraws } from '../../seeded-draws.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { isHarm, openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import {
  harmRatios,
  logEvidence,
  multiply,
  openMixture,
  shareLogRatios,
} from '../../../scorecards/canary/share-engine.ts';
import type { ArmDelta, CanaryPlan, CanaryVerdict } from '../../../scorecards/canary/verdict.ts';
import { LOOK_MS, START } from './phases.ts';

export interface Traffic {
  readonly requestsPerSecond: number;
  readonly championRate: number;
  readonly challengerRate: number;
  /** The look from which on the challenger has its own rate; before it, it has the champion's. */
  readonly onset?: number;
  readonly looks: number;
  /** Mean size of the bursts in which bad answers come; geometric, so that phi is 2 burst - 1. Absent: one by one. */
  readonly burst?: number;
}

/** Phases of seeded traffic, Poisson arrivals and independent errors: the look of the first alarm of each, if any. */
export function alarmsOf(plan: CanaryPlan, traffic: Traffic, { runs, seed }: { runs: number; seed: number }): number[] {
  const draws = seededDraws(seed);
  const alarms = Array.from({ length: runs }, () => firstLook(plan, traffic, draws, isHarm));
  return alarms.filter((look) => look !== undefined);
}

/** The look of the first clearance of each phase, if any. */
export function clearancesOf(
  plan: CanaryPlan,
  traffic: Traffic,
  { runs, seed }: { runs: number; seed: number },
): number[] {
  const draws = seededDraws(seed);
  const looks = Array.from({ length: runs }, () => firstLook(plan, traffic, draws, ({ word }) => word === 'clear'));
  return looks.filter((look) => look !== undefined);
}

/** The middle of the values; the upper one of two. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function firstLook(
  plan: CanaryPlan,
  traffic: Traffic,
  draws: SeededDraws,
  isIt: (verdict: CanaryVerdict) => boolean,
): number | undefined {
  let state = openPhase(plan, START);
  const perLook = (traffic.requestsPerSecond * LOOK_MS) / 1000;
  const share = plan.percent / 100;
  for (let look = 1; look <= traffic.looks; look++) {
    const rate = look >= (traffic.onset ?? 0) ? traffic.challengerRate : traffic.championRate;
    const arm = (requests: number, badRate: number) => drawArm({ requests, badRate, burst: traffic.burst }, draws);
    const judged = takeLook(plan, state, {
      kind: 'counts',
      at: START + look * LOOK_MS,
      champion: arm(perLook * (1 - share), traffic.championRate),
      challenger: arm(perLook * share, rate),
      challengerDown: false,
    });
    if (isIt(judged.verdict)) return look;
    state = judged.state;
  }
  return undefined;
}

/** How many of the phases with this true risk ratio let the relative evidence ever reach 1/alpha. */
export function crossingsOf(
  tolerated: number,
  { share, rate, ratio }: { readonly share: number; readonly rate: number; readonly ratio: number },
  { runs, looks, alpha }: { readonly runs: number; readonly looks: number; readonly alpha: number },
): number {
  const draws = seededDraws(1000 * share + 100 * rate + tolerated);
  const grid = harmRatios(tolerated);
  const crosses = () => {
    let mixture = openMixture(grid);
    for (let look = 1; look <= looks; look++) {
      const arm = (requests: number, badRate: number) => ({
        requests,
        bad: Math.min(requests, poisson(requests * badRate, draws)),
      });
      const both = { champion: arm(1000 * (1 - share), rate), challenger: arm(1000 * share, rate * ratio) };
      mixture = multiply(mixture, shareLogRatios(both, tolerated, grid));
      if (logEvidence(mixture) >= Math.log(1 / alpha)) return true;
    }
    return false;
  };
  return Array.from({ length: runs }, crosses).filter(Boolean).length;
}

/** Requests of one look: Poisson arrivals, the bad ones in bursts. */
export function drawArm(
  {
    requests,
    badRate,
    burst = 1,
  }: { readonly requests: number; readonly badRate: number; readonly burst?: number | undefined },
  draws: SeededDraws,
): ArmDelta {
  const causes = poisson((requests * badRate) / burst, draws);
  let bad = 0;
  for (let cause = 0; cause < causes; cause++) bad += geometric(burst, draws);
  return { bad, requests: bad + poisson(requests * (1 - badRate), draws) };
}

/** 1, 2, 3, … with this mean. */
function geometric(mean: number, { uniform }: SeededDraws): number {
  return mean === 1 ? 1 : 1 + Math.floor(Math.log(uniform()) / Math.log1p(-1 / mean));
}

/** Knuth's product of uniforms for small means, a rounded normal for large ones. */
function poisson(mean: number, { uniform, normal }: SeededDraws): number {
  if (mean > 50) return Math.max(0, Math.round(normal(mean, Math.sqrt(mean))));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count += 1;
  return count;
}
