import { plainShares } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

/**
 * L∞ distance max |p − q| on unsmoothed shares: how much the bin that changed most gained or lost, from 0 to 1 (Deza and Deza,
 * Encyclopedia of Distances, 4th ed., 2016, §14.1). Symmetric. Equal shares and one bin, which all null rows are: 0. One row a
 * side: 0 or 1. A side without rows: undefined.
 */
export function lInfinity(counts: PairedCounts): number | undefined {
  const shares = plainShares(counts);
  if (!shares) return undefined;
  return shares.baseline.reduce((most, p, bin) => Math.max(most, Math.abs(p - (shares.current[bin] ?? 0))), 0);
}
