import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import type { Grid, SoftsignGrid } from '../../../scorecards/drift/sketch.ts';
import { softsignBin } from '../../../scorecards/drift/softsign.ts';
import { MOST_VALUES } from './sketch-sql.ts';

/** No bin but one that a single value fills may hold more of the sample than this; else the bins are four times finer. */
const HEAVIEST_BIN = 0.01;

/**
 * The grid of a number from a sample of its finite values: value by value where the sample has at most 2,048 different ones,
 * with a softsign grid beside it for the day on which there are more; else the softsign grid alone (drift.md 2.1, 2.2). A
 * sample without any value gives exact values too: whatever comes later is counted.
 */
export function numberGrid(feature: string, sample: readonly number[]): Grid {
  const sorted = Float64Array.from(sample).toSorted();
  const softsign = softsignGrid(feature, sorted);
  return distinctIn(sorted, MOST_VALUES) > MOST_VALUES
    ? softsign
    : identified({ kind: 'values', feature, coarser: softsign });
}

function softsignGrid(feature: string, sorted: Float64Array): SoftsignGrid {
  const location = locationOf(sorted);
  const heaviest = heaviestShare(sorted, { centre: location.centre, perScale: 1 / location.scale, halfBins: 1024 });
  return identified({ kind: 'softsign', feature, ...location, halfBins: heaviest > HEAVIEST_BIN ? 4096 : 1024 });
}

function distinctIn(sorted: Float64Array, most: number): number {
  let distinct = 0;
  for (let place = 0; place < sorted.length && distinct <= most; place += 1)
    if (place === 0 || sorted[place] !== sorted[place - 1]) distinct += 1;
  return distinct;
}

/** Median and interquartile range; where that is 0 the standard deviation, else 1. Both can be computed with: finite. */
function locationOf(sorted: Float64Array): { centre: number; scale: number } {
  const centre = quantileOf(sorted, 0.5);
  const scales = [quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25), deviationOf(sorted), 1];
  return {
    centre: Number.isFinite(centre) ? centre : 0,
    scale: scales.find((scale) => scale > 0 && Number.isFinite(scale) && Number.isFinite(1 / scale)) ?? 1,
  };
}

/** Linear between the neighbours. */
function quantileOf(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** The fullest bin's share of the sample, values aside that alone are more than that. */
function heaviestShare(sorted: Float64Array, grid: Parameters<typeof softsignBin>[1]): number {
  const bins = new Map<number, number>();
  for (let from = 0, until = 0; from < sorted.length; from = until) {
    const value = sorted[from] ?? 0;
    while (until < sorted.length && sorted[until] === value) until += 1;
    const bin = softsignBin(value, grid);
    if (bin !== undefined && until - from < HEAVIEST_BIN * sorted.length)
      bins.set(bin, (bins.get(bin) ?? 0) + until - from);
  }
  return Math.max(0, ...bins.values()) / Math.max(1, sorted.length);
}

type Unidentified = Grid extends infer Each ? (Each extends Grid ? Omit<Each, 'id'> : never) : never;

/** Its id covers everything in it, numbers with all their bits. */
export function identified<const G extends Unidentified>(grid: G): G & { readonly id: string } {
  const exact = Object.entries(grid).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'number' ? value.toExponential() : value,
  ]);
  const text = canonicalJson(Object.fromEntries(exact));
  return { ...grid, id: createHash('sha256').update(text).digest('hex') };
}
