import type { Estimate } from '../vocabulary.ts';
import { twoSidedZ } from './normal-quantile.ts';

/**
 * A share p = k/n, from 0 to 1, with its score interval (p + z²/2n ± z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n), z being the normal
 * quantile of the confidence (Wilson, Journal of the American Statistical Association 22, 1927). It stays inside [0, 1]: at k = 0
 * the lower end is 0 and the upper z²/(n + z²), at k = n the lower is n/(n + z²) and the upper 1, so one row alone excludes little.
 * No rows: undefined.
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
