import { NOT_NEGATIVE, normalPair, type Limits, type PairedEstimates } from './paired-estimates.ts';

/** Mean and variance of a sample; the variance is the unbiased one, 0 of a single value. */
export interface SampleMoments {
  readonly mean: number;
  readonly variance: number;
}

/** Means, sample variances and sample covariance of one loss per row of both models, over the same rows. */
export interface LossMoments {
  readonly rows: number;
  readonly challenger: SampleMoments;
  readonly champion?: SampleMoments;
  readonly covariance?: number;
}

/** Mean losses with normal intervals; the difference is that of row losses. Undefined with fewer than two rows. */
export function pairedMeans(
  moments: LossMoments,
  confidence = 0.95,
  limits: Limits = NOT_NEGATIVE,
): PairedEstimates | undefined {
  return transformed(moments, { confidence, limits }, (mean) => ({ value: mean, slope: 1 }));
}

/** Roots of mean squares: intervals by the delta method, d√m = dm / (2√m). A mean of 0 is exact. */
export function pairedRootMeans(moments: LossMoments, confidence = 0.95): PairedEstimates | undefined {
  return transformed(moments, { confidence, limits: NOT_NEGATIVE }, (mean) => {
    const value = Math.sqrt(mean);
    return { value, slope: value === 0 ? 0 : 1 / (2 * value) };
  });
}

function transformed(
  { rows, challenger, champion, covariance = 0 }: LossMoments,
  { confidence, limits }: { readonly confidence: number; readonly limits: Limits },
  through: (mean: number) => { readonly value: number; readonly slope: number },
): PairedEstimates | undefined {
  if (rows < 2) return undefined;
  const a = through(challenger.mean);
  const first = { value: a.value, variance: (a.slope ** 2 * challenger.variance) / rows };
  if (champion === undefined) return normalPair({ challenger: first }, confidence, limits);
  const b = through(champion.mean);
  const second = { value: b.value, variance: (b.slope ** 2 * champion.variance) / rows };
  const shared = (a.slope * b.slope * covariance) / rows;
  return normalPair({ challenger: first, champion: second, covariance: shared }, confidence, limits);
}
