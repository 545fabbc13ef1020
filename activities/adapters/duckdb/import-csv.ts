import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CsvImport, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions } from './connection.ts';
import { quoted, textLiteral } from './sql-text.ts';

/**
 * One Parquet file for each CSV file, in their order, named by their place. The types are those that all rows agree to; lines
 * of another width, or bytes that are no text, are a failure and never skipped.
 * @throws `data-missing`, `data-unreadable` naming the file.
 */
export async function importCsv(options: DuckdbOptions, request: CsvImport, work: Work): Promise<readonly string[]> {
  const written: string[] = [];
  for (const [index, file] of request.files.entries()) {
    work.progress('reading CSV', index, request.files.length);
    written.push(await importOne(options, { ...request, file, name: `${index}.parquet` }, work.signal));
  }
  return written;
}

async function importOne(
  options: DuckdbOptions,
  { file, into, like, name }: Omit<CsvImport, 'files'> & { readonly file: string; readonly name: string },
  signal: AbortSignal,
): Promise<string> {
  await refuseEmpty(file);
  const target = join(into, name);
  const types = new Map(like.map((column) => [column.name, column.type]));
  // All lines decide on a type: a sample would take a late text for a broken number. Nothing is skipped to make a file fit.
  const source = `read_csv(${textLiteral(file)}, header = true, skip = 0, sample_size = -1, strict_mode = true)`;
  const question = { doing: `read ${file} as CSV`, files: [file], directories: [into], signal };
  await ask(options, question, async (session) => {
    await session.run(`CREATE TEMP VIEW csv AS SELECT * FROM ${source}`);
    const columns = await session.rows<{ column_name: string; column_type: string }>('DESCRIBE csv');
    const texts = columns.filter(({ column_type: type }) => type === 'VARCHAR').map((column) => column.column_name);
    const counts = texts.map((text, place) => `count(${quoted(text)})::DOUBLE AS ${quoted(`c${place}`)}`);
    const values = await session.row<Record<string, number>>(`SELECT ${['0 AS none', ...counts].join(', ')} FROM csv`);
    const empty = new Set(texts.filter((_, place) => values[`c${place}`] === 0));
    const select = columns.map(({ column_name: column }) => {
      const type = empty.has(column) ? types.get(column) : undefined;
      return type === undefined ? quoted(column) : `NULL::${type} AS ${quoted(column)}`;
    });
    await session.run(
      `COPY (SELECT ${select.join(', ')} FROM csv) TO ${textLiteral(target)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unreadable(file, error);
  });
  return target;
}

async function refuseEmpty(file: string): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new PortFailure('data-missing', `cannot read ${file}`, { cause, details: { file } });
  });
  if (found.size > 0) return;
  const message = `${file} is empty (0 bytes); expected a CSV file with a header. Write it again.`;
  throw new PortFailure('data-unreadable', message, { details: { file } });
}

/** Of DuckDB's advice on its own options, nothing helps whoever only has a file. */
function unreadable(file: string, error: unknown): unknown {
  if (!(error instanceof PortFailure) || !['query-failed', 'data-schema', 'data-unreadable'].includes(error.code))
    return error;
  const said = error.cause instanceof Error ? error.cause.message : error.message;
  const line = /line:?\s+(\d+)/i.exec(said)?.[1];
  const where = line === undefined ? '' : ` at line ${line}`;
  const [what = ''] = said.split('\n');
  const message = `${file} cannot be read as CSV${where}: ${what.trim()}. Expected a header and as many fields in every line.`;
  return new PortFailure('data-unreadable', message, { cause: error, details: { file } });
}
