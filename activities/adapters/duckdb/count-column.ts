import type { DuckDBValue } from '@duckdb/node-api';
import type { Grid, Sketch, SoftsignGrid } from '../../../scorecards/drift/sketch.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import {
  binsOf,
  cappedCategoriesOf,
  categoriesOf,
  MOST_CATEGORIES_HERE,
  MOST_UNKNOWN,
  MOST_VALUES,
  valuesOf,
} from './sketch-sql.ts';
import { isFloating, rowsOf } from './sql-text.ts';

/** One column of some rows. */
export interface Column {
  readonly grid: Grid;
  /** What to select from; `$files` is bound where it is named. */
  readonly source: string;
  readonly files: readonly string[];
  readonly type: string;
  /** Null values among the rows, where footers tell. */
  readonly nulls?: number;
}

/** Counts one column on its grid. @throws `data-invalid` for a score outside [0, 1], naming column and file. */
export async function countColumn(session: Session, column: Column): Promise<Sketch> {
  const { grid } = column;
  switch (grid.kind) {
    case 'softsign':
      return await countBins(session, grid, column);
    case 'unit': {
      const sketch = await countBins(session, grid, column);
      if (sketch.keys.some((bin) => Number(bin) < 0 || Number(bin) > grid.bins))
        await refuseScore(session, grid, column.files);
      return sketch;
    }
    case 'values':
      return await countValues(session, grid, column);
    case 'categories':
      return await countCategories(session, grid, column);
  }
}

export const boundTo = ({ files, source }: Pick<Column, 'files' | 'source'>) =>
  source.includes('$files') ? { files } : {};

export type Cell = readonly [key: number | string, rows: number];

export function sketchOf(
  grid: string,
  cells: readonly Cell[],
  { nulls, nonFinite }: Pick<Sketch, 'nulls' | 'nonFinite'>,
): Sketch {
  const sorted = cells.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    grid,
    rows: sumOf(sorted) + nulls + nonFinite,
    nulls,
    nonFinite,
    keys: sorted.map(([key]) => key),
    counts: sorted.map(([, rows]) => rows),
    other: 0,
  };
}

/**
 * The group without key holds nulls and what is not finite. How many are which costs a count of its own, so it is asked only of
 * floating columns, and only where no footer knows their nulls.
 */
async function countBins(
  session: Session,
  grid: SoftsignGrid | Extract<Grid, { kind: 'unit' }>,
  { source, files, type, nulls: written }: Column,
): Promise<Sketch> {
  const asks = isFloating(type) && written === undefined;
  const [keys = [], counts = [], present = []] = await session.columns(
    binsOf(grid, source, { present: asks }),
    boundTo({ files, source }),
  );
  const keyless = keys.indexOf(null);
  const without = keyless < 0 ? 0 : Number(counts[keyless]);
  const nonFinite = asks ? Number(present[keyless] ?? 0) : isFloating(type) ? without - (written ?? 0) : 0;
  if (nonFinite < 0 || without < nonFinite) return await countBins(session, grid, { grid, source, files, type });
  return sketchOf(grid.id, cellsOf(keys, counts), { nulls: without - nonFinite, nonFinite });
}

async function countValues(session: Session, grid: Extract<Grid, { kind: 'values' }>, column: Column): Promise<Sketch> {
  const [keys = [], counts = []] = await session.columns(valuesOf(grid.feature, column.source), boundTo(column));
  const cells = cellsOf(keys, counts);
  const finite = cells.filter(([key]) => Number.isFinite(key));
  if (finite.length > MOST_VALUES && grid.coarser) return await countBins(session, grid.coarser, column);
  const nulls = Number(counts[keys.indexOf(null)] ?? 0);
  return sketchOf(grid.id, finite, { nulls, nonFinite: sumOf(cells) - sumOf(finite) });
}

async function countCategories(
  session: Session,
  grid: Extract<Grid, { kind: 'categories' }>,
  { source, files }: Column,
): Promise<Sketch> {
  const [keys = [], counts = []] = await session.columns(
    categoriesOf(grid.feature, source),
    boundTo({ files, source }),
  );
  if (keys.length > MOST_CATEGORIES_HERE) return cappedSketch(grid, await cappedByDuckdb(session, grid, source, files));
  return categoriesSketch(grid, cellsOf(keys, counts), Number(counts[keys.indexOf(null)] ?? 0));
}

/** Counts of all categories, capped. */
export const categoriesSketch = (
  grid: Extract<Grid, { kind: 'categories' }>,
  cells: readonly Cell[],
  nulls: number,
): Sketch => cappedSketch(grid, { ...capped(grid, cells), nulls });

function cappedSketch(grid: Grid, { cut, kept, nulls, otherRows, others }: Capped): Sketch {
  const sketch = sketchOf(grid.id, kept, { nulls, nonFinite: 0 });
  if (others === 0) return sketch;
  return {
    ...sketch,
    rows: sketch.rows + otherRows,
    other: otherRows,
    beyond: { atLeast: others, atMost: others, cut },
  };
}

interface Capped {
  readonly kept: readonly Cell[];
  readonly nulls: number;
  /** Categories beyond the cap, their rows, and how many rows one of them has at most. */
  readonly others: number;
  readonly otherRows: number;
  readonly cut: number;
}

/** The baseline's list keeps its counts for ever; of the others the most frequent do, equal counts by name. */
function capped(grid: Extract<Grid, { kind: 'categories' }>, cells: readonly Cell[]): Omit<Capped, 'nulls'> {
  const known = new Set<number | string>(grid.known);
  const unknown = cells
    .filter(([key]) => !known.has(key))
    .toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  const rest = unknown.slice(MOST_UNKNOWN);
  return {
    kept: [...cells.filter(([key]) => known.has(key)), ...unknown.slice(0, MOST_UNKNOWN)],
    others: rest.length,
    otherRows: sumOf(rest),
    cut: rest.length === 0 ? 0 : (unknown[MOST_UNKNOWN - 1]?.[1] ?? 0),
  };
}

async function cappedByDuckdb(
  session: Session,
  grid: Extract<Grid, { kind: 'categories' }>,
  source: string,
  files: readonly string[],
): Promise<Capped> {
  const found = await session.row<{
    listed: readonly (readonly [string | null, string])[] | null;
    frequent: readonly (readonly [string, string])[] | null;
    others: number;
    otherrows: number | null;
  }>(cappedCategoriesOf(grid.feature, source), { ...boundTo({ files, source }), known: grid.known });
  const frequent = (found.frequent ?? []).map(([text, rows]): Cell => [text, Number(rows)]);
  const listed = found.listed ?? [];
  const known = listed.flatMap(([text, rows]): Cell[] => (text === null ? [] : [[text, Number(rows)]]));
  return {
    kept: [...known, ...frequent],
    nulls: Number(listed.find(([text]) => text === null)?.[1] ?? 0),
    others: found.others - frequent.length,
    otherRows: (found.otherrows ?? 0) - sumOf(frequent),
    cut: frequent.at(-1)?.[1] ?? 0,
  };
}

/** Names the first file that holds such a score. */
async function refuseScore(session: Session, grid: Extract<Grid, { kind: 'unit' }>, files: readonly string[]) {
  for (const file of files) {
    const [bins = []] = await session.columns(binsOf(grid, rowsOf('files'), { present: false }), { files: [file] });
    const outside = bins.find((bin) => typeof bin === 'number' && (bin < 0 || bin > grid.bins));
    if (outside === undefined) continue;
    throw new PortFailure(
      'data-invalid',
      `the score "${grid.feature}" has values near ${Number(outside) / grid.bins} in ${file}; expected 0 to 1`,
      { details: { column: grid.feature, file } },
    );
  }
}

/** The groups that have a key. */
export function cellsOf(keys: readonly DuckDBValue[], counts: readonly DuckDBValue[]): readonly Cell[] {
  return keys.flatMap((key, index): Cell[] =>
    typeof key === 'number' || typeof key === 'string' ? [[key, Number(counts[index])]] : [],
  );
}

export const sumOf = (cells: readonly Cell[]): number => cells.reduce((total, [, rows]) => total + rows, 0);
