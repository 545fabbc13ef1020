import { onCommonGrid } from './common-grid.ts';
import { measureDrift } from './measure.ts';
import { softsignEdge } from './softsign.ts';
import type { Grid, Sketch } from './sketch.ts';

/** One bar of each side. Counts of numbers may be parts of a row where a fine bin reaches over two bars. */
export interface Bar {
  readonly label: string;
  readonly baseline: number;
  readonly current: number;
  /** What is no ordinary value: it stands apart from the others. */
  readonly apart?: 'nulls' | 'not finite' | 'others';
}

/** What a chart of one feature shows: both sides in the same few bars. Plain JSON. */
export interface Picture {
  readonly column: string;
  readonly as: 'numbers' | 'categories';
  readonly rows: { readonly baseline: number; readonly current: number };
  readonly bars: readonly Bar[];
  /** Medians of the finite values; absent for categories. */
  readonly medians?: { readonly baseline: number; readonly current: number };
  /** From where to where nearly all finite values of both sides lie; absent for categories and where there is none. */
  readonly range?: { readonly low: number; readonly high: number };
}

/** Bars between the two that hold the tails. */
const INNER_BARS = 18;
const MOST_VALUES = 20;
const MOST_CATEGORIES = 10;
/** What lies outside of this share of either side goes into the bars of the tails. */
const TAIL = 0.005;

/** The bars of one feature; the grid is the frozen one, whichever of its two widths the sketches have. */
export function pictureOf(frozen: Grid, before: Sketch, now: Sketch): Picture {
  const common = onCommonGrid(frozen, [before, now]);
  const [baseline = before, current = now] = common.parts;
  return drawn(common.grid, baseline, current);
}

/** PSI of some rows against the whole baseline, for a trend; null where nothing can be compared. */
export function psiOf(frozen: Grid, before: Sketch, now: Sketch): number | null {
  const { grid, parts } = onCommonGrid(frozen, [before, now]);
  const [baseline = before, current = now] = parts;
  if (baseline.rows === baseline.nulls || current.rows === current.nulls) return null;
  return measureDrift('psi', { grid, baseline, current }, 1)?.value ?? null;
}

function drawn(grid: Grid, baseline: Sketch, current: Sketch): Picture {
  const rows = { baseline: baseline.rows, current: current.rows };
  const aside = [
    apart('nulls', baseline.nulls, current.nulls),
    apart('not finite', baseline.nonFinite, current.nonFinite),
  ];
  const rest = aside.filter((bar) => bar.baseline + bar.current > 0);
  if (grid.kind === 'categories') {
    const bars = [...categoryBars(baseline, current), ...rest];
    return { column: grid.feature, as: 'categories', rows, bars };
  }
  const [before, now] = [cellsOf(grid, baseline), cellsOf(grid, current)];
  const [left, right] = [quantileOf(before, 0.5), quantileOf(now, 0.5)];
  const range = rangeOf(before, now);
  return {
    column: grid.feature,
    as: 'numbers',
    rows,
    bars: [...(range ? numberBars(before, now, range) : []), ...rest],
    ...(range ? { range } : {}),
    ...(left === undefined || right === undefined ? {} : { medians: { baseline: left, current: right } }),
  };
}

const apart = (label: 'nulls' | 'not finite' | 'others', baseline: number, current: number): Bar => ({
  label,
  baseline,
  current,
  apart: label,
});

/** Rows whose value lies from `low` to `high`; the tails of a grid are open. */
interface Cell {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

function cellsOf(grid: Exclude<Grid, { kind: 'categories' }>, sketch: Sketch): readonly Cell[] {
  const cells = sketch.keys.map((key, index): Cell => ({
    ...edgesOf(grid, Number(key)),
    count: sketch.counts[index] ?? 0,
  }));
  return cells.toSorted((a, b) => a.low - b.low);
}

function edgesOf(grid: Exclude<Grid, { kind: 'categories' }>, key: number): Pick<Cell, 'low' | 'high'> {
  if (grid.kind === 'values') return { low: key, high: key };
  if (grid.kind === 'unit') return { low: key / grid.bins, high: Math.min(1, (key + 1) / grid.bins) };
  const at = (bin: number) => grid.centre + grid.scale * softsignEdge(bin, grid.halfBins);
  const low = key <= -grid.halfBins ? -Infinity : at(key - 1);
  return { low, high: key >= grid.halfBins ? Infinity : at(key) };
}

/** The middle of the cell in which the share `p` of the rows is reached; an open cell answers with its inner edge. */
function quantileOf(cells: readonly Cell[], p: number): number | undefined {
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  let below = 0;
  const found = cells.find(({ count }) => (below += count) >= p * total);
  if (!found || total === 0) return undefined;
  if (!Number.isFinite(found.low)) return found.high;
  return Number.isFinite(found.high) ? (found.low + found.high) / 2 : found.low;
}

/** Without the tails of either side, so that no outlier stretches it. */
function rangeOf(before: readonly Cell[], now: readonly Cell[]): Picture['range'] {
  const ends = [TAIL, 1 - TAIL].flatMap((share) => [quantileOf(before, share), quantileOf(now, share)]);
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? undefined : { low: Math.min(...known), high: Math.max(...known) };
}

function numberBars(
  before: readonly Cell[],
  now: readonly Cell[],
  { high, low }: NonNullable<Picture['range']>,
): readonly Bar[] {
  const values = [...new Set([...before, ...now].map(({ low }) => low))];
  const areExact = [...before, ...now].every(({ low, high }) => low === high);
  if (areExact && values.length <= MOST_VALUES) return valueBars(values, before, now);
  const width = (high - low) / INNER_BARS;
  // One value alone, or values so near to each other that a double cannot part them.
  if (!(width > 0) || low + width === low) return tailBars(low, [split(before, [low]), split(now, [low])]);
  const edges = Array.from({ length: INNER_BARS + 1 }, (_, index) => low + index * width);
  const digits = Math.max(1, Math.min(15, Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / width)) + 1));
  const shown = (value: number) => String(Number(value.toPrecision(digits)));
  const labels = [
    `below ${shown(low)}`,
    ...edges.slice(0, -1).map((edge, index) => `${shown(edge)} to ${shown(edges[index + 1] ?? high)}`),
    `from ${shown(high)}`,
  ];
  const [left, right] = [split(before, edges), split(now, edges)];
  const bars = labels.map((label, index) => ({ label, baseline: left[index] ?? 0, current: right[index] ?? 0 }));
  return bars.filter(({ baseline, current }, index) => (index > 0 && index <= INNER_BARS) || baseline + current > 0);
}

function valueBars(values: readonly number[], before: readonly Cell[], now: readonly Cell[]): readonly Bar[] {
  const countAt = (cells: readonly Cell[], value: number) => cells.find(({ low }) => low === value)?.count ?? 0;
  return values
    .toSorted((a, b) => a - b)
    .map((value) => ({ label: String(value), baseline: countAt(before, value), current: countAt(now, value) }));
}

function tailBars(edge: number, [left = [], right = []]: readonly (readonly number[])[]): readonly Bar[] {
  return [`below ${edge}`, `from ${edge}`].map((label, index) => ({
    label,
    baseline: left[index] ?? 0,
    current: right[index] ?? 0,
  }));
}

/** Rows below the first edge, between each two, and from the last on; a cell over an edge is parted by its width. */
function split(cells: readonly Cell[], edges: readonly number[]): readonly number[] {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const { count, high, low } of cells) {
    for (let bar = 0; bar <= edges.length; bar += 1) {
      const [from, until] = [edges[bar - 1] ?? -Infinity, edges[bar] ?? Infinity];
      counts[bar] = (counts[bar] ?? 0) + count * shareWithin({ low, high }, from, until);
    }
  }
  return counts;
}

function shareWithin({ low, high }: Pick<Cell, 'low' | 'high'>, from: number, until: number): number {
  if (low === high) return low >= from && low < until ? 1 : 0;
  // Nobody knows how far an open cell reaches: it belongs to where it begins.
  if (!Number.isFinite(low)) return from === -Infinity ? 1 : 0;
  if (!Number.isFinite(high)) return until === Infinity ? 1 : 0;
  return Math.max(0, Math.min(high, until) - Math.max(low, from)) / (high - low);
}

/** The categories with the largest share on either side, by their share in the baseline; all others together. */
function categoryBars(baseline: Sketch, current: Sketch): readonly Bar[] {
  const [before, now] = [countsOf(baseline), countsOf(current)];
  const share = (counts: ReadonlyMap<string, number>, key: string, rows: number) =>
    (counts.get(key) ?? 0) / Math.max(1, rows);
  const ranked = [...new Set([...before.keys(), ...now.keys()])]
    .map((label) => ({ label, left: share(before, label, baseline.rows), right: share(now, label, current.rows) }))
    .toSorted((a, b) => Math.max(b.left, b.right) - Math.max(a.left, a.right) || (a.label < b.label ? -1 : 1));
  const listed = ranked.slice(0, MOST_CATEGORIES).toSorted((a, b) => b.left - a.left || b.right - a.right);
  const bars = listed.map(({ label }) => ({ label, baseline: before.get(label) ?? 0, current: now.get(label) ?? 0 }));
  const remaining = (sketch: Sketch, side: 'baseline' | 'current') =>
    Math.max(0, sketch.rows - sketch.nulls - sketch.nonFinite - bars.reduce((sum, bar) => sum + bar[side], 0));
  const others = apart('others', remaining(baseline, 'baseline'), remaining(current, 'current'));
  return others.baseline + others.current > 0 ? [...bars, others] : bars;
}

const countsOf = (sketch: Sketch): ReadonlyMap<string, number> =>
  new Map(sketch.keys.map((key, index) => [String(key), sketch.counts[index] ?? 0]));
