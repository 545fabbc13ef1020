import type { Grid, SoftsignGrid } from '../../../scorecards/drift/sketch.ts';
import { doubleLiteral, quoted } from './sql-text.ts';

/** Values outside the baseline's list that keep their own count; the rest is one sum. */
export const MOST_UNKNOWN = 100;
/** A number with at most this many different values is counted value by value. */
export const MOST_VALUES = 2048;
/** So many categories are brought here to be capped; beyond that DuckDB does it, within its memory limit. */
export const MOST_CATEGORIES_HERE = 20_000;

/** NULL, NaN and both infinities are groups too. */
const KEYLESS_GROUPS = 4;

/** Set where rows are counted slice by slice: then the place of a row's slice is a last column of the answer. */
export interface BySlice {
  /** SQL of the place of a row's slice, counted from 1; NULL: the row is in none. */
  readonly place: string;
  /** How many there are. */
  readonly slices: number;
}

/** The columns and keys that telling slices apart adds to a statement. */
const parts = (by: BySlice | undefined) =>
  by
    ? {
        inner: `, ${by.place} AS slice`,
        passed: ', slice',
        shown: ', slice::DOUBLE',
        where: ' WHERE slice IS NOT NULL',
        key: ', slice',
      }
    : { inner: '', passed: '', shown: '', where: '', key: '' };

/*
 * One GROUP BY per column, its key the first column of the answer and its count the second. Three shapes are never used because
 * they were measured to be many times slower: counts with FILTER, decimal literals against columns, and `GROUP BY name` may be
 * taken by a column of that name.
 */

/**
 * Counts per bin of a fixed grid. Integer bins by arithmetic: try_cast rounds half to even and gives NULL for NaN and for an x
 * beyond all bounds. `present` adds a third column: of the group without key it is the number of rows that do have a value.
 */
export function binsOf(
  grid: SoftsignGrid | Extract<Grid, { kind: 'unit' }>,
  source: string,
  { present, by }: { readonly present: boolean; readonly by?: BySlice },
): string {
  // Rows of no slice are one more group here: leaving them out first costs a fifth.
  const { inner, key, passed, shown } = parts(by);
  const column = `${quoted(grid.feature)}::DOUBLE`;
  const [value, bin] =
    grid.kind === 'softsign'
      ? [
          `(${column} - ${doubleLiteral(grid.centre)}) * ${doubleLiteral(1 / grid.scale)}`,
          `${doubleLiteral(grid.halfBins)} * (y / (1e0 + abs(y)))`,
        ]
      : [column, `floor(${doubleLiteral(grid.bins)} * y)`];
  return `SELECT bin::DOUBLE, count(*)::DOUBLE${present ? ', count(y)::DOUBLE' : ''}${shown}
          FROM (SELECT y${passed}, try_cast(${bin} AS SMALLINT) AS bin FROM (SELECT ${value} AS y${inner} FROM ${source}))
          GROUP BY bin${key}`;
}

/** Counts per value; one group too many says that there are more than `MOST_VALUES`. Adding zero makes one key of 0 and −0. */
export function valuesOf(feature: string, source: string, by?: BySlice): string {
  const { inner, key, shown, where } = parts(by);
  return `SELECT x, count(*)::DOUBLE${shown} FROM (SELECT ${quoted(feature)}::DOUBLE + 0e0 AS x${inner} FROM ${source})${where}
          GROUP BY x${key} LIMIT ${(MOST_VALUES + KEYLESS_GROUPS) * (by?.slices ?? 1) + 1}`;
}

/** Counts per category; one group too many says that there are more than `MOST_CATEGORIES_HERE`. */
export function categoriesOf(feature: string, source: string, by?: BySlice): string {
  return `${categoryGroups(feature, source, by)} LIMIT ${MOST_CATEGORIES_HERE + 1}`;
}

/**
 * Counts per category, capped by DuckDB: the bound list `$known` and NULL, and of the others the most frequent (equal counts by
 * name), their number, their rows. One pass over the groups, which spill to disk where they do not fit into memory.
 */
export function cappedCategoriesOf(feature: string, source: string): string {
  return `SELECT list([text, rows::VARCHAR]) FILTER (listed) AS listed,
                 list_transform(min({'less': -rows, 'text': text}, ${MOST_UNKNOWN}) FILTER (NOT listed),
                                lambda one: [one.text, (-one.less)::VARCHAR]) AS frequent,
                 count(*) FILTER (NOT listed)::DOUBLE AS others, (sum(rows) FILTER (NOT listed))::DOUBLE AS otherrows
          FROM (SELECT text, rows, text IS NULL OR text IN (SELECT unnest($known)) AS listed
                FROM (${categoryGroups(feature, source)}) groups(text, rows))`;
}

function categoryGroups(feature: string, source: string, by?: BySlice): string {
  const { inner, key, shown, where } = parts(by);
  return `SELECT text, count(*)::DOUBLE${shown} FROM (SELECT ${textOf(feature)} AS text${inner} FROM ${source})${where}
          GROUP BY text${key}`;
}

/** A category as it is counted: texts, cut where they are longer than any name. */
export const textOf = (column: string): string => `left(${quoted(column)}::VARCHAR, 256)`;
