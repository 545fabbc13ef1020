import { sumOf } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

export interface JensenShannon {
  /** Bits, from 0 (equal) to 1 (no bin in common). */
  readonly divergence: number;
  /** Square root of the divergence: a metric, also from 0 to 1. */
  readonly distance: number;
}

/**
 * Jensen–Shannon divergence: the mean of both sides' relative entropy to their average, base 2, on unsmoothed shares with
 * 0·log 0 = 0 (Lin, IEEE Transactions on Information Theory 37, 1991). Undefined when a side has no rows.
 */
export function jensenShannon({ baseline, current }: PairedCounts): JensenShannon | undefined {
  const [n, m] = [sumOf(baseline), sumOf(current)];
  if (n === 0 || m === 0) return undefined;
  const sum = baseline.reduce((total, count, bin) => {
    const [p, q] = [count / n, (current[bin] ?? 0) / m];
    return total + surprise(p, (p + q) / 2) + surprise(q, (p + q) / 2);
  }, 0);
  const divergence = Math.min(1, Math.max(0, sum / 2));
  return { divergence, distance: Math.sqrt(divergence) };
}

const surprise = (share: number, average: number): number => (share === 0 ? 0 : share * Math.log2(share / average));
