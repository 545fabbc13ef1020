import { jeffreysShares } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';
import { curved, samplingInterval } from './sampling-interval.ts';
import type { SamplingInterval } from './sampling-interval.ts';

export interface KullbackLeibler {
  /** Nats; 0 for equal shares, never below. */
  readonly value: number;
  readonly interval: SamplingInterval;
}

/**
 * KL(current ‖ baseline) = Σ q ln(q/p) over smoothed shares, in nats (Kullback and Leibler, Annals of Mathematical Statistics
 * 22, 1951). Not symmetric: it asks how surprising today's rows are to someone who knows the baseline. Equal shares and one
 * bin, which all null rows are: 0. One row a side: finite, with a wide interval. A side without rows: undefined.
 */
export function kullbackLeibler(counts: PairedCounts, designEffect = 1): KullbackLeibler | undefined {
  const shares = jeffreysShares(counts);
  if (!shares) return undefined;
  const sum = shares.current.reduce((total, q, bin) => total + q * Math.log(q / (shares.baseline[bin] ?? q)), 0);
  const value = Math.max(0, sum);
  const interval = samplingInterval(value, counts, RESPONSE, designEffect);
  return interval && { value, interval };
}

const RESPONSE = {
  slope: (p: number, q: number) => [-q / p, Math.log(q / p) + 1] as const,
  chance: curved(1 / 2),
};
