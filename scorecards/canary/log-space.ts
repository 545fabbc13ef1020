// Bound once: every look takes some four hundred of these, and a global is slow to find within a sandbox.
const { exp, log, log1p, max } = Math;

/** ln(e^a + e^b) without overflow; `-Infinity` stands for zero and adds nothing. */
export function logAddExp(a: number, b: number): number {
  const high = max(a, b);
  const low = Math.min(a, b);
  return low === -Infinity ? high : high + log1p(exp(low - high));
}

/** ln of the sum of e^x over all x; `-Infinity` for an empty list. */
export function logSumExp(logs: readonly number[]): number {
  const high = logs.reduce((most, one) => max(most, one), -Infinity);
  if (high === -Infinity) return -Infinity;
  return high + log(logs.reduce((sum, one) => sum + exp(one - high), 0));
}

/** ln of the mean of e^x over all x, each with the same weight. */
export function logMeanExp(logs: readonly number[]): number {
  return logSumExp(logs) - log(logs.length);
}

/** `count` points (at least two) from `from` to `to`, both included, with a constant ratio between neighbours. */
export function logSpaced(from: number, to: number, count: number): number[] {
  const ratio = log(to / from) / (count - 1);
  return Array.from({ length: count }, (_, index) => (index === count - 1 ? to : from * exp(ratio * index)));
}
