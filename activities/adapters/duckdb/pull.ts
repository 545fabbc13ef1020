import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBTimestampValue } from '@duckdb/node-api';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { Pulled, PullRequest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { fileRef } from './parquet-files.ts';
import { DAY_MS } from './partitions.ts';
import { readQuery } from './pull-query.ts';
import { refuseNoTime } from './snapshot-columns.ts';
import { dayName } from './snapshot-days.ts';
import { instant, textLiteral, utc } from './sql-text.ts';

/**
 * Runs a team's query and writes its rows as one Parquet file per UTC day of the span. Days without rows have no file, also if
 * an earlier pull left one; rows outside the span are not written. The same rows are the same bytes.
 *
 * Locked: the query is a single SELECT by DuckDB's own parse, so it cannot write, attach, install, load or set; it reads the
 * policy's folder (and `into`) and nothing else, no network, no environment. Not locked: the time it takes. A memory limit does
 * not bound time, so the caller's deadline must abort `work.signal`; the query is then interrupted. DuckDB takes SQL for code and
 * Parquet files for trusted: a policy is reviewed like code.
 * @throws `bad-request` for a query that is not one SELECT, `data-schema` without the time column, `data-invalid` for rows
 *   without time, `query-failed` for what DuckDB refuses.
 */
export async function pullDays(options: DuckdbOptions, request: PullRequest, work: Work): Promise<Pulled> {
  const { sql, folder, into } = request;
  const query = await ask(options, { doing: 'parse the query of spec.data.pull', signal: work.signal }, (session) =>
    readQuery(session, sql, folder),
  );
  await mkdir(into, { recursive: true });
  const question = { doing: 'run the query of spec.data.pull', directories: [folder, into], signal: work.signal };
  const files = await ask(options, question, async (session) => {
    work.progress('running the query', 0, 1);
    const values = { as_of: request.asOf, from: request.span.from, until: request.span.until };
    const bound = Object.entries(values).filter(([name]) => query.parameters.includes(name));
    await session.connection.run(
      `CREATE TEMP TABLE pulled AS ${query.sql}`,
      Object.fromEntries(bound.map(([name, iso]) => [name, new DuckDBTimestampValue(BigInt(Date.parse(iso)) * 1000n)])),
    );
    await refuseNoRowTime(session, request.time);
    return await writeDays(session, request, work);
  });
  return { queryDigest: createHash('sha256').update(sql).digest('hex'), files };
}

async function refuseNoRowTime(session: Session, time: string): Promise<void> {
  const columns = await session.rows<{ column_name: string; column_type: string }>('DESCRIBE pulled');
  refuseNoTime(time, columns.find(({ column_name }) => column_name === time)?.column_type, undefined);
  const { nulls } = await session.row<{ nulls: number }>(
    `SELECT (count(*) - count(${utc(time)}))::DOUBLE AS nulls FROM pulled`,
  );
  if (nulls > 0)
    throw new PortFailure('data-invalid', `${nulls} pulled rows have no "${time}"; they belong to no day`, {
      details: { column: time, rows: nulls },
    });
}

async function writeDays(session: Session, { span, into, time }: PullRequest, work: Work): Promise<readonly FileRef[]> {
  const [from, until] = [Date.parse(span.from), Date.parse(span.until)];
  const inSpan = `${utc(time)} >= ${instant(span.from)} AND ${utc(time)} < ${instant(span.until)}`;
  const counted = await session.rows<{ day: number; rows: number }>(
    `SELECT epoch_ms(date_trunc('day', ${utc(time)}))::DOUBLE AS day, count(*)::DOUBLE AS rows
     FROM pulled WHERE ${inSpan} GROUP BY 1`,
  );
  const rowsOfDay = new Map(counted.map(({ day, rows }) => [day, rows]));
  const files: FileRef[] = [];
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < until; day += DAY_MS) {
    work.progress('writing days', (day - from) / DAY_MS, (until - from) / DAY_MS);
    const name = `day=${dayName(day)}/data.parquet`;
    const path = join(into, name);
    const rows = rowsOfDay.get(day);
    if (rows === undefined) {
      await rm(path, { force: true });
      continue;
    }
    await mkdir(join(path, '..'), { recursive: true });
    const ofDay = `${utc(time)} >= ${instant(new Date(day).toISOString())} AND ${utc(time)} < ${instant(new Date(day + DAY_MS).toISOString())}`;
    await session.run(
      `COPY (SELECT * FROM pulled WHERE ${inSpan} AND ${ofDay} ORDER BY ALL)
       TO ${textLiteral(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await rename(`${path}.part`, path);
    files.push(await fileRef(path, name, rows));
  }
  return files;
}
