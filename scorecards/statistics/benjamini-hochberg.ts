/**
 * Adjusted p-values, from 0 to 1, in the order given: the smallest false discovery rate at which each would still count. Of T
 * tests, ascending, the i-th is min over j ≥ i of min(1, p(j) · T/j) (Benjamini and Hochberg, Journal of the Royal Statistical
 * Society B 57, 1995). A p of 0 stays 0, one p alone stays as it is, equal ones stay equal, [] gives []. What could not be tested,
 * as a column of nulls, has no p and must not be among them.
 */
export function benjaminiHochberg(ps: readonly number[]): readonly number[] {
  const descending = ps.map((p, index) => ({ p, index })).toSorted((a, b) => b.p - a.p);
  const adjusted = ps.map(() => 1);
  let least = 1;
  descending.forEach(({ p, index }, place) => {
    least = Math.min(least, p * (ps.length / (ps.length - place)));
    adjusted[index] = least;
  });
  return adjusted;
}
