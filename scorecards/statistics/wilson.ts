import type { Estimate } from '../vocabulary.ts';
import { twoSidedZ } from './normal-quantile.ts';

/**
 * A share k/n with its score interval (Wilson, Journal of the American Statistical Association 22, 1927), which stays inside
 * [0, 1] and is honest at 0 and 1. Undefined at n = 0.
 */
export function wilson(k: number, n: number, confidence = 0.95): Estimate | undefined {
  if (n <= 0) return undefined;
  const z = twoSidedZ(confidence);
  const value = k / n;
  const widening = 1 + (z * z) / n;
  const centre = (value + (z * z) / (2 * n)) / widening;
  const half = (z * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n))) / widening;
  return { value, low: k === 0 ? 0 : Math.max(0, centre - half), high: k === n ? 1 : Math.min(1, centre + half) };
}
