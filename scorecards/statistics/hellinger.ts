import { plainShares } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';
import { curved, rootOf, samplingInterval } from './sampling-interval.ts';
import type { SamplingInterval } from './sampling-interval.ts';

export interface Hellinger {
  /** From 0 (equal) to 1 (no bin in common). */
  readonly value: number;
  readonly interval: SamplingInterval;
}

/**
 * Hellinger distance √(1 − Σ √(p q)) on unsmoothed shares, without unit (Hellinger, Journal für die reine und angewandte
 * Mathematik 136, 1909). Symmetric. Equal shares and one bin, which all null rows are: 0. One row a side: 0 or 1. A side
 * without rows: undefined.
 */
export function hellinger(counts: PairedCounts, designEffect = 1): Hellinger | undefined {
  const shares = plainShares(counts);
  if (!shares) return undefined;
  // The same number as 1 − Σ √(p q), but it is exactly 0 for equal shares and keeps its digits close to them.
  const squared = shares.baseline.reduce(
    (sum, p, bin) => sum + (Math.sqrt(p) - Math.sqrt(shares.current[bin] ?? 0)) ** 2 / 2,
    0,
  );
  const interval = samplingInterval(Math.min(1, squared), counts, RESPONSE, designEffect);
  return interval && { value: Math.min(1, Math.sqrt(squared)), interval: rootOf(interval) };
}

const RESPONSE = {
  slope: (p: number, q: number) => [-Math.sqrt(q / p) / 2, -Math.sqrt(p / q) / 2] as const,
  chance: curved(1 / 8),
};
