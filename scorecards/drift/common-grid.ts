import type { Grid, Sketch, SoftsignGrid } from './sketch.ts';
import { mergeSketches } from './sketch.ts';
import { softsignBin } from './softsign.ts';

/** Exact counts per value put into the bins that the SQL of the coarser grid would have given them. Nothing is read again. */
export function coarsened(sketch: Sketch, coarser: SoftsignGrid): Sketch {
  const grid = { centre: coarser.centre, perScale: 1 / coarser.scale, halfBins: coarser.halfBins };
  const counts = new Map<number, number>();
  let beyondScale = 0;
  for (const [index, value] of sketch.keys.entries()) {
    const bin = softsignBin(Number(value), grid);
    const rows = sketch.counts[index] ?? 0;
    if (bin === undefined) beyondScale += rows;
    else counts.set(bin, (counts.get(bin) ?? 0) + rows);
  }
  const keys = [...counts.keys()].toSorted((a, b) => a - b);
  return {
    ...sketch,
    grid: coarser.id,
    nonFinite: sketch.nonFinite + beyondScale,
    keys,
    counts: keys.map((key) => counts.get(key) ?? 0),
  };
}

/**
 * Sketches of one feature brought onto one grid: the frozen one, or its coarser one where a part outgrew the frozen one.
 * Throws when a sketch is of neither.
 */
export function onCommonGrid(
  grid: Grid,
  parts: readonly Sketch[],
): { readonly grid: Grid; readonly parts: readonly Sketch[] } {
  const coarser = grid.kind === 'values' ? grid.coarser : undefined;
  const stranger = parts.find((part) => part.grid !== grid.id && part.grid !== coarser?.id);
  if (stranger)
    throw new Error(
      `${grid.feature}: a sketch of grid ${stranger.grid} cannot be compared with grid ${grid.id}; count it again on that one`,
    );
  if (!coarser || parts.every((part) => part.grid === grid.id)) return { grid, parts };
  return { grid: coarser, parts: parts.map((part) => (part.grid === coarser.id ? part : coarsened(part, coarser))) };
}

/** The sum of a feature's sketches, on the finest grid that all of them have. */
export function sumOnGrid(grid: Grid, parts: readonly Sketch[]): Sketch {
  return mergeSketches(onCommonGrid(grid, parts).parts);
}
