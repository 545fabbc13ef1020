/** ln(e^a + e^b) without overflow; `-Infinity` stands for zero and adds nothing. */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** ln of the sum of e^x over all x; `-Infinity` for an empty list. */
export function logSumExp(logs: readonly number[]): number {
  const high = logs.reduce((most, log) => Math.max(most, log), -Infinity);
  if (high === -Infinity) return -Infinity;
  return high + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - high), 0));
}

/** ln of the mean of e^x over all x, each with the same weight. */
export function logMeanExp(logs: readonly number[]): number {
  return logSumExp(logs) - Math.log(logs.length);
}

/** `count` points (at least two) from `from` to `to`, both included, with a constant ratio between neighbours. */
export function logSpaced(from: number, to: number, count: number): number[] {
  const ratio = Math.log(to / from) / (count - 1);
  return Array.from({ length: count }, (_, index) => (index === count - 1 ? to : from * Math.exp(ratio * index)));
}
