import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { DuckDBTimestampValue } from '@duckdb/node-api';
import type { DataSource } from '../../../scorecards/contracts/trainer.ts';
import type { Pulled, PullRequest, Work } from '../../ports/data-store.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { daysOf, refuseNoRowTime, writeDayFiles } from './day-files.ts';
import { readQuery } from './pull-query.ts';
import { instant, utc } from './sql-text.ts';

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
  const done = await ask(options, question, async (session) => {
    work.progress('running the query', 0, 1);
    const sources = await sourcesOf(session, query.paths);
    const values = { as_of: request.asOf, from: request.span.from, until: request.span.until };
    const bound = Object.entries(values).filter(([name]) => query.parameters.includes(name));
    await session.connection.run(
      `CREATE TEMP TABLE pulled AS ${query.sql}`,
      Object.fromEntries(bound.map(([name, iso]) => [name, new DuckDBTimestampValue(BigInt(Date.parse(iso)) * 1000n)])),
    );
    await refuseNoRowTime(session, 'pulled', request.time);
    return { files: await writeDayFiles(session, inSpan(request), work), sources };
  });
  return { queryDigest: createHash('sha256').update(sql).digest('hex'), ...done };
}

function inSpan({ span, time, into }: PullRequest) {
  const where = `${utc(time)} >= ${instant(span.from)} AND ${utc(time)} < ${instant(span.until)}`;
  return { table: 'pulled', select: '*', where, day: utc(time), into, cleared: daysOf(span) };
}

/** The state of every file before the query reads it, so that a later change is seen as one. */
async function sourcesOf(session: Session, patterns: readonly string[]): Promise<readonly DataSource[]> {
  const found = await Promise.all(
    patterns.map(async (pattern) => session.rows<{ file: string }>('SELECT file FROM glob($pattern)', { pattern })),
  );
  const files = [...new Set(found.flat().map(({ file }) => file))].toSorted();
  return await Promise.all(
    files.map(async (file) => {
      const { size, mtimeNs } = await stat(file, { bigint: true });
      return { uri: pathToFileURL(file).href, etag: `${size}-${mtimeNs}` };
    }),
  );
}
