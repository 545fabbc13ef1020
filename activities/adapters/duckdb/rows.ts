import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { FeaturesRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { notExcluded, readExclusions } from './exclusions.ts';
import { fileRef, refuseUnreadable } from './parquet-files.ts';
import { listPartitions } from './partitions.ts';
import { agreedTypes, refuseNoTime, snapshotColumns } from './snapshot-columns.ts';
import { refuseGaps } from './snapshot-days.ts';
import { pathsOf } from './snapshot-join.ts';
import { instant, quoted, rowsOf, textLiteral, utc } from './sql-text.ts';

/**
 * `features.parquet`: id, time, features and slices of a span's observations, without labels and without excluded ids, in order
 * of time and id; columns are hashed as in a snapshot.
 * @throws `data-missing` naming the days without observations.
 */
export async function writeFeatures(options: DuckdbOptions, request: FeaturesRequest, work: Work): Promise<FileRef> {
  const { data, span, bucketMs, into } = request;
  const { id, time } = data.observations;
  const path = resolve(request.folder, data.observations.path);
  const all = await listPartitions(options, { dataset: 'observations', path, bucketMs });
  const [from, until] = [Date.parse(span.from), Date.parse(span.until)];
  const first = Math.floor(from / bucketMs) * bucketMs;
  refuseGaps('span', { from: first, until, bucketMs }, new Set(all.map(({ bucket }) => Date.parse(bucket.from))));
  const files = pathsOf(all.filter(({ bucket }) => Date.parse(bucket.until) > from && Date.parse(bucket.from) < until));
  await refuseUnreadable(files);
  const { ids: excluded } = await readExclusions(request);
  await mkdir(into, { recursive: true });
  const target = join(into, 'features.parquet');
  const question = { doing: 'write the features', files, directories: [into], signal: work.signal };
  const rows = await ask(options, question, async (session) => {
    const types = await agreedTypes(session, files, [...new Set([id, time, ...request.features, ...data.slices])]);
    refuseNoTime(time, types.get(time), files[0]);
    const select = snapshotColumns(request, types).map(({ expression, name }) => `${expression} AS ${quoted(name)}`);
    const inSpan = `o.${utc(time)} >= ${instant(span.from)} AND o.${utc(time)} < ${instant(span.until)}`;
    const where = `${inSpan} AND ${notExcluded(id)}`;
    const source = `FROM ${rowsOf('files')} o WHERE ${where}`;
    // COPY takes no parameters, a table made from a query does.
    await session.run(`CREATE TEMP TABLE features AS SELECT ${select.join(', ')} ${source}`, { files, excluded });
    await session.run(
      `COPY (SELECT * FROM features ORDER BY ${quoted(time)}, ${quoted(id)})
       TO ${textLiteral(`${target}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    return await session.row<{ rows: number }>('SELECT count(*)::DOUBLE AS rows FROM features');
  });
  await rename(`${target}.part`, target);
  return await fileRef(target, 'features.parquet', rows.rows);
}

/** The first rows of a file as plain JSON: whole numbers as numbers where they are exact, instants as ISO 8601. */
export async function sampleRows(
  options: DuckdbOptions,
  file: string,
  rows: number,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (!Number.isInteger(rows) || rows < 0)
    throw new PortFailure('bad-request', `cannot sample ${rows} rows; expected a whole number of at least 0`);
  await refuseUnreadable([file]);
  return await ask(options, { doing: `sample ${file}`, files: [file] }, async (session) => {
    const reader = await session.connection.runAndReadAll(
      `SELECT * FROM read_parquet(${textLiteral(file)}, hive_partitioning = false) LIMIT ${rows}`,
    );
    return reader.getRowObjectsJS().map((row) => plain(row) as Readonly<Record<string, unknown>>);
  });
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  // Dates come from another realm under some test runners, so they are recognised by what they can do.
  if ('toISOString' in value && typeof value.toISOString === 'function') return String(value.toISOString());
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
