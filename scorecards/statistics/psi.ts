import { chiSquareQuantile, chiSquareTail } from './chi-square-tail.ts';
import { jeffreysShares, sumOf } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

export interface Psi {
  /** Natural logarithm; 0 when both sides have equal shares, never below. */
  readonly value: number;
  /** Bins that hold rows on either side. */
  readonly bins: number;
  /** What pure chance reaches once in a thousand windows of these sizes. */
  readonly floor: number;
  readonly p: number;
}

/**
 * Population stability index Σ (q − p) ln(q/p) over smoothed shares (Siddiqi, Credit Risk Scorecards, 2006). Without drift
 * PSI / (1/n + 1/m) is nearly chi-square with B − 1 degrees of freedom (Yurdakul and Naranjo, Journal of Risk Model
 * Validation 14(4), 2020), which gives the noise floor and p. `designEffect` divides both sample sizes where rows are
 * correlated. One bin: value 0, p 1. A side without rows: undefined.
 */
export function psi(counts: PairedCounts, designEffect = 1): Psi | undefined {
  const shares = jeffreysShares(counts);
  if (!shares) return undefined;
  const value = shares.baseline.reduce((sum, p, bin) => {
    const q = shares.current[bin] ?? p;
    return sum + (q - p) * Math.log(q / p);
  }, 0);
  const bins = shares.baseline.length;
  const noise = designEffect * (1 / sumOf(counts.baseline) + 1 / sumOf(counts.current));
  return {
    value,
    bins,
    floor: chiSquareQuantile(0.001, bins - 1) * noise,
    p: chiSquareTail(value / noise, bins - 1),
  };
}
