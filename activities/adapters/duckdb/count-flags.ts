import { addTo, doubleAt, wholeAt } from './array-items.ts';
import type { CodedChunk } from './count-ranks.ts';
import type { RowGroup } from './row-groups.ts';
import type { OfSlice } from './measure-slices.ts';

/** Rows of one slice with the same label and the same flags. */
export interface FlagRow extends OfSlice {
  readonly positive: boolean;
  readonly challenger: boolean;
  readonly champion: boolean;
  readonly rows: number;
  readonly labels: number;
  readonly squares: number;
}

/** Counts by cell and by label, flag and flag (8 kinds of rows), with the sums of labels and of their squares. */
export type FlagCounts = Float64Array;

const KINDS = 8;
const SUMS = 3;

export const flagCounts = (cells: number): FlagCounts => new Float64Array(cells * KINDS * SUMS);

/** Adds rows; a model flags those that do not score below its cut. */
export function countFlags(
  counts: FlagCounts,
  { cells, rows, y, scores }: Pick<CodedChunk, 'cells' | 'rows' | 'y' | 'scores'>,
  cuts: { readonly challenger: number; readonly champion?: number },
): void {
  const ofA = scores[0] ?? y;
  const ofB = scores[1] ?? y;
  const cutA = cuts.challenger;
  const cutB = cuts.champion ?? Number.POSITIVE_INFINITY;
  for (let row = 0; row < rows; row += 1) {
    const label = y[row] ?? 0;
    addFlag(
      counts,
      wholeAt(cells, row) * KINDS + kindOf(label, doubleAt(ofA, row) >= cutA, doubleAt(ofB, row) >= cutB),
      label,
    );
  }
}

export const kindOf = (y: number, a: boolean, b: boolean): number => (y > 0 ? 4 : 0) + (a ? 2 : 0) + (b ? 1 : 0);

/** `at` is cell · 8 + kind. */
export function addFlag(counts: FlagCounts, at: number, y: number): void {
  const place = at * SUMS;
  addTo(counts, place, 1);
  addTo(counts, place + 1, y);
  addTo(counts, place + 2, y * y);
}

/** Ascending by slice, label and flags; kinds without rows are left out. */
export function flagRows(
  counts: FlagCounts,
  { values, placeOf }: Pick<RowGroup, 'values' | 'placeOf'>,
): readonly FlagRow[] {
  const sums = new Float64Array(values.length * KINDS * SUMS);
  for (const [cell, place] of placeOf.entries())
    for (let at = 0; at < KINDS * SUMS; at += 1) {
      const into = place * KINDS * SUMS + at;
      sums[into] = (sums[into] ?? 0) + (counts[cell * KINDS * SUMS + at] ?? 0);
    }
  return values.flatMap((slice, place) =>
    Array.from({ length: KINDS }, (_, kind): FlagRow => {
      const at = (place * KINDS + kind) * SUMS;
      return {
        slice,
        positive: kind >= 4,
        challenger: (kind & 2) > 0,
        champion: (kind & 1) > 0,
        rows: sums[at] ?? 0,
        labels: sums[at + 1] ?? 0,
        squares: sums[at + 2] ?? 0,
      };
    }).filter(({ rows }) => rows > 0),
  );
}

/** Moments of one loss of both models in one slice. */
export interface MomentsRow extends OfSlice {
  readonly rows: number;
  readonly meanA: number;
  readonly varianceA: number;
  readonly meanB: number;
  readonly varianceB: number;
  readonly covariance: number;
}

/** Sums by cell of rows, a, b, a², b² and ab, each less the loss of the first row, so that no digits are lost in large ones. */
export interface LossSums {
  readonly sums: Float64Array;
  readonly first: { a: number; b: number };
}

const POWERS = 6;

export const lossSums = (cells: number): LossSums => ({
  sums: new Float64Array(cells * POWERS),
  first: { a: Number.NaN, b: Number.NaN },
});

/** Adds rows; one whose loss cannot be said (NaN) does not count. */
export function addLosses(
  { sums, first }: LossSums,
  losses: readonly Float64Array[],
  cells: Int32Array,
  rows: number,
): void {
  const [ofA, ofB] = losses;
  if (ofA === undefined || ofB === undefined) return;
  for (let row = 0; row < rows; row += 1) {
    const rawA = doubleAt(ofA, row);
    const rawB = doubleAt(ofB, row);
    if (Number.isNaN(rawA) || Number.isNaN(rawB)) continue;
    if (Number.isNaN(first.a)) Object.assign(first, { a: rawA, b: rawB });
    const a = rawA - first.a;
    const b = rawB - first.b;
    const at = wholeAt(cells, row) * POWERS;
    addTo(sums, at, 1);
    addTo(sums, at + 1, a);
    addTo(sums, at + 2, b);
    addTo(sums, at + 3, a * a);
    addTo(sums, at + 4, b * b);
    addTo(sums, at + 5, a * b);
  }
}

/** Sample moments of each slice that has rows. */
export function momentRows({ sums, first }: LossSums, { values, placeOf }: RowGroup): readonly MomentsRow[] {
  const added = new Float64Array(values.length * POWERS);
  for (const [cell, place] of placeOf.entries())
    for (let at = 0; at < POWERS; at += 1)
      added[place * POWERS + at] = (added[place * POWERS + at] ?? 0) + (sums[cell * POWERS + at] ?? 0);
  return values.flatMap((slice, place): MomentsRow[] => {
    const [rows = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0] = added.subarray(place * POWERS, (place + 1) * POWERS);
    if (rows === 0) return [];
    const spread = (product: number, one: number, other: number): number =>
      rows < 2 ? 0 : (product - (one * other) / rows) / (rows - 1);
    return [
      {
        slice,
        rows,
        meanA: first.a + a / rows,
        varianceA: Math.max(0, spread(aa, a, a)),
        meanB: first.b + b / rows,
        varianceB: Math.max(0, spread(bb, b, b)),
        covariance: spread(ab, a, b),
      },
    ];
  });
}
