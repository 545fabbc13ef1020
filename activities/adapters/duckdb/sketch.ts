import type { Grid, Partition, Sketch } from '../../../scorecards/drift/sketch.ts';
import type { SketchRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { within } from './facts.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { countsOf, type Group } from './sketch-sql.ts';
import { instant, isNumeric, rowsOf, utc } from './sql-text.ts';

/** Grids counted in one statement: few enough that progress is seen and an abort is quick on large files. */
const GRIDS_AT_ONCE = 16;

/**
 * One sketch per grid over the rows of the partition whose time lies in its bucket. A column that is not there, or no longer a
 * number where the grid needs one, is left out: the facts' types say which.
 * @throws `data-invalid` for a score outside [0, 1].
 */
export async function sketchPartition(
  options: DuckdbOptions,
  { partition, grids, time }: SketchRequest,
  work: Work,
): Promise<ReadonlyMap<string, Sketch>> {
  const files = partition.files.map((file) => file.path);
  const sketches = new Map<string, Sketch>();
  if (files.length === 0) return sketches;
  for (const file of files) await refuseUnreadable(file);
  const question = { doing: `sketch the bucket ${partition.bucket.from}`, files, signal: work.signal };
  await ask(options, question, async (session) => {
    const types = await typesOf(session, files);
    const countable = grids.filter(({ feature, kind }) => {
      const type = types.get(feature);
      return type !== undefined && (kind === 'categories' || isNumeric(type));
    });
    const source = await sourceOf(session, { partition, time, files });
    for (let done = 0; done < countable.length; done += GRIDS_AT_ONCE) {
      work.progress('sketching', done, countable.length);
      const some = countable.slice(done, done + GRIDS_AT_ONCE);
      const statement = some.map((grid, index) => countsOf(grid, index, source)).join(' UNION ALL ');
      const groups = await session.rows<Group>(statement, { files });
      for (const [index, grid] of some.entries())
        sketches.set(
          grid.feature,
          sketchFrom(
            grid,
            groups.filter((group) => group.grid === index),
            files,
          ),
        );
    }
    work.progress('sketching', countable.length, countable.length);
  });
  return sketches;
}

/** Filtering reads the time column once more for every grid, so it is left out where it would keep every row. */
async function sourceOf(
  session: Session,
  { partition, time, files }: { partition: Partition; time?: string | undefined; files: readonly string[] },
): Promise<string> {
  if (time === undefined) return rowsOf('files');
  const { from, until } = partition.bucket;
  const { inside } = await session.row<{ inside: boolean | null }>(
    `SELECT min(${utc(time)}) >= ${instant(from)} AND max(${utc(time)}) < ${instant(until)}
            AND count(*) = count(${utc(time)}) AS inside FROM ${rowsOf('files')}`,
    { files },
  );
  return inside === true ? rowsOf('files') : `${rowsOf('files')} WHERE ${within(partition, time)}`;
}

function sketchFrom(grid: Grid, groups: readonly Group[], files: readonly string[]): Sketch {
  const keyless = groups.filter((group) => group.number === null && group.text === null);
  const keyed = groups.flatMap(({ number, text, rows }) => {
    const key = number ?? text;
    return key === null ? [] : [{ key, rows }];
  });
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  refuseNoScore(grid, keyed, files);
  const listed = sum(groups.map(({ rows }) => rows));
  const rows = Math.max(listed, groups[0]?.total ?? 0);
  const nonFinite = sum(keyless.map(({ present }) => present));
  return {
    grid: grid.id,
    rows,
    nulls: sum(keyless.map((group) => group.rows)) - nonFinite,
    nonFinite,
    keys: keyed.map(({ key }) => key),
    counts: keyed.map((group) => group.rows),
    other: rows - listed,
  };
}

function refuseNoScore(
  grid: Grid,
  keyed: readonly { readonly key: number | string }[],
  files: readonly string[],
): void {
  if (grid.kind !== 'unit') return;
  const outside = keyed.find(({ key }) => typeof key === 'number' && (key < 0 || key > grid.bins));
  if (outside === undefined) return;
  throw new PortFailure(
    'data-invalid',
    `the score "${grid.feature}" has values near ${Number(outside.key) / grid.bins} in ${files[0]}; expected 0 to 1`,
    { details: { column: grid.feature, file: files[0] } },
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
