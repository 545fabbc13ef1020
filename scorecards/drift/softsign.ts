/**
 * The bin that the SQL of the sketch gives to x, bit for bit: round(halfBins · y / (1 + |y|)), ties to even, with
 * y = (x − centre) · perScale. From −halfBins to +halfBins; undefined is its NULL: not finite, or too large to scale.
 * `perScale` is 1 / scale, computed once: the very number that the SQL carries.
 */
export function softsignBin(
  x: number,
  grid: { readonly centre: number; readonly perScale: number; readonly halfBins: number },
) {
  const y = (x - grid.centre) * grid.perScale;
  const scaled = grid.halfBins * (y / (1 + Math.abs(y)));
  if (!Number.isFinite(scaled)) return undefined;
  const down = Math.floor(scaled);
  const rest = scaled - down;
  if (rest !== 0.5) return toZero(rest < 0.5 ? down : down + 1);
  return toZero(down % 2 === 0 ? down : down + 1);
}

/** −0 and 0 are one bin. */
const toZero = (bin: number): number => bin + 0;

/** Right edge of a softsign bin in scales from the centre: u = (bin + ½) / halfBins, y = u / (1 − |u|). */
export function softsignEdge(bin: number, halfBins: number): number {
  const u = (bin + 0.5) / halfBins;
  return u / (1 - Math.abs(u));
}
