import { kolmogorovTail } from './kolmogorov-tail.ts';
import { sumOf } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

export interface KolmogorovSmirnov {
  /** The exact distance of the two samples lies in [low, high]; decisions use `low`, which never over-claims. */
  readonly low: number;
  readonly high: number;
  readonly p: number;
}

/**
 * Two-sample Kolmogorov–Smirnov distance D = max |F − G| of cumulative shares, from 0 to 1, from counts of ordered bins (Smirnov,
 * Annals of Mathematical Statistics 19, 1948). `low` is the largest gap at the bins' right edges; within a bin the gap cannot
 * exceed the larger crossing of its ends, which gives `high`. `exact` says that every bin holds one distinct value, so both ends
 * meet. p is Kolmogorov's limit at √(n m / (n + m)) · `low` (see `kolmogorovTail`). Symmetric. Equal shares and one bin: `low` 0,
 * p 1. One row a side: 0 or 1, with a p that is never small. A side without rows, as when all are null: undefined.
 */
export function kolmogorovSmirnov(
  { baseline, current }: PairedCounts,
  { exact = false, designEffect = 1 }: { readonly exact?: boolean; readonly designEffect?: number } = {},
): KolmogorovSmirnov | undefined {
  const [n, m] = [sumOf(baseline), sumOf(current)];
  if (n === 0 || m === 0) return undefined;
  // Counts are cumulated as whole numbers and divided once, so that merged and single sketches agree bit for bit.
  let [below, belowCurrent, f, g, low, high] = [0, 0, 0, 0, 0, 0];
  baseline.forEach((count, bin) => {
    below += count;
    belowCurrent += current[bin] ?? 0;
    const [nextF, nextG] = [below / n, belowCurrent / m];
    low = Math.max(low, Math.abs(nextF - nextG));
    high = Math.max(high, Math.abs(nextF - g), Math.abs(nextG - f));
    [f, g] = [nextF, nextG];
  });
  const lambda = Math.sqrt((n * m) / ((n + m) * designEffect)) * low;
  return { low, high: exact ? low : Math.max(low, high), p: kolmogorovTail(lambda) };
}
