import { plainShares } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';
import { curved, rootOf, samplingInterval } from './sampling-interval.ts';
import type { SamplingInterval } from './sampling-interval.ts';

export interface JensenShannon {
  /** Bits, from 0 (equal) to 1 (no bin in common). */
  readonly divergence: number;
  /** Square root of the divergence: a metric, also from 0 to 1. */
  readonly distance: number;
  /** Of the distance. */
  readonly interval: SamplingInterval;
}

/**
 * Jensen–Shannon divergence: the mean of both sides' relative entropy to their average, base 2, on unsmoothed shares with
 * 0·log 0 = 0 (Lin, IEEE Transactions on Information Theory 37, 1991), and its square root. Symmetric. Equal shares and one
 * bin, which all null rows are: 0. One row a side: 0 or 1. A side without rows: undefined.
 */
export function jensenShannon(counts: PairedCounts, designEffect = 1): JensenShannon | undefined {
  const shares = plainShares(counts);
  if (!shares) return undefined;
  const sum = shares.baseline.reduce((total, p, bin) => {
    const q = shares.current[bin] ?? 0;
    return total + surprise(p, (p + q) / 2) + surprise(q, (p + q) / 2);
  }, 0);
  const divergence = Math.min(1, Math.max(0, sum / 2));
  const interval = samplingInterval(divergence, counts, RESPONSE, designEffect);
  return interval && { divergence, distance: Math.sqrt(divergence), interval: rootOf(interval) };
}

const surprise = (share: number, average: number): number => (share === 0 ? 0 : share * Math.log2(share / average));

const RESPONSE = {
  slope: (p: number, q: number) => [Math.log2((2 * p) / (p + q)) / 2, Math.log2((2 * q) / (p + q)) / 2] as const,
  chance: curved(1 / (8 * Math.LN2)),
};
