import type { Grid } from '../../../scorecards/drift/sketch.ts';
import { doubleLiteral, quoted, textLiteral } from './sql-text.ts';

/** Values outside the baseline's list that keep their own count; the rest is one sum. */
const MOST_UNKNOWN = 100;
/** A `values` column that suddenly has more distinct values keeps the most frequent ones and sums up the rest. */
const MOST_VALUES = 20_480;

/** One group of one grid. The key is in `number` or in `text`; both are NULL for nulls and what is not finite. */
export interface Group {
  readonly grid: number;
  readonly number: number | null;
  readonly text: string | null;
  readonly rows: number;
  /** Rows of the group that have a value at all: in the group without key these are the non-finite ones. */
  readonly present: number;
  /** Rows of all groups of the grid, of those too that are not listed. */
  readonly total: number;
}

/**
 * Counts a column of `source` into the grid's keys: one GROUP BY, in the columns of `Group`. Statements of several grids can be
 * joined by UNION ALL. Two shapes are never used because they were measured to be many times slower: counts with FILTER, and
 * decimal literals against columns.
 */
export function countsOf(grid: Grid, index: number, source: string): string {
  const numbers = (key: string, value: string, from: string) =>
    `SELECT ${index} AS grid, ${key}::DOUBLE AS number, NULL::VARCHAR AS text, count(*)::DOUBLE AS rows,
            count(${value})::DOUBLE AS present, 0::DOUBLE AS total
     FROM (${from}) GROUP BY ${key}`;
  const column = `${quoted(grid.feature)}::DOUBLE`;
  switch (grid.kind) {
    case 'softsign': {
      // Integer bins by arithmetic: try_cast rounds half to even and gives NULL for NaN and for an x beyond all bounds.
      const scaled = `(${column} - ${doubleLiteral(grid.centre)}) * ${doubleLiteral(1 / grid.scale)}`;
      const bin = `try_cast(${doubleLiteral(grid.halfBins)} * (y / (1e0 + abs(y))) AS SMALLINT)`;
      return numbers('bin', 'y', `SELECT y, ${bin} AS bin FROM (SELECT ${scaled} AS y FROM ${source})`);
    }
    case 'unit': {
      const bin = `try_cast(floor(${doubleLiteral(grid.bins)} * y) AS SMALLINT)`;
      return numbers('bin', 'y', `SELECT y, ${bin} AS bin FROM (SELECT ${column} AS y FROM ${source})`);
    }
    case 'values': {
      // Adding zero makes one key of 0 and -0.
      const finite = 'CASE WHEN isfinite(y) THEN y + 0e0 END';
      const counted = numbers('x', 'y', `SELECT y, ${finite} AS x FROM (SELECT ${column} AS y FROM ${source})`);
      return capped(counted, `number IS NULL OR row_number() OVER (ORDER BY rows DESC, number) <= ${MOST_VALUES}`);
    }
    case 'categories': {
      const known = `[${grid.known.map(textLiteral).join(', ')}]::VARCHAR[]`;
      const counted = `SELECT ${index} AS grid, NULL::DOUBLE AS number, left(${quoted(grid.feature)}::VARCHAR, 256) AS text,
                         count(*)::DOUBLE AS rows, 0::DOUBLE AS present FROM ${source} GROUP BY 3`;
      const listed = `SELECT *, text IS NULL OR list_contains(${known}, text) AS listed FROM (${counted})`;
      return capped(
        listed,
        `listed OR row_number() OVER (PARTITION BY listed ORDER BY rows DESC, text) <= ${MOST_UNKNOWN}`,
      );
    }
  }
}

function capped(counted: string, keep: string): string {
  return `SELECT grid, number, text, rows, present, sum(rows) OVER () AS total FROM (${counted}) QUALIFY ${keep}`;
}
