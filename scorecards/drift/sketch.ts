import type { FileRef, Span } from '../vocabulary.ts';

/** One bucket (24 h by default) of one dataset: all its files, so that a changed file changes the key. */
export interface Partition {
  readonly dataset: 'observations' | 'labels' | 'training';
  readonly bucket: Span;
  readonly files: readonly Pick<FileRef, 'path' | 'bytes'>[];
}

/** What is known of a partition besides its sketches; quality findings read this. */
export interface PartitionFacts {
  readonly bucket: Span;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly newestEvent?: string;
}

/** Where the counts of one feature are kept; frozen with the champion's baseline. */
export type Grid =
  | {
      readonly kind: 'softsign';
      readonly id: string;
      readonly feature: string;
      readonly centre: number;
      readonly scale: number;
      readonly halfBins: 1024;
    }
  | { readonly kind: 'values'; readonly id: string; readonly feature: string }
  | { readonly kind: 'categories'; readonly id: string; readonly feature: string; readonly known: readonly string[] }
  | { readonly kind: 'unit'; readonly id: string; readonly feature: string; readonly bins: 1024 };

/** Exact counts of one feature over some rows; sums of sketches are exact too. */
export interface Sketch {
  readonly grid: string;
  readonly rows: number;
  readonly nulls: number;
  readonly nonFinite: number;
  /** Ascending; whole counts below 2^53. */
  readonly keys: readonly (number | string)[];
  readonly counts: readonly number[];
  /** Categories beyond the cap; 0 for numbers. */
  readonly other: number;
}

/** Addition. Throws on sketches of different grids: they cannot be compared, only re-counted. */
export function mergeSketches(parts: readonly Sketch[]): Sketch {
  const [first] = parts;
  if (!first) throw new Error('mergeSketches was given no sketch');
  const counts = new Map<number | string, number>();
  for (const part of parts) {
    if (part.grid !== first.grid) throw new Error(`cannot add sketches of grid ${part.grid} and grid ${first.grid}`);
    part.keys.forEach((key, index) => counts.set(key, (counts.get(key) ?? 0) + (part.counts[index] ?? 0)));
  }
  const keys = [...counts.keys()].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const sum = (field: 'rows' | 'nulls' | 'nonFinite' | 'other') =>
    parts.reduce((total, part) => total + part[field], 0);
  return {
    grid: first.grid,
    rows: sum('rows'),
    nulls: sum('nulls'),
    nonFinite: sum('nonFinite'),
    other: sum('other'),
    keys,
    counts: keys.map((key) => counts.get(key) ?? 0),
  };
}
