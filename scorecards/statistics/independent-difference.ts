import type { Estimate } from '../vocabulary.ts';

/**
 * `one` − `other` for independent estimates, its interval recovered from theirs, at their confidence. For two Wilson shares
 * this is Newcombe's method 10 (Statistics in Medicine 17, 1998); for other estimates Zou and Donner's generalisation
 * (Statistics in Medicine 27, 2008). It keeps skewed intervals skewed and needs no resampling.
 */
export function independentDifference(one: Estimate, other: Estimate): Estimate {
  const value = one.value - other.value;
  return {
    value,
    low: value - Math.hypot(one.value - one.low, other.high - other.value),
    high: value + Math.hypot(one.high - one.value, other.value - other.low),
  };
}
