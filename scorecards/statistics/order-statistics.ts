export interface QuantileRanks {
  /** Place of the quantile itself in the ascending sample, from 1. */
  readonly at: number;
  /** Ends of the interval as places; 0: below every value seen, n + 1: above every value seen. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Which order statistics estimate a quantile of n independent values and enclose it with the given confidence, whatever the
 * distribution: the number of values below it is binomial (David and Nagaraja, Order Statistics, 3rd ed., §7.1). Each end is
 * missed with at most half of 1 − confidence. At n = 0 all places are outside the sample.
 */
export function quantileRanks(n: number, share: number, confidence = 0.95): QuantileRanks {
  const miss = (1 - confidence) / 2;
  let [lower, upper, below] = [0, n + 1, 0];
  let logMass = n * Math.log1p(-share);
  const logOdds = Math.log(share / (1 - share));
  for (let k = 0; k <= n; k++) {
    below += Math.exp(logMass);
    if (below <= miss) lower = k + 1;
    if (below >= 1 - miss && k + 1 < upper) upper = k + 1;
    logMass += logOdds + Math.log((n - k) / (k + 1));
  }
  return { at: Math.max(1, Math.ceil(n * share - 1e-9)), lower, upper };
}
