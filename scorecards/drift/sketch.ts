import type { FileRef, Span } from '../vocabulary.ts';

/** One bucket (24 h by default) of one dataset: all its files, so that a changed file changes the key. */
export interface Partition {
  readonly dataset: 'observations' | 'labels' | 'training';
  readonly bucket: Span;
  readonly files: readonly PartitionFile[];
}

/** A file as it was listed. */
export interface PartitionFile extends Pick<FileRef, 'path' | 'bytes'> {
  /** Its content, where that is known without reading it. */
  readonly sha256?: string;
  /** Size, times of change and inode in one text: while it is the same, nobody has written to the file. */
  readonly stamp?: string;
}

/** What is known of a partition besides its sketches; quality findings read this. */
export interface PartitionFacts {
  readonly bucket: Span;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly newestEvent?: string;
  /** Rows of its files that lie in no bucket these files belong to, or have no time at all: nobody counts them. Absent: none. */
  readonly strays?: {
    readonly column: string;
    readonly rows: number;
    /** Of those that have a time. */
    readonly first?: string;
    readonly last?: string;
  };
}

/** Bins of a frozen width around a frozen centre; the outermost two have no outer edge, so no outlier leaves the grid. */
export interface SoftsignGrid {
  readonly kind: 'softsign';
  readonly id: string;
  readonly feature: string;
  readonly centre: number;
  readonly scale: number;
  /** Bins run from −halfBins to +halfBins. */
  readonly halfBins: 1024 | 4096;
}

/** Where the counts of one feature are kept; frozen with the feature. */
export type Grid =
  | SoftsignGrid
  | {
      readonly kind: 'values';
      readonly id: string;
      readonly feature: string;
      /** Where a partition is counted that has more than 2,048 different values; the others are coarsened onto it. */
      readonly coarser?: SoftsignGrid;
    }
  | { readonly kind: 'categories'; readonly id: string; readonly feature: string; readonly known: readonly string[] }
  | { readonly kind: 'unit'; readonly id: string; readonly feature: string; readonly bins: 1024 | 256 };

/** Exact counts of one feature over some rows; sums of sketches are exact too. */
export interface Sketch {
  /** Id of the grid; for a `values` grid also that of its coarser one. */
  readonly grid: string;
  readonly rows: number;
  readonly nulls: number;
  /** NaN, infinities, and numbers so large that they cannot be scaled. */
  readonly nonFinite: number;
  /** Ascending; whole counts below 2^53. */
  readonly keys: readonly (number | string)[];
  readonly counts: readonly number[];
  /** Rows of categories beyond the cap; 0 for numbers. */
  readonly other: number;
  /** Present with `other`: how many categories those rows have, and that none of them has more than `cut` rows. */
  readonly beyond?: { readonly atLeast: number; readonly atMost: number; readonly cut: number };
}

/** Addition: associative, commutative, exact. Throws on sketches of different grids: they can only be counted again. */
export function mergeSketches(parts: readonly Sketch[]): Sketch {
  const [first] = parts;
  if (!first) throw new Error('mergeSketches was given no sketch');
  const stranger = parts.find((part) => part.grid !== first.grid);
  if (stranger) throw new Error(`cannot add sketches of grid ${stranger.grid} and grid ${first.grid}`);
  const sum = (field: 'rows' | 'nulls' | 'nonFinite' | 'other') =>
    parts.reduce((total, part) => total + part[field], 0);
  const beyond = parts.flatMap((part) => part.beyond ?? []);
  return {
    grid: first.grid,
    rows: sum('rows'),
    nulls: sum('nulls'),
    nonFinite: sum('nonFinite'),
    other: sum('other'),
    ...(sumOfBins(parts) ?? sumOfKeys(parts)),
    ...(beyond.length === 0
      ? {}
      : {
          beyond: {
            atLeast: Math.max(...beyond.map(({ atLeast }) => atLeast)),
            atMost: beyond.reduce((total, { atMost }) => total + atMost, 0),
            cut: beyond.reduce((total, { cut }) => total + cut, 0),
          },
        }),
  };
}

type Cells = Pick<Sketch, 'keys' | 'counts'>;

/** Keys of every fixed grid lie within ±this. */
const MOST_BINS = 4096;

/** Whole numbers near zero are added in place, which is many times faster; undefined where there are other keys. */
function sumOfBins(parts: readonly Cells[]): Cells | undefined {
  const sums = new Float64Array(2 * MOST_BINS + 1);
  for (const { keys, counts } of parts)
    for (let cell = 0; cell < keys.length; cell += 1) {
      const key = keys[cell];
      if (typeof key !== 'number' || !Number.isInteger(key) || key > MOST_BINS || key < -MOST_BINS) return undefined;
      const place = key + MOST_BINS;
      sums[place] = (sums[place] ?? 0) + (counts[cell] ?? 0);
    }
  const [keys, counts]: [number[], number[]] = [[], []];
  for (let place = 0; place < sums.length; place += 1) {
    const count = sums[place] ?? 0;
    if (count === 0) continue;
    keys.push(place - MOST_BINS);
    counts.push(count);
  }
  return { keys, counts };
}

function sumOfKeys([first, ...others]: readonly Cells[]): Cells {
  let sum: Cells = first ?? { keys: [], counts: [] };
  for (const part of others) sum = sumOfTwo(sum, part);
  return sum;
}

/** Two ascending lists side by side. */
function sumOfTwo(one: Cells, other: Cells): Cells {
  const [keys, counts]: [(number | string)[], number[]] = [[], []];
  let [left, right] = [0, 0];
  while (left < one.keys.length || right < other.keys.length) {
    const [mine, theirs] = [one.keys[left], other.keys[right]];
    const order = orderOf(mine, theirs);
    const key = order > 0 ? theirs : mine;
    if (key !== undefined) keys.push(key);
    let count = 0;
    if (order <= 0) count += one.counts[left++] ?? 0;
    if (order >= 0) count += other.counts[right++] ?? 0;
    counts.push(count);
  }
  return { keys, counts };
}

type Key = number | string | undefined;

/** What has ended comes last. */
function orderOf(mine: Key, theirs: Key): number {
  if (mine === undefined || theirs === undefined) return mine === undefined ? 1 : -1;
  return mine === theirs ? 0 : mine < theirs ? -1 : 1;
}
