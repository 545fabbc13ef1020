import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';
import { fileRef } from './parquet-files.ts';
import { DAY_MS } from './partitions.ts';
import { refuseNoTime } from './snapshot-columns.ts';
import { dayName } from './snapshot-days.ts';
import { textLiteral, utc } from './sql-text.ts';

export interface DayFiles {
  /** A table or view of the session. */
  readonly table: string;
  readonly select: string;
  /** The rows that are written. */
  readonly where: string;
  /** An expression of type DATE or TIMESTAMP: the UTC day that a row belongs to. */
  readonly day: string;
  readonly into: string;
  /** Starts of days, milliseconds: those without rows lose their file. */
  readonly cleared: readonly number[];
}

/** Writes `day=YYYY-MM-DD/data.parquet` for each day that has rows. The same rows are the same bytes, in whatever order they come. */
export async function writeDayFiles(session: Session, given: DayFiles, work: Work): Promise<readonly FileRef[]> {
  const { table, select, where, day, into } = given;
  const start = `epoch_ms(date_trunc('day', ${day})::TIMESTAMP)`;
  const counted = await session.rows<{ day: number; rows: number }>(
    `SELECT ${start}::DOUBLE AS day, count(*)::DOUBLE AS rows FROM ${table} WHERE ${where} GROUP BY 1 ORDER BY 1`,
  );
  const filled = new Set(counted.map((one) => one.day));
  for (const empty of given.cleared.filter((one) => !filled.has(one))) await rm(fileOf(into, empty), { force: true });
  const files: FileRef[] = [];
  for (const [index, { day: of, rows }] of counted.entries()) {
    work.progress('writing days', index, counted.length);
    const path = fileOf(into, of);
    await mkdir(join(path, '..'), { recursive: true });
    await session.run(
      `COPY (SELECT ${select} FROM ${table} WHERE ${where} AND ${start} = ${of} ORDER BY ALL)
       TO ${textLiteral(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await rename(`${path}.part`, path);
    files.push(await fileRef(path, `day=${dayName(of)}/data.parquet`, rows));
  }
  return files;
}

function fileOf(into: string, day: number): string {
  return join(into, `day=${dayName(day)}`, 'data.parquet');
}

/** Starts of all UTC days that a span touches. */
export function daysOf(span: { readonly from: string; readonly until: string }): readonly number[] {
  const first = Math.floor(Date.parse(span.from) / DAY_MS) * DAY_MS;
  const count = Math.max(0, Math.ceil((Date.parse(span.until) - first) / DAY_MS));
  return Array.from({ length: count }, (_, index) => first + index * DAY_MS);
}

/** Rows without time belong to no day. Throws `data-schema` or `data-invalid`. */
export async function refuseNoRowTime(session: Session, table: string, time: string): Promise<void> {
  const columns = await session.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${table}`);
  refuseNoTime(time, columns.find(({ column_name }) => column_name === time)?.column_type, undefined);
  const { nulls } = await session.row<{ nulls: number }>(
    `SELECT (count(*) - count(${utc(time)}))::DOUBLE AS nulls FROM ${table}`,
  );
  if (nulls > 0)
    throw new PortFailure('data-invalid', `${nulls} pulled rows have no "${time}"; they belong to no day`, {
      details: { column: time, rows: nulls },
    });
}
