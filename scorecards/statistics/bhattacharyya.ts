import { plainShares } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

/**
 * Bhattacharyya distance −ln Σ √(p q) on unsmoothed shares, in nats, from 0 without an upper end (Bhattacharyya, Bulletin of the
 * Calcutta Mathematical Society 35, 1943). Symmetric. Equal shares and one bin, which all null rows are: 0. One row a side: 0,
 * or undefined as for all sides without a bin in common, which lie infinitely far apart. A side without rows: undefined.
 */
export function bhattacharyya(counts: PairedCounts): number | undefined {
  const shares = plainShares(counts);
  if (!shares) return undefined;
  const overlap = shares.baseline.reduce((sum, p, bin) => sum + Math.sqrt(p * (shares.current[bin] ?? 0)), 0);
  return overlap === 0 ? undefined : Math.max(0, -Math.log(Math.min(1, overlap)));
}
