import type { Slice } from '../vocabulary.ts';
import { labelledRows, rowsOf, sliceOf } from './score-counts.ts';
import type { ScoreCounts, ScoredBucket, SliceCounts } from './score-counts.ts';

/** A slice with fewer labelled rows, or fewer positives, is shown and decides nothing. */
export const LEAST_ROWS = 100;
export const LEAST_POSITIVES = 20;

/** Values of the window, and those of the holdout that are large enough to be expected. */
export function slicesBy(
  column: string,
  buckets: readonly ScoredBucket[],
  reference: readonly ScoredBucket[],
): readonly Slice[] {
  const valuesOf = (days: readonly ScoredBucket[]) =>
    days.flatMap(({ slices }) => slices.filter((slice) => slice.column === column).map(({ value }) => value));
  const expected = valuesOf(reference).filter((value) => !isSmall(sliceOf(reference, { column, value })));
  return [...new Set([...valuesOf(buckets), ...expected])].map((value) => ({ column, value }));
}

export const isSmall = (counts: ScoreCounts): boolean =>
  labelledRows(counts) < LEAST_ROWS || rowsOf(counts.positive) < LEAST_POSITIVES;

/** The values of a column with enough labelled rows to be compared. */
export const largeGroups = (column: string, buckets: readonly ScoredBucket[]): readonly SliceCounts[] =>
  slicesBy(column, buckets, [])
    .map((slice) => ({ ...slice, counts: sliceOf(buckets, slice) }))
    .filter(({ counts }) => !isSmall(counts));
