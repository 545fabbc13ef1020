import { chiSquareTail } from './chi-square-tail.ts';
import { occupiedBins, sumOf } from './paired-counts.ts';
import type { PairedCounts } from './paired-counts.ts';
import { curved, rootOf, samplingInterval } from './sampling-interval.ts';
import type { Response, SamplingInterval } from './sampling-interval.ts';

export interface CramersV {
  /** From 0 (equal shares) to 1. */
  readonly value: number;
  readonly interval: SamplingInterval;
  readonly chiSquare: number;
  readonly degrees: number;
  readonly p: number;
}

const LEAST_EXPECTED = 5;

/**
 * Pearson's chi-square of the 2 × B table (the baseline is a sample too), without continuity correction, and
 * V = √(X² / (N + M)) (Cramér, Mathematical Methods of Statistics, 1946, §21.9). Cells with an expected count below five are
 * pooled first (Cochran, Biometrics 10, 1954). Without unit; symmetric. Equal shares: X² 0, p 1. One row a side, all null or
 * any other single bin: value 0, p 1. A side without rows: undefined.
 */
export function cramersV(counts: PairedCounts, designEffect = 1): CramersV | undefined {
  const { baseline, current } = poolRare(occupiedBins(counts));
  const [n, m] = [sumOf(baseline), sumOf(current)];
  if (n === 0 || m === 0) return undefined;
  const chiSquare = baseline.reduce((sum, count, bin) => {
    const other = current[bin] ?? 0;
    const [expected, otherExpected] = [((count + other) * n) / (n + m), ((count + other) * m) / (n + m)];
    return sum + (count - expected) ** 2 / expected + (other - otherExpected) ** 2 / otherExpected;
  }, 0);
  const degrees = baseline.length - 1;
  const squared = Math.min(1, chiSquare / (n + m));
  const interval = samplingInterval(squared, { baseline, current }, responseOf(n, m), designEffect);
  if (!interval) return undefined;
  return {
    value: Math.sqrt(squared),
    interval: rootOf(interval),
    chiSquare,
    degrees,
    p: chiSquareTail(chiSquare / designEffect, degrees),
  };
}

/** One last bin takes every bin whose expected count is below five on either side. */
function poolRare({ baseline, current }: PairedCounts): PairedCounts {
  const [n, m] = [sumOf(baseline), sumOf(current)];
  const smaller = Math.min(n, m) / (n + m);
  const rare = baseline.map((count, bin) => (count + (current[bin] ?? 0)) * smaller < LEAST_EXPECTED);
  if (!rare.includes(true)) return { baseline, current };
  const pooled = (side: readonly number[]) => [
    ...side.filter((_, bin) => !rare[bin]),
    sumOf(side.filter((_, bin) => rare[bin])),
  ];
  return { baseline: pooled(baseline), current: pooled(current) };
}

/** Of V² = nm/(n+m)² · Σ (q − p)² / a, a being the share of both sides together. */
function responseOf(n: number, m: number): Response {
  const [ofBaseline, ofCurrent] = [n / (n + m), m / (n + m)];
  const weight = ofBaseline * ofCurrent;
  return {
    slope: (p, q) => {
      const away = (q - p) / (ofBaseline * p + ofCurrent * q);
      return [weight * (-2 * away - away * away * ofBaseline), weight * (2 * away - away * away * ofCurrent)];
    },
    chance: curved(weight),
  };
}
