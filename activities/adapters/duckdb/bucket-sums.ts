import type { Work } from '../../ports/data-store.ts';
import type { BucketSums, SumRequest } from '../../ports/score-questions.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { typesOf } from './freeze-grids.ts';
import { refuseUnreadable } from './parquet-files.ts';
import { spanOf } from './partitions.ts';
import { doubleLiteral, instant, quoted, rowsOf, utc } from './sql-text.ts';

/**
 * Count and sum of one column by bucket; nulls and what is not finite count for nothing. A column of the labels is joined by
 * id, the latest known value of each; the bucket stays that of the row. A column that is not there is named.
 */
export async function sumBuckets(options: DuckdbOptions, request: SumRequest, work: Work): Promise<BucketSums> {
  const { column, labels, rows } = request;
  if (rows.files.length === 0) return { buckets: [] };
  const files = [...new Set([...rows.files, ...(labels?.files ?? [])])];
  await refuseUnreadable(files);
  const question = { doing: `sum "${column}" by bucket`, files, threads: 1, signal: work.signal };
  return await ask(options, question, async (session) => {
    const own = labels === undefined ? [rows.id, rows.time, column] : [rows.id, rows.time];
    const absent =
      (await lacking(session, rows.files, own)) ??
      (labels && (await lacking(session, labels.files, [labels.id, labels.availableAt, column])));
    if (absent !== undefined) return { buckets: [], absent };
    const found = await session.rows<{ bucket: number; rows: number; sum: number }>(statement(request), {
      rows: rows.files,
      ...(labels === undefined ? {} : { labels: labels.files }),
    });
    return {
      buckets: found.map(({ bucket, ...sums }) => ({
        bucket: spanOf(bucket * request.bucketMs, (bucket + 1) * request.bucketMs),
        ...sums,
      })),
    };
  });
}

async function lacking(session: Session, files: readonly string[], names: readonly string[]) {
  if (files.length === 0) return names.at(-1);
  const types = await typesOf(session, files);
  return names.find((name) => !types.has(name));
}

function statement({ asOf, bucketMs, column, labels, rows, span }: SumRequest): string {
  const time = `r.${utc(rows.time)}`;
  const value = labels === undefined ? `r.${quoted(column)}::DOUBLE` : 'k.value';
  const joined =
    labels === undefined
      ? ''
      : `JOIN (SELECT ${quoted(labels.id)}::VARCHAR AS id, arg_max(${quoted(column)}::DOUBLE, ${utc(labels.availableAt)}) AS value
               FROM ${rowsOf('labels')} WHERE ${utc(labels.availableAt)} <= ${instant(asOf)} GROUP BY 1) k
         ON k.id = r.${quoted(rows.id)}::VARCHAR`;
  return `SELECT bucket::DOUBLE AS bucket, count(*)::DOUBLE AS rows, sum(value)::DOUBLE AS sum
    FROM (SELECT floor(epoch_ms(${time}) / ${doubleLiteral(bucketMs)}) AS bucket, ${value} AS value
          FROM ${rowsOf('rows')} r ${joined}
          WHERE ${time} >= ${instant(span.from)} AND ${time} < ${instant(span.until)})
    WHERE isfinite(value) GROUP BY 1 ORDER BY 1`;
}
