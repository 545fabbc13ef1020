import type { Grid, Partition, Sketch } from '../../../scorecards/drift/sketch.ts';
import type { SketchRequest, Work } from '../../ports/data-store.ts';
import { ask, COUNTING_MEMORY, type DuckdbOptions, type Session } from './connection.ts';
import { countColumn } from './count-column.ts';
import { countSlices } from './count-slices.ts';
import { within } from './facts.ts';
import { footersOf, type FooterFacts } from './column-footers.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable, refuseWritten, stamped } from './parquet-files.ts';
import { isNumeric, isTemporal, quoted, rowsOf, utc } from './sql-text.ts';

/**
 * One sketch per grid over the rows of the partition whose time lies in its bucket (without `time`: over all rows); with a list
 * of slices one per grid and slice. A column that is not there, or no longer a number where the grid needs one, is left out: the
 * facts' types say which.
 * @throws `data-invalid` for a score outside [0, 1]; `data-changed` for a file that somebody wrote to since it was listed;
 *   `data-unreadable` for a damaged one.
 */
export async function sketchPartition(
  options: DuckdbOptions,
  { partition, grids, slice, time }: SketchRequest,
  work: Work,
): Promise<ReadonlyMap<string, Sketch>> {
  const files = partition.files.map((file) => file.path);
  const sketches = new Map<string, Sketch>();
  if (files.length === 0) return sketches;
  await refuseUnreadable(files);
  const before = await stamped(partition.files);
  const doing = `sketch the bucket ${partition.bucket.from}`;
  const question = { doing, files, memoryLimit: COUNTING_MEMORY, signal: work.signal };
  await ask(options, question, async (session) => {
    const types = await typesOf(session, files);
    const countable = grids.filter(({ feature, kind }) => {
      const type = types.get(feature);
      return type !== undefined && (kind === 'categories' || isNumeric(type));
    });
    if (slice !== undefined && !types.has(slice.column)) return;
    const names = [...new Set([...countable.map(({ feature }) => feature), ...(slice ? [slice.column] : [])])];
    const footers = await footersOf(session, files, time === undefined ? names : [...names, time]);
    const named = await sourceOf(session, { partition, time, files, footers, type: types.get(time ?? '') });
    const source = await nearby(session, { named, names, files });
    for (const [done, grid] of countable.entries()) {
      work.progress('sketching', done, countable.length);
      const column = columnOf(grid, { source, files, types, footers });
      const counted = slice
        ? await countSlices(session, column, slice)
        : [[grid.feature, await countColumn(session, column)] as const];
      for (const [name, sketch] of counted) sketches.set(name, sketch);
    }
    work.progress('sketching', countable.length, countable.length);
  });
  await refuseWritten(before);
  return sketches;
}

/** Matching columns by name costs milliseconds for every statement, which a single file does not need. */
const rowsOfPart = (files: readonly string[]): string =>
  files.length === 1 ? 'read_parquet($files, hive_partitioning = false)' : rowsOf('files');

/** So many values are copied into memory before they are counted: then a file of 2,000 columns is opened once, not 2,000 times. */
const NEARBY_VALUES = 4_000_000;

/** Small partitions as a table in memory; large ones stay where they are. */
async function nearby(
  session: Session,
  {
    named,
    names,
    files,
  }: { readonly named: Source; readonly names: readonly string[]; readonly files: readonly string[] },
): Promise<Source> {
  const { rows } = await session.row<{ rows: number }>(
    'SELECT coalesce(sum(num_rows), 0)::DOUBLE AS rows FROM parquet_file_metadata($files)',
    { files },
  );
  if (names.length < 2 || rows * names.length > NEARBY_VALUES) return named;
  await session.run(`CREATE TEMP TABLE nearby AS SELECT ${names.map(quoted).join(', ')} FROM ${named.sql}`, { files });
  return { ...named, sql: 'nearby' };
}

interface Sources {
  readonly source: Source;
  readonly files: readonly string[];
  readonly types: ReadonlyMap<string, string>;
  readonly footers: ReadonlyMap<string, FooterFacts>;
}

/** Footers count whole files, so they say nothing about a part of the rows. */
function columnOf(grid: Grid, { source, files, types, footers }: Sources) {
  const nulls = source.whole ? footers.get(grid.feature)?.nulls : undefined;
  return {
    grid,
    source: source.sql,
    files,
    type: types.get(grid.feature) ?? '',
    ...(nulls === undefined ? {} : { nulls }),
  };
}

interface Source {
  readonly sql: string;
  /** Every row of the files is counted. */
  readonly whole: boolean;
}

interface Bounded {
  readonly partition: Partition;
  readonly time: string | undefined;
  /** Of the time column. */
  readonly type: string | undefined;
  readonly files: readonly string[];
  readonly footers: ReadonlyMap<string, FooterFacts>;
}

/** Filtering reads the time column once more for every grid, so it is left out where it would keep every row. */
async function sourceOf(session: Session, bounded: Bounded): Promise<Source> {
  const { partition, time, files } = bounded;
  if (time === undefined) return { sql: rowsOfPart(files), whole: true };
  const { from, until } = partition.bucket;
  const extremes = (await writtenExtremes(session, time, bounded)) ?? (await readExtremes(session, time, files));
  const { first, last } = extremes;
  // DuckDB's own text of a timestamp, in UTC.
  const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
  const inside = first !== null && last !== null && at(first) >= Date.parse(from) && at(last) < Date.parse(until);
  if (inside) return { sql: rowsOfPart(files), whole: true };
  return { sql: `${rowsOfPart(files)} WHERE ${within(partition, time)}`, whole: false };
}

/** First and last time; null where there is none, or where a row has none. */
interface Extremes {
  readonly first: string | null;
  readonly last: string | null;
}

/** As the footers tell it; undefined where they do not. */
async function writtenExtremes(
  session: Session,
  time: string,
  { footers, type = '' }: Bounded,
): Promise<Extremes | undefined> {
  const { nulls, least = [], greatest = [] } = footers.get(time) ?? {};
  if (nulls !== 0 || !isTemporal(type) || least.length === 0) return undefined;
  const as = (text: string): string => `try_cast(try_cast(${text} AS ${type}) AS TIMESTAMP)`;
  const found = await session.row<Extremes>(
    `SELECT (SELECT min(${as('text')})::VARCHAR FROM unnest($least) low(text)) AS first,
            (SELECT max(${as('text')})::VARCHAR FROM unnest($greatest) high(text)) AS last`,
    { least, greatest },
  );
  return found.first === null || found.last === null ? undefined : found;
}

async function readExtremes(session: Session, time: string, files: readonly string[]): Promise<Extremes> {
  return await session.row<Extremes>(
    `SELECT CASE WHEN count(*) = count(${utc(time)}) THEN min(${utc(time)})::VARCHAR END AS first,
            max(${utc(time)})::VARCHAR AS last FROM ${rowsOfPart(files)}`,
    { files },
  );
}
