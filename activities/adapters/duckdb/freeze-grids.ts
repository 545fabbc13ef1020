import type { Grid } from '../../../scorecards/drift/sketch.ts';
import type { SketchColumn, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, COUNTING_MEMORY, type DuckdbOptions, type Session } from './connection.ts';
import { identified, numberGrid } from './number-grid.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { isNumeric, quoted, rowsOf } from './sql-text.ts';

/** So many categories of the baseline keep their own count for ever. */
const MOST_CATEGORIES = 1000;
/** Quantiles are taken from about this many rows, drawn from all over the files. */
const SAMPLE_ROWS = 200_000;
/** So many columns are sampled at once, which bounds the memory of the sample. */
const COLUMNS_AT_ONCE = 32;
/** More files than this are represented by as many, evenly spread. */
const SAMPLE_FILES = 32;

interface FreezeRequest {
  readonly files: readonly string[];
  readonly columns: readonly SketchColumn[];
}

/**
 * One grid per column, from the baseline's rows. A grid belongs to the feature: its id covers name, kind and numbers. Numbers
 * are looked at through a sample, categories completely.
 * @throws `data-schema` for a column that is not there or, asked for as continuous, is not a number.
 */
export async function freezeGrids(
  options: DuckdbOptions,
  { files, columns }: FreezeRequest,
  work: Work,
): Promise<readonly Grid[]> {
  await refuseUnreadable(files);
  const doing = 'freeze the grids of the baseline';
  const question = { doing, files, memoryLimit: COUNTING_MEMORY, signal: work.signal };
  return await ask(options, question, async (session) => {
    const types = await typesOf(session, files);
    for (const column of columns) refuseColumn(column, types.get(column.name));
    const numbers = columns.filter(({ type }) => type === 'continuous').map(({ name }) => name);
    const grids = new Map<string, Grid>();
    for (let done = 0; done < numbers.length; done += COLUMNS_AT_ONCE) {
      work.progress('freezing grids', done, columns.length);
      const some = numbers.slice(done, done + COLUMNS_AT_ONCE);
      for (const grid of await numberGrids(session, files, some)) grids.set(grid.feature, grid);
    }
    for (const { name, type } of columns) {
      work.progress('freezing grids', grids.size, columns.length);
      if (type === 'score') grids.set(name, identified({ kind: 'unit', feature: name, bins: 1024 }));
      if (type === 'categorical') grids.set(name, await categories(session, files, name));
    }
    work.progress('freezing grids', columns.length, columns.length);
    return columns.flatMap(({ name }) => grids.get(name) ?? []);
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

function refuseColumn({ name, type: wanted }: SketchColumn, type: string | undefined): void {
  if (type === undefined) throw wrongColumn(name, 'is not among the columns of the baseline');
  if (wanted === 'categorical' || isNumeric(type)) return;
  throw wrongColumn(name, `is ${type}, which is not a number; declare it categorical`);
}

/** The sample is drawn by a hash of the row's number: every n-th row could be every n-th hour. */
async function numberGrids(session: Session, files: readonly string[], names: readonly string[]): Promise<Grid[]> {
  const stride = Math.ceil(files.length / SAMPLE_FILES);
  const some = files.filter((_, index) => index % stride === 0);
  const { rows } = await session.row<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${rowsOf('files')}`, {
    files: some,
  });
  const step = Math.max(1, Math.ceil(rows / SAMPLE_ROWS));
  const values = names.map((name, index) => `${quoted(name)}::DOUBLE AS c${index}`);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE sample AS SELECT ${values.join(', ')} FROM
       read_parquet($files, hive_partitioning = false, union_by_name = true, file_row_number = true)
     WHERE hash(file_row_number) % ${step} = 0`,
    { files: some },
  );
  const grids: Grid[] = [];
  for (const [index, name] of names.entries()) {
    const [sampled = []] = await session.columns(`SELECT c${index} FROM sample WHERE isfinite(c${index})`);
    const found = sampled.length > 0 ? sampled : await anyValues(session, files, name);
    grids.push(
      numberGrid(
        name,
        found.filter((value) => typeof value === 'number'),
      ),
    );
  }
  await session.run('DROP TABLE sample');
  return grids;
}

/** Of a column that is almost always null. */
async function anyValues(session: Session, files: readonly string[], name: string) {
  const value = `${quoted(name)}::DOUBLE`;
  const [found = []] = await session.columns(
    `SELECT ${value} FROM ${rowsOf('files')} WHERE isfinite(${value}) LIMIT ${SAMPLE_ROWS}`,
    { files },
  );
  return found;
}

async function categories(session: Session, files: readonly string[], feature: string): Promise<Grid> {
  const known = await session.rows<{ key: string }>(
    `SELECT text AS key FROM (SELECT left(${quoted(feature)}::VARCHAR, 256) AS text FROM ${rowsOf('files')})
     WHERE text IS NOT NULL GROUP BY text ORDER BY count(*) DESC, text LIMIT ${MOST_CATEGORIES}`,
    { files },
  );
  return identified({ kind: 'categories', feature, known: known.map((row) => row.key).toSorted() });
}

function wrongColumn(column: string, problem: string): PortFailure {
  return new PortFailure('data-schema', `the column "${column}" ${problem}`, { details: { column } });
}
