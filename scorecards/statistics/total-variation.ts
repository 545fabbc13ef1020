import { plainShares } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';
import { samplingInterval } from './sampling-interval.ts';
import type { Response, SamplingInterval } from './sampling-interval.ts';

export interface TotalVariation {
  /** Share of the rows that would have to change their bin, from 0 to 1. */
  readonly value: number;
  readonly interval: SamplingInterval;
}

/**
 * Total variation distance Σ |p − q| / 2 on unsmoothed shares (Levin and Peres, Markov Chains and Mixing Times, 2nd ed., 2017,
 * §4.1). Symmetric. Equal shares and one bin, which all null rows are: 0. One row a side: 0 or 1. A side without rows:
 * undefined.
 */
export function totalVariation(counts: PairedCounts, designEffect = 1): TotalVariation | undefined {
  const shares = plainShares(counts);
  if (!shares) return undefined;
  const sum = shares.baseline.reduce((total, p, bin) => total + Math.abs(p - (shares.current[bin] ?? 0)), 0);
  const value = Math.min(1, sum / 2);
  const interval = samplingInterval(value, counts, RESPONSE, designEffect);
  return interval && { value, interval: { low: interval.low, high: Math.min(1, interval.high) } };
}

const RESPONSE: Response = {
  slope: (p, q) => [Math.sign(p - q) / 2, Math.sign(q - p) / 2],
  /** Without drift each difference of shares is nearly normal, and its size half-normal. */
  chance: ({ baseline }, spread) => {
    const variances = baseline.map((p) => (p * (1 - p) * spread) / 4);
    const variance = variances.reduce((sum, one) => sum + one, 0);
    return {
      mean: Math.sqrt(2 / Math.PI) * variances.reduce((sum, one) => sum + Math.sqrt(one), 0),
      variance: (1 - 2 / Math.PI) * variance,
    };
  },
};
