import type { Estimate } from '../vocabulary.ts';
import { twoSidedZ } from './normal-quantile.ts';

/** The same quantity of both models on the same rows. Without a champion only the challenger's is there. */
export interface PairedEstimates {
  readonly challenger: Estimate;
  readonly champion?: Estimate;
  /** challenger − champion, with the interval of the paired difference. */
  readonly difference?: Estimate;
}

/** The ends of an interval never leave [`least`, `most`]. */
export interface Limits {
  readonly least: number;
  readonly most: number;
}

/** What a share can be. */
export const SHARE: Limits = { least: 0, most: 1 };
/** What a mean of losses can be. */
export const NOT_NEGATIVE: Limits = { least: 0, most: Number.POSITIVE_INFINITY };
/** What may be anything: money that is earned or lost. */
export const UNBOUNDED: Limits = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

/** Below this share of the variance a difference of variances is the rounding of sums of doubles: the models are the same. */
const ROUNDING = 1e-12;

/** value ± z · standard error. */
function normalEstimate(value: number, variance: number, confidence: number, limits: Limits = UNBOUNDED): Estimate {
  const half = twoSidedZ(confidence) * Math.sqrt(Math.max(0, variance));
  return { value, low: Math.max(limits.least, value - half), high: Math.min(limits.most, value + half) };
}

/** Values and the variances and covariance of their estimators. */
export interface PairedValues {
  readonly challenger: { readonly value: number; readonly variance: number };
  readonly champion?: { readonly value: number; readonly variance: number };
  readonly covariance?: number;
}

/** Normal intervals of both values and of their difference: Var(a − b) = Var a + Var b − 2 Cov(a, b). */
export function normalPair(values: PairedValues, confidence: number, limits: Limits = UNBOUNDED): PairedEstimates {
  const { challenger: a, champion: b, covariance = 0 } = values;
  const challenger = normalEstimate(a.value, a.variance, confidence, limits);
  if (b === undefined) return { challenger };
  const width = limits.most - limits.least;
  const apart = a.variance + b.variance - 2 * covariance;
  return {
    challenger,
    champion: normalEstimate(b.value, b.variance, confidence, limits),
    difference: normalEstimate(a.value - b.value, apart < ROUNDING * a.variance ? 0 : apart, confidence, {
      least: -width,
      most: width,
    }),
  };
}
