import { logAddExp, logMeanExp, logSpaced } from './log-space.ts';
import type { ArmDelta, BothArms } from './verdict.ts';

export type { BothArms } from './verdict.ts';

// Bound once: every look takes some four hundred of these, and a global is slow to find within a sandbox.
const { log, log1p } = Math;

/**
 * The evidence of one question: a mixture of e-processes, one per alternative, as natural logarithms. By Ville's inequality
 * the chance that it ever reaches 1/alpha under its null is at most alpha, however often one looks (Lindon and Malek,
 * "Anytime-valid inference for multinomial count data", 2022). Always finite, so JSON keeps it bit for bit.
 */
export interface Mixture {
  readonly looks: number;
  /** ln of each alternative's process. Zeros before the first look. */
  readonly logs: readonly number[];
}

export interface Weighing {
  /** Looks planned for the phase, two or more: half of the prior weight is spread over later beginnings. Absent: no restart. */
  readonly restartLooks?: number;
  /** Exponent in (0, 1] for errors that come in bursts. Absent: 1. */
  readonly lambda?: number;
}

/** No evidence yet, for as many alternatives as the grid has. */
export function openMixture(alternatives: readonly number[]): Mixture {
  return { looks: 0, logs: alternatives.map(() => 0) };
}

/** One look more: every process takes its share of restart weight and is multiplied by its (tempered) likelihood ratio. */
export function multiply(mixture: Mixture, logRatios: readonly number[], weighing: Weighing = {}): Mixture {
  const looks = mixture.looks + 1;
  const weight = log(weightOfLook(looks, weighing.restartLooks));
  const lambda = weighing.lambda ?? 1;
  const logs = mixture.logs.map((one, index) => {
    const before = looks === 1 ? weight : logAddExp(one, weight);
    return before + lambda * (logRatios[index] ?? 0);
  });
  return { looks, logs };
}

/** ln E, the mean over the alternatives; 0 (no evidence either way) before the first look. */
export function logEvidence(mixture: Mixture): number {
  return mixture.looks === 0 ? 0 : logMeanExp(mixture.logs);
}

/**
 * ln likelihood ratios of this look's share of bad events on the challenger: each alternative risk ratio against `boundary`.
 * Zero while an arm is silent, since then the share says nothing; exactly zero when nothing was bad.
 */
export function shareLogRatios(look: BothArms, boundary: number, alternatives: readonly number[]): number[] {
  const { champion, challenger } = look;
  const silent = champion.requests === 0 || challenger.requests === 0;
  const bad = champion.bad + challenger.bad;
  if (silent || bad === 0) return alternatives.map(() => 0);
  const weighed = (ratio: number) => ratio * challenger.requests + champion.requests;
  return alternatives.map(
    (ratio) => challenger.bad * log(ratio / boundary) - bad * log(weighed(ratio) / weighed(boundary)),
  );
}

/** ln likelihood ratios of one arm's bad rate: each alternative rate against `boundary`. */
export function rateLogRatios(arm: ArmDelta, boundary: number, alternatives: readonly number[]): number[] {
  const good = arm.requests - arm.bad;
  return alternatives.map((rate) => arm.bad * log(rate / boundary) + good * (log1p(-rate) - log1p(-boundary)));
}

/** Risk ratios that count as harm, from just above the tolerated one to a thousandfold. */
export function harmRatios(tolerated: number): number[] {
  return logSpaced(1.2 * tolerated, 1000 * tolerated, 33);
}

/** Bad rates that count as harm for one arm alone. `boundary` is a rate as `rateBoundary` returns it. */
export function harmRates(boundary: number): number[] {
  const highest = Math.min(0.999, 1000 * boundary);
  return logSpaced(Math.min(1.5 * boundary, (boundary + highest) / 2), highest, 17);
}

/** Risk ratios that count as safe. */
export function safeRatios(): number[] {
  return logSpaced(0.5, 1.25, 7);
}

/** Bad rates that count as safe. */
export function safeRates(boundary: number): number[] {
  return [boundary / 10, boundary / 5, boundary / 3, boundary / 2];
}

/** A rate that a likelihood ratio can be formed against: a policy may write 0 % or 100 %, whose logarithms do not exist. */
export function rateBoundary(rate: number): number {
  return Math.min(0.99, Math.max(1e-6, rate));
}

function weightOfLook(look: number, restartLooks: number | undefined): number {
  if (restartLooks === undefined) return look === 1 ? 1 : 0;
  if (look === 1) return 0.5;
  return look <= restartLooks ? 0.5 / (restartLooks - 1) : 0;
}
