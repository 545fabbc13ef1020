import { twoSidedZ } from './normal-quantile.ts';
import { jeffreysShares, sumOf } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';

/** Where the distance between the two populations lies, with a confidence of 95 %. Always holds the measured value. */
export interface SamplingInterval {
  readonly low: number;
  readonly high: number;
}

/** How a distance D of shares p (baseline) and q (current) answers to their errors. */
export interface Response {
  /** ∂D/∂p and ∂D/∂q of one bin. */
  readonly slope: (p: number, q: number) => readonly [baseline: number, current: number];
  /** What D is worth by chance alone, given the shares and 1/n + 1/m: its mean and variance when nothing drifted. */
  readonly chance: (shares: PairedCounts, spread: number) => { readonly mean: number; readonly variance: number };
}

const Z = twoSidedZ(0.95);

/**
 * The interval by the delta method (Bishop, Fienberg and Holland, Discrete Multivariate Analysis, 1975, §14.6), to which the
 * part that chance alone adds is joined: close to equality D has no slope, and what is measured there is chance. The mean of
 * chance is taken off the lower end only, so that the interval never leaves the measured value out. Shares are smoothed, so
 * that an empty bin has a slope. A side without rows: undefined.
 */
export function samplingInterval(
  value: number,
  counts: PairedCounts,
  { slope, chance }: Response,
  designEffect: number,
): SamplingInterval | undefined {
  const shares = jeffreysShares(counts);
  if (!shares) return undefined;
  const [n, m] = [sumOf(counts.baseline) / designEffect, sumOf(counts.current) / designEffect];
  const slopes = shares.baseline.map((p, bin) => slope(p, shares.current[bin] ?? p));
  const ofBaseline = slopes.map(([baseline]) => baseline);
  const ofCurrent = slopes.map(([, current]) => current);
  const { mean, variance } = chance(shares, 1 / n + 1 / m);
  const error = varianceOf(shares.baseline, ofBaseline) / n + varianceOf(shares.current, ofCurrent) / m + variance;
  const half = Z * Math.sqrt(error);
  return { low: Math.max(0, value - mean - half), high: value + half };
}

/** Of a value that takes `values` with probabilities `shares`. */
function varianceOf(shares: readonly number[], values: readonly number[]): number {
  const mean = shares.reduce((sum, share, bin) => sum + share * (values[bin] ?? 0), 0);
  return shares.reduce((sum, share, bin) => sum + share * ((values[bin] ?? 0) - mean) ** 2, 0);
}

/**
 * Chance of a distance that is nearly `curvature` · Σ (q − p)²/p close to equality, as every smooth one is: that sum is
 * (1/n + 1/m) times a chi-square variable with B − 1 degrees of freedom.
 */
export const curved =
  (curvature: number): Response['chance'] =>
  ({ baseline }, spread) => {
    const unit = curvature * spread;
    return { mean: unit * (baseline.length - 1), variance: 2 * unit * unit * (baseline.length - 1) };
  };

/** The interval of √D from that of D, where √D is at most 1. */
export const rootOf = (interval: SamplingInterval): SamplingInterval => ({
  low: Math.sqrt(interval.low),
  high: Math.min(1, Math.sqrt(interval.high)),
});
