import { jeffreysShares, sumOf } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';
import { psiNoise } from './psi-noise.ts';
import { curved, samplingInterval } from './sampling-interval.ts';
import type { SamplingInterval } from './sampling-interval.ts';

export interface Psi {
  /** Natural logarithm; 0 when both sides have equal shares, never below. */
  readonly value: number;
  readonly interval: SamplingInterval;
  /** Bins that hold rows on either side. */
  readonly bins: number;
  /** What pure chance reaches once in a thousand windows of these sizes. */
  readonly floor: number;
  readonly p: number;
}

/**
 * Population stability index Σ (q − p) ln(q/p) over smoothed shares, in nats (Siddiqi, Credit Risk Scorecards, 2006), with its
 * sampling interval and its place in the distribution it has without drift (see `psiNoise`). Symmetric. `designEffect` divides
 * both sample sizes where rows are correlated. Equal shares: 0. One row a side: finite, with a floor that nothing exceeds. One
 * bin, which all null rows are: value 0, p 1. A side without rows: undefined.
 */
export function psi(counts: PairedCounts, designEffect = 1): Psi | undefined {
  const shares = jeffreysShares(counts);
  if (!shares) return undefined;
  const value = shares.baseline.reduce((sum, p, bin) => {
    const q = shares.current[bin] ?? p;
    return sum + (q - p) * Math.log(q / p);
  }, 0);
  const interval = samplingInterval(value, counts, RESPONSE, designEffect);
  if (!interval) return undefined;
  const bins = shares.baseline.length;
  const spread = designEffect * (1 / sumOf(counts.baseline) + 1 / sumOf(counts.current));
  const { floor, p } = psiNoise(value, bins, spread);
  return { value, interval, bins, floor, p };
}

const RESPONSE = {
  slope: (p: number, q: number) => [Math.log(p / q) + 1 - q / p, Math.log(q / p) + 1 - p / q] as const,
  chance: curved(1),
};
