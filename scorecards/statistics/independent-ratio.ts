import type { Estimate } from '../vocabulary.ts';

/**
 * `one` / `other` for independent estimates that are not negative, `other` above 0; the interval is recovered from theirs, at
 * their confidence (Donner and Zou, Statistical Methods in Medical Research 21, 2012). The upper end is infinite where `other`
 * may be 0.
 */
export function independentRatio(one: Estimate, other: Estimate): Estimate {
  const product = one.value * other.value;
  const below = one.low * (2 * one.value - one.low);
  const above = other.high * (2 * other.value - other.high);
  const most = one.high * (2 * one.value - one.high);
  const least = other.low * (2 * other.value - other.low);
  const root = (a: number, b: number) => Math.sqrt(Math.max(0, product * product - a * b));
  const sum = product + root(below, above);
  return {
    value: one.value / other.value,
    // As a quotient that stays finite where `above` passes through 0.
    low: sum > 0 ? below / sum : 0,
    high: least > 0 ? (product + root(most, least)) / least : Infinity,
  };
}
