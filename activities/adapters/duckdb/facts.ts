import type { Partition, PartitionFacts } from '../../../scorecards/drift/sketch.ts';
import type { Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { typesOf } from './freeze-grids.ts';
import { DAY_MS, dayOf, spanOf } from './partitions.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { instant, rowsOf, utc } from './sql-text.ts';

/** Rows, columns and the newest event of a partition's bucket, and the rows of its files that lie in no bucket. */
export async function partitionFacts(
  options: DuckdbOptions,
  { partition, time }: { readonly partition: Partition; readonly time: string },
  work: Work,
): Promise<PartitionFacts> {
  const { bucket } = partition;
  const files = partition.files.map((file) => file.path);
  if (files.length === 0) return { bucket, rows: 0, columns: [] };
  await refuseUnreadable(files);
  const question = { doing: `look at the bucket ${bucket.from}`, files, signal: work.signal };
  return await ask(options, question, async (session) => {
    const types = await typesOf(session, files);
    const columns = [...types].map(([name, type]) => ({ name, type }));
    if (!types.has(time)) return { bucket, rows: 0, columns };
    const [inside, home] = [within(partition, time), homeOf(partition)];
    const stray = home === undefined ? 'false' : `(${within({ bucket: home }, time)}) IS NOT TRUE`;
    // Where nobody asks for strays, row groups of other buckets need not be read.
    const where = home === undefined ? `WHERE ${inside}` : '';
    const found = await session.row<Found>(
      `SELECT count(*) FILTER (${inside})::DOUBLE AS rows, ${text('max', time, inside)} AS newest,
              count(*) FILTER (${stray})::DOUBLE AS strays,
              ${text('min', time, stray)} AS first, ${text('max', time, stray)} AS last
       FROM ${rowsOf('files')} ${where}`,
      { files },
    );
    const { first, last, newest, rows, strays } = found;
    const ends = first === null || last === null ? {} : { first, last };
    return {
      bucket,
      rows,
      columns,
      ...(newest === null ? {} : { newestEvent: newest }),
      ...(strays === 0 ? {} : { strays: { column: time, rows: strays, ...ends } }),
    };
  });
}

interface Found {
  readonly rows: number;
  readonly newest: string | null;
  readonly strays: number;
  readonly first: string | null;
  readonly last: string | null;
}

const text = (end: 'min' | 'max', time: string, where: string): string =>
  `strftime(${end}(${utc(time)}) FILTER (${where}), '%Y-%m-%dT%H:%M:%S.%gZ')`;

/**
 * Where rows of these files may lie: the bucket and the days that the files are named after, since buckets of hours share the
 * file of their day. Undefined where no such day begins in the bucket: then another bucket answers for the files.
 */
function homeOf({ bucket, files }: Partition): Partition['bucket'] | undefined {
  const [from, until] = [Date.parse(bucket.from), Date.parse(bucket.until)];
  const days = files.map(({ path }) => dayOf(path));
  if (!days.some((day) => day >= from && day < until)) return undefined;
  return spanOf(Math.min(from, ...days), Math.max(until, ...days.map((day) => day + DAY_MS)));
}

/** The condition that keeps a bucket's rows, half-open. */
export function within({ bucket }: Pick<Partition, 'bucket'>, time: string): string {
  return `${utc(time)} >= ${instant(bucket.from)} AND ${utc(time)} < ${instant(bucket.until)}`;
}
