import type { Partition, PartitionFacts } from '../../../scorecards/drift/sketch.ts';
import type { Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { instant, rowsOf, utc } from './sql-text.ts';

/** Rows, columns and the newest event of a partition's bucket. */
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
    const found = await session.row<{ rows: number; newest: string | null }>(
      `SELECT count(*)::DOUBLE AS rows, strftime(max(${utc(time)}), '%Y-%m-%dT%H:%M:%S.%gZ') AS newest
       FROM ${rowsOf('files')} WHERE ${within(partition, time)}`,
      { files },
    );
    return { bucket, rows: found.rows, columns, ...(found.newest === null ? {} : { newestEvent: found.newest }) };
  });
}

/** The condition that keeps a bucket's rows, half-open. */
export function within({ bucket }: Pick<Partition, 'bucket'>, time: string): string {
  return `${utc(time)} >= ${instant(bucket.from)} AND ${utc(time)} < ${instant(bucket.until)}`;
}
