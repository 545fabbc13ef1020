import type { DuckDBValue } from '@duckdb/node-api';
import type { Grid, Sketch, SoftsignGrid } from '../../../scorecards/drift/sketch.ts';
import { sketchName, slicesIn, type SliceList } from '../../../scorecards/drift/slices.ts';
import type { Session } from './connection.ts';
import { boundTo, categoriesSketch, cellsOf, countColumn, sketchOf, sumOf, type Column } from './count-column.ts';
import {
  binsOf,
  categoriesOf,
  MOST_CATEGORIES_HERE,
  MOST_VALUES,
  textOf,
  valuesOf,
  type BySlice,
} from './sketch-sql.ts';
import { isFloating, textLiteral } from './sql-text.ts';

/** The groups of one slice, column by column. */
interface Groups {
  readonly keys: readonly DuckDBValue[];
  readonly counts: readonly DuckDBValue[];
  /** Rows with a value, where they were asked for. */
  readonly present: readonly DuckDBValue[];
}
type Counted = readonly Sketch[] | undefined;

/**
 * Counts one column on its grid for each slice of a list, by `sketchName`: one GROUP BY of slice and key. Only a column with so
 * many categories that DuckDB has to cap them is counted slice by slice.
 */
export async function countSlices(
  session: Session,
  column: Column,
  list: SliceList,
): Promise<readonly (readonly [string, Sketch])[]> {
  // The rows without a value come last: then a place is a position among texts.
  const values = list.values.toSorted((a, b) => Number(a === null) - Number(b === null));
  const slices = slicesIn({ ...list, values });
  const by = { place: placeOf({ ...list, values }), slices: slices.length };
  const together = await countTogether(session, column, by);
  const counted: Sketch[] = [...(together ?? [])];
  if (!together)
    for (const { value } of slices)
      counted.push(await countColumn(session, { ...column, source: partOf(column, list.column, value) }));
  return slices.flatMap((slice, place) => {
    const sketch = counted[place];
    return sketch ? [[sketchName(column.grid.feature, slice), sketch] as const] : [];
  });
}

async function countTogether(session: Session, column: Column, by: BySlice): Promise<Counted> {
  const { grid } = column;
  switch (grid.kind) {
    case 'softsign':
    case 'unit':
      return await countBins(session, grid, column, by);
    case 'values':
      return await countValues(session, grid, column, by);
    case 'categories':
      return await countCategories(session, grid, column, by);
  }
}

/** Counted from 1, in the order of the list. */
function placeOf({ column, values }: SliceList): string {
  const text = textOf(column);
  const listed = values.flatMap((value) => (value === null ? [] : [textLiteral(value)]));
  const found = listed.length === 0 ? 'NULL' : `list_position([${listed.join(', ')}], ${text})`;
  const ofNull = values.includes(null) ? String(values.length) : 'NULL';
  return `(CASE WHEN ${text} IS NULL THEN ${ofNull} ELSE ${found} END)::UTINYINT`;
}

function partOf({ source }: Column, column: string, value: string | null): string {
  const condition = value === null ? 'IS NULL' : `= ${textLiteral(value)}`;
  return `(SELECT * FROM (SELECT * FROM ${source}) WHERE ${textOf(column)} ${condition})`;
}

async function countBins(
  session: Session,
  grid: SoftsignGrid | Extract<Grid, { kind: 'unit' }>,
  column: Column,
  by: BySlice,
): Promise<readonly Sketch[]> {
  const present = isFloating(column.type);
  const groups = await groupsOf(session, column, by, binsOf(grid, column.source, { present, by }));
  return groups.map(({ keys, counts, present: withValue }) => {
    const keyless = keys.indexOf(null);
    const without = Number(counts[keyless] ?? 0);
    const nonFinite = Number(withValue[keyless] ?? 0);
    return sketchOf(grid.id, cellsOf(keys, counts), { nulls: without - nonFinite, nonFinite });
  });
}

/** One slice with too many values puts all of them on the coarser grid, which both sides of a comparison can be brought to. */
async function countValues(
  session: Session,
  grid: Extract<Grid, { kind: 'values' }>,
  column: Column,
  by: BySlice,
): Promise<readonly Sketch[]> {
  const groups = await groupsOf(session, column, by, valuesOf(grid.feature, column.source, by));
  const finiteOf = ({ keys, counts }: Groups) => cellsOf(keys, counts).filter(([key]) => Number.isFinite(key));
  if (grid.coarser && groups.some((group) => finiteOf(group).length > MOST_VALUES))
    return await countBins(session, grid.coarser, column, by);
  return groups.map((group) => {
    const { keys, counts } = group;
    const finite = finiteOf(group);
    const nulls = Number(counts[keys.indexOf(null)] ?? 0);
    return sketchOf(grid.id, finite, { nulls, nonFinite: sumOf(cellsOf(keys, counts)) - sumOf(finite) });
  });
}

async function countCategories(
  session: Session,
  grid: Extract<Grid, { kind: 'categories' }>,
  column: Column,
  by: BySlice,
): Promise<Counted> {
  const groups = await groupsOf(session, column, by, categoriesOf(grid.feature, column.source, by));
  if (groups.reduce((sum, { keys }) => sum + keys.length, 0) > MOST_CATEGORIES_HERE) return undefined;
  return groups.map(({ keys, counts }) =>
    categoriesSketch(grid, cellsOf(keys, counts), Number(counts[keys.indexOf(null)] ?? 0)),
  );
}

/** The answer of a statement by slice, whose place is its last column. */
async function groupsOf(session: Session, column: Column, by: BySlice, sql: string): Promise<readonly Groups[]> {
  const answer = await session.columns(sql, boundTo(column));
  const [keys = [], counts = []] = answer;
  const present = answer.length > 3 ? (answer[2] ?? []) : [];
  const places = answer.at(-1) ?? [];
  const groups = Array.from({ length: by.slices }, () => ({
    keys: [] as DuckDBValue[],
    counts: [] as DuckDBValue[],
    present: [] as DuckDBValue[],
  }));
  for (const [row, place] of places.entries()) {
    const group = groups[Number(place) - 1];
    if (!group) continue;
    group.keys.push(keys[row] ?? null);
    group.counts.push(counts[row] ?? 0);
    group.present.push(present[row] ?? 0);
  }
  return groups;
}
