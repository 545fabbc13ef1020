import { sumOf } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

export interface Wasserstein {
  /** In the unit of the places. */
  readonly value: number;
  /** The exact distance of the two samples lies in [low, high]; both are `value` where no bin has a width. */
  readonly low: number;
  readonly high: number;
}

/** Where the rows of each bin lie: somewhere from `left` to `right`, ascending; equal ends are one value. */
export interface Places {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/**
 * Wasserstein-1 distance ∫ |F − G| from counts of ordered bins, in the unit of the places (Vallender, Theory of Probability and
 * its Applications 18, 1974). Between bins both cumulative shares are flat, so the integral is exact there; inside a bin of
 * width w it is taken as the trapezoid of its ends and can err by w · max(p, q) at most: two sides with equal shares in a bin
 * may still sit at opposite ends of it. Symmetric. Equal values: 0. One row a side: the gap between the two. A side without
 * rows, all null, or places whose distance is not finite: undefined.
 */
export function wasserstein({ baseline, current }: PairedCounts, { left, right }: Places): Wasserstein | undefined {
  const [n, m] = [sumOf(baseline), sumOf(current)];
  if (n === 0 || m === 0) return undefined;
  let [below, belowCurrent, gap, value, error, end] = [0, 0, 0, 0, 0, left[0] ?? Number.NaN];
  baseline.forEach((count, bin) => {
    const [from, until] = [left[bin] ?? Number.NaN, right[bin] ?? Number.NaN];
    value += gap * (from - end);
    below += count;
    belowCurrent += current[bin] ?? 0;
    const next = Math.abs(below / n - belowCurrent / m);
    value += ((gap + next) / 2) * (until - from);
    error += (until - from) * Math.max(count / n, (current[bin] ?? 0) / m);
    [gap, end] = [next, until];
  });
  if (!Number.isFinite(value + error)) return undefined;
  return { value, low: Math.max(0, value - error), high: value + error };
}
