import { jeffreysShares } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

/**
 * KL(current ‖ baseline) = Σ q ln(q/p) over smoothed shares, in nats (Kullback and Leibler, 1951). Not symmetric: it asks how
 * surprising today's rows are to someone who knows the baseline. 0 for equal shares; undefined when a side has no rows.
 */
export function kullbackLeibler(counts: PairedCounts): number | undefined {
  const shares = jeffreysShares(counts);
  if (!shares) return undefined;
  const sum = shares.current.reduce((total, q, bin) => total + q * Math.log(q / (shares.baseline[bin] ?? q)), 0);
  return Math.max(0, sum);
}
