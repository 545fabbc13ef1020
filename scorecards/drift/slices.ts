import type { Slice } from '../vocabulary.ts';
import type { Sketch } from './sketch.ts';

/** A column by which rows are told apart, with the values whose rows are counted by themselves. */
export interface SliceList {
  readonly column: string;
  /** Most frequent first; null: the rows where the column is NULL. */
  readonly values: readonly Slice['value'][];
}

/** What a sketch is called among others: the column, or for a slice of it the JSON text of column, slice column and value. */
export const sketchName = (column: string, slice?: Slice): string =>
  slice ? JSON.stringify([column, slice.column, slice.value]) : column;

/** `where weekday is 3`. */
export const whereText = ({ column, value }: Slice): string => `where ${column} is ${value ?? 'null'}`;

/** `fare`, or of a slice `fare where weekday is 3`. */
export const placeText = ({ column, slice }: { readonly column: string; readonly slice: readonly Slice[] }): string =>
  [column, ...slice.map(whereText)].join(' ');

/** The slices of a list, in its order. */
export const slicesIn = ({ column, values }: SliceList): readonly Slice[] => values.map((value) => ({ column, value }));

/** Every value of a column that was counted value by value, with its rows; null where there are some without one. */
export function rowsByValue({ counts, keys, nulls }: Sketch): readonly (readonly [Slice['value'], number])[] {
  const rows = keys.map((key, index) => [String(key), counts[index] ?? 0] as const);
  return nulls > 0 ? [...rows, [null, nulls]] : rows;
}

/** The most frequent values of a column that was counted value by value; of equally frequent ones the first by name. */
export function frequentSlices(column: string, counted: Sketch, most: number): SliceList {
  const ranked = rowsByValue(counted).toSorted(
    ([a, many], [b, more]) => more - many || ((a ?? '') < (b ?? '') ? -1 : 1),
  );
  return { column, values: ranked.slice(0, most).map(([value]) => value) };
}

/** Rows of a column that was counted value by value, which lie in none of the slices of a list. */
export function rowsBeyond({ values }: SliceList, counted: Sketch): number {
  const listed = new Set(values);
  return rowsByValue(counted).reduce((left, [value, rows]) => (listed.has(value) ? left - rows : left), counted.rows);
}
