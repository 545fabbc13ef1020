/**
 * Adjusted p-values, in the order given: the smallest false discovery rate at which each would still count
 * (Benjamini and Hochberg, Journal of the Royal Statistical Society B 57, 1995). Equal p-values stay equal; [] gives [].
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
