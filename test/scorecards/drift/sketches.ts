import { softsignBin } from '../../../scorecards/drift/softsign.ts';
import type { Grid, Sketch } from '../../../scorecards/drift/sketch.ts';

/** Grids and sketches of small worlds, counted in memory as the data store counts them in SQL. */
export const softsign = (feature: string, centre = 0, scale = 1.349): Extract<Grid, { kind: 'softsign' }> => ({
  kind: 'softsign',
  id: `${feature}-softsign`,
  feature,
  centre,
  scale,
  halfBins: 1024,
});
export const exactValues = (feature: string): Grid => ({ kind: 'values', id: `${feature}-values`, feature });
export const categories = (feature: string, known: readonly string[] = []): Grid => ({
  kind: 'categories',
  id: `${feature}-categories`,
  feature,
  known,
});

type Value = number | string | null;

export function sketchOf(grid: Grid, values: readonly Value[]): Sketch {
  const counts = new Map<number | string, number>();
  const keyOf = keysOn(grid);
  let [nulls, nonFinite] = [0, 0];
  for (const value of values) {
    const key = value === null ? null : keyOf(value);
    if (key === null) nulls++;
    else if (key === undefined) nonFinite++;
    else counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return sketchFrom(grid, Object.fromEntries(counts), { nulls, nonFinite });
}

function keysOn(grid: Grid): (value: number | string) => number | string | undefined {
  if (grid.kind === 'unit') return (value) => Math.floor(grid.bins * Number(value));
  if (grid.kind !== 'softsign') return (value) => (Number.isNaN(value) ? undefined : value);
  const binning = { ...grid, perScale: 1 / grid.scale };
  return (value) => softsignBin(Number(value), binning);
}

/** From counts by key; keys that look like numbers are numbers, but for categories. */
export function sketchFrom(
  grid: Grid,
  counted: Readonly<Record<string, number>>,
  { nulls = 0, nonFinite = 0, other = 0 }: Partial<Pick<Sketch, 'nulls' | 'nonFinite' | 'other'>> = {},
): Sketch {
  const entries = Object.entries(counted)
    .map(([key, count]) => ({ key: grid.kind === 'categories' ? key : Number(key), count }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const counts = entries.map(({ count }) => count);
  const rows = counts.reduce((sum, count) => sum + count, 0) + nulls + nonFinite + other;
  return { grid: grid.id, rows, nulls, nonFinite, other, keys: entries.map(({ key }) => key), counts };
}

/** The same sketch `times` over: equal shares, more rows. */
export const scaled = (sketch: Sketch, times: number): Sketch => ({
  ...sketch,
  rows: sketch.rows * times,
  nulls: sketch.nulls * times,
  nonFinite: sketch.nonFinite * times,
  other: sketch.other * times,
  counts: sketch.counts.map((count) => count * times),
});
