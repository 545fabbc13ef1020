import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import type { Grid } from '../../../scorecards/drift/sketch.ts';
import type { SketchColumn, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { isNumeric, quoted, rowsOf } from './sql-text.ts';
import { refuseUnreadable } from './parquet-files.ts';

/** A number with at most this many distinct values is counted value by value. */
const MOST_VALUES = 2048;
/** So many categories of the baseline keep their own count for ever. */
const MOST_CATEGORIES = 1000;
/** Quantiles are taken from about this many rows, spread evenly over the files. */
const SAMPLE_ROWS = 200_000;

interface FreezeRequest {
  readonly files: readonly string[];
  readonly columns: readonly SketchColumn[];
}

/**
 * One grid per column, from the baseline's rows. A grid belongs to the feature: its id covers name, kind and numbers.
 * @throws `data-schema` for a column that is not there or, asked for as continuous, is not a number; `data-invalid` for one
 *   without any value.
 */
export async function freezeGrids(
  options: DuckdbOptions,
  { files, columns }: FreezeRequest,
  work: Work,
): Promise<readonly Grid[]> {
  for (const file of files) await refuseUnreadable(file);
  const question = { doing: 'freeze the grids of the baseline', files, signal: work.signal };
  return await ask(options, question, async (session) => {
    const types = await typesOf(session, files);
    const { rows } = await session.row<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${rowsOf('files')}`, {
      files,
    });
    const grids: Grid[] = [];
    for (const [index, column] of columns.entries()) {
      work.progress('freezing grids', index, columns.length);
      grids.push(await freeze(session, { files, column, rows, type: types.get(column.name) }));
    }
    work.progress('freezing grids', columns.length, columns.length);
    return grids;
  });
}

/** Columns and their types over all files, unified by name. */
export async function typesOf(session: Session, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await session.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${rowsOf('files')}`,
    { files },
  );
  return new Map(rows.map((row) => [row.column_name, row.column_type]));
}

interface Freezing {
  readonly files: readonly string[];
  readonly column: SketchColumn;
  readonly type: string | undefined;
  readonly rows: number;
}

async function freeze(session: Session, { files, column, type, rows }: Freezing): Promise<Grid> {
  const feature = column.name;
  if (type === undefined) throw wrongColumn(feature, 'is not among the columns of the baseline');
  if (column.type === 'categorical') return await categories(session, files, feature);
  if (!isNumeric(type)) throw wrongColumn(feature, `is ${type}, which is not a number; declare it categorical`);
  if (column.type === 'score') return identified({ kind: 'unit', feature, bins: 1024 });
  const value = `${quoted(feature)}::DOUBLE`;
  const { distinct } = await session.row<{ distinct: number }>(
    `SELECT count(*)::DOUBLE AS distinct FROM
       (SELECT DISTINCT ${value} FROM ${rowsOf('files')} WHERE isfinite(${value}) LIMIT ${MOST_VALUES + 1})`,
    { files },
  );
  if (distinct === 0)
    throw new PortFailure('data-invalid', `the column "${feature}" has no finite value in the baseline`, {
      details: { column: feature },
    });
  if (distinct <= MOST_VALUES) return identified({ kind: 'values', feature });
  return identified({
    kind: 'softsign',
    feature,
    ...(await location(session, { files, value, rows })),
    halfBins: 1024,
  });
}

async function categories(session: Session, files: readonly string[], feature: string): Promise<Grid> {
  const known = await session.rows<{ key: string }>(
    `SELECT left(${quoted(feature)}::VARCHAR, 256) AS key FROM ${rowsOf('files')}
     WHERE ${quoted(feature)} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${MOST_CATEGORIES}`,
    { files },
  );
  return identified({ kind: 'categories', feature, known: known.map((row) => row.key).toSorted() });
}

/** Median and interquartile range; where that is 0 the standard deviation, else 1 (drift.md 2.2). */
async function location(
  session: Session,
  { files, value, rows }: { files: readonly string[]; value: string; rows: number },
): Promise<{ centre: number; scale: number }> {
  const step = Math.max(1, Math.ceil(rows / SAMPLE_ROWS));
  const found = await session.row<{ q1: number; centre: number; q3: number; spread: number | null }>(
    `SELECT quantile_cont(x, 0.25) AS q1, quantile_cont(x, 0.5) AS centre, quantile_cont(x, 0.75) AS q3,
            stddev_samp(x) AS spread
     FROM (SELECT ${value} AS x FROM
       read_parquet($files, hive_partitioning = false, union_by_name = true, file_row_number = true)
       WHERE file_row_number % ${step} = 0 AND isfinite(${value}))`,
    { files },
  );
  const candidates = [found.q3 - found.q1, found.spread ?? 0, 1];
  return { centre: found.centre, scale: candidates.find((scale) => scale > 0 && Number.isFinite(1 / scale)) ?? 1 };
}

type Unidentified = Grid extends infer Each ? (Each extends Grid ? Omit<Each, 'id'> : never) : never;

function identified(grid: Unidentified): Grid {
  const exact = Object.entries(grid).map(([key, value]) => [
    key,
    typeof value === 'number' ? value.toExponential() : value,
  ]);
  const id = createHash('sha256')
    .update(canonicalJson(Object.fromEntries(exact)))
    .digest('hex');
  return { ...grid, id };
}

function wrongColumn(column: string, problem: string): PortFailure {
  return new PortFailure('data-schema', `the column "${column}" ${problem}`, { details: { column } });
}
