/** The same bins counted on both sides: whole numbers, equal lengths, in the same order. */
export interface PairedCounts {
  readonly baseline: readonly number[];
  readonly current: readonly number[];
}

/** Sum of whole counts; exact below 2^53. */
export const sumOf = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Without the bins that are empty on both sides: they carry no information, but would be smoothed. */
export function occupiedBins({ baseline, current }: PairedCounts): PairedCounts {
  if (baseline.length !== current.length)
    throw new RangeError(`${baseline.length} baseline bins cannot be compared with ${current.length} current bins`);
  const filled = (_: number, bin: number) => (baseline[bin] ?? 0) + (current[bin] ?? 0) > 0;
  return { baseline: baseline.filter(filled), current: current.filter(filled) };
}

/**
 * Shares of each side, with half a row added to every bin and renormalised (Jeffreys' prior for a multinomial), so that an
 * empty bin has a small share and not none. Undefined when a side has no rows.
 */
export function jeffreysShares(counts: PairedCounts): PairedCounts | undefined {
  const { baseline, current } = occupiedBins(counts);
  const [n, m] = [sumOf(baseline), sumOf(current)];
  if (n === 0 || m === 0) return undefined;
  const smoothed = (side: readonly number[], total: number) =>
    side.map((count) => (count + 0.5) / (total + side.length / 2));
  return { baseline: smoothed(baseline, n), current: smoothed(current, m) };
}

/** Shares of each side as they are; bins empty on both sides are left out. Undefined when a side has no rows. */
export function plainShares(counts: PairedCounts): PairedCounts | undefined {
  const { baseline, current } = occupiedBins(counts);
  const [n, m] = [sumOf(baseline), sumOf(current)];
  if (n === 0 || m === 0) return undefined;
  return { baseline: baseline.map((count) => count / n), current: current.map((count) => count / m) };
}
