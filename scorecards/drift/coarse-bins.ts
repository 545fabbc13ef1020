import type { PairedCounts } from '../statistics/paired-counts.ts';
import { sumOf } from '../statistics/paired-counts.ts';
import type { Grid, Sketch } from './sketch.ts';

const QUANTILE_BINS = 10;
const MOST_VALUES = 20;
const MOST_CATEGORIES = 1000;
const LEAST_EXPECTED = 5;

/**
 * Both sides counted in the coarse bins that PSI, KL, JS and Cramér's V read, decided by the baseline alone: ten bins by
 * quantile for numbers; one bin per value plus one for unseen values for numbers with at most twenty values; one bin per
 * category, the rare ones pooled, plus one for unseen categories. Nulls and non-finite values are bins of their own.
 */
export function coarseCounts(grid: Grid, baseline: Sketch, current: Sketch): PairedCounts {
  const binned = binKeys(grid, baseline, current);
  return {
    baseline: [...binned.baseline, baseline.nulls, baseline.nonFinite],
    current: [...binned.current, current.nulls, current.nonFinite],
  };
}

function binKeys(grid: Grid, baseline: Sketch, current: Sketch): PairedCounts {
  if (grid.kind === 'categories') return countCategories(baseline, current);
  if (grid.kind === 'values' && baseline.keys.length <= MOST_VALUES)
    return countValues(baseline.keys, baseline, current);
  const cuts = quantileCuts(baseline);
  return { baseline: countBetween(cuts, baseline), current: countBetween(cuts, current) };
}

/**
 * At most nine keys that split the baseline's finite rows into ten near-equal parts: bin j holds the keys above cuts[j − 1],
 * up to and including cuts[j]. Each cut is the key whose cumulative count is nearest to its decile, but never the last key,
 * which would leave a bin that the baseline cannot fill. A heavy value takes several deciles, so there may be fewer bins.
 */
export function quantileCuts(baseline: Sketch): readonly number[] {
  let total = 0;
  const edges = ascendingCells(baseline).map(([key, count]) => ({ key, below: (total += count) }));
  const inner = edges.slice(0, -1);
  const deciles = Array.from({ length: QUANTILE_BINS - 1 }, (_, place) => (total * (place + 1)) / QUANTILE_BINS);
  const nearest = (target: number) => {
    const place = inner.findIndex(({ below }) => below >= target);
    const [before, after] = [inner.at(place < 0 ? -1 : Math.max(0, place - 1)), inner[place]];
    return before && after && target - before.below < after.below - target ? before : (after ?? before);
  };
  return [...new Set(deciles.flatMap((target) => nearest(target)?.key ?? []))];
}

/** The cells of a sketch of numbers, by key. */
function ascendingCells(sketch: Sketch): readonly (readonly [key: number, count: number])[] {
  return sketch.keys
    .map((key, index): readonly [number, number] => [Number(key), sketch.counts[index] ?? 0])
    .toSorted(([left], [right]) => left - right);
}

function countBetween(cuts: readonly number[], sketch: Sketch): readonly number[] {
  const counts = Array.from({ length: cuts.length + 1 }, () => 0);
  let bin = 0;
  for (const [key, count] of ascendingCells(sketch)) {
    while (bin < cuts.length && key > (cuts[bin] ?? Infinity)) bin++;
    counts[bin] = (counts[bin] ?? 0) + count;
  }
  return counts;
}

/** One bin per listed key, and a last one for all others. */
function countValues(list: readonly (number | string)[], baseline: Sketch, current: Sketch): PairedCounts {
  const place = new Map(list.map((key, bin) => [key, bin]));
  const count = (sketch: Sketch) => {
    const counts = Array.from({ length: list.length + 1 }, (_, bin) => (bin === list.length ? sketch.other : 0));
    sketch.keys.forEach((key, index) => {
      const bin = place.get(key) ?? list.length;
      counts[bin] = (counts[bin] ?? 0) + (sketch.counts[index] ?? 0);
    });
    return counts;
  };
  return { baseline: count(baseline), current: count(current) };
}

/** Listed categories whose expected count is below five on either side share one bin; unseen ones keep theirs. */
function countCategories(baseline: Sketch, current: Sketch): PairedCounts {
  const counted = countValues(listCategories(baseline), baseline, current);
  const smaller = Math.min(baseline.rows, current.rows) / Math.max(1, baseline.rows + current.rows);
  const unseen = counted.baseline.length - 1;
  const isRare = (bin: number) =>
    bin !== unseen && ((counted.baseline[bin] ?? 0) + (counted.current[bin] ?? 0)) * smaller < LEAST_EXPECTED;
  const pool = (side: readonly number[]) => [
    ...side.filter((_, bin) => !isRare(bin)),
    sumOf(side.filter((_, bin) => isRare(bin))),
  ];
  return { baseline: pool(counted.baseline), current: pool(counted.current) };
}

/** The baseline's most frequent categories; equal counts by name, so that the list never depends on the order of rows. */
function listCategories(baseline: Sketch): readonly (number | string)[] {
  if (baseline.keys.length <= MOST_CATEGORIES) return baseline.keys;
  return baseline.keys
    .map((key, index) => ({ key, count: baseline.counts[index] ?? 0 }))
    .toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, MOST_CATEGORIES)
    .map(({ key }) => key);
}

/** Both sides on the finest common keys, ascending; finite values only. What Kolmogorov–Smirnov and Wasserstein read. */
export function fineCounts(baseline: Sketch, current: Sketch): PairedCounts & { readonly keys: readonly number[] } {
  const [left, right] = [new Map(ascendingCells(baseline)), new Map(ascendingCells(current))];
  const keys = [...new Set([...left.keys(), ...right.keys()])].toSorted((a, b) => a - b);
  return { keys, baseline: keys.map((key) => left.get(key) ?? 0), current: keys.map((key) => right.get(key) ?? 0) };
}

/** Rows of each side with a category that the baseline's list does not hold, and rows with any category. */
export function unseenCounts(baseline: Sketch, current: Sketch) {
  const counted = countValues(listCategories(baseline), baseline, current);
  const of = (side: readonly number[]) => ({ unseen: side.at(-1) ?? 0, rows: sumOf(side) });
  return { baseline: of(counted.baseline), current: of(counted.current) };
}
