/**
 * Indices of the hypotheses rejected at `alpha`, given ln of one e-value each: the largest e-values e_(1) ≥ … ≥ e_(j) for the largest
 * j with e_(j) ≥ m / (alpha j). The e-values may depend on each other in any way. When no hypothesis is false the probability that
 * any is ever rejected is at most `alpha`, however often one looks. Empty for an empty list; ties keep their order.
 *
 * Source: Wang and Ramdas, "False discovery rate control with e-values" (JRSS B 2022).
 */
export function eBenjaminiHochberg(logs: readonly number[], alpha: number): number[] {
  const descending = logs.map((log, index) => ({ log, index })).toSorted((a, b) => b.log - a.log);
  const last = descending.findLastIndex(({ log }, rank) => log >= Math.log(logs.length / (alpha * (rank + 1))));
  return descending.slice(0, last + 1).map(({ index }) => index);
}
