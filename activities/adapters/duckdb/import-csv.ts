import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { CsvImport, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions, type Session } from './connection.ts';
import { messageOf } from './failures.ts';
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
  if (file.toLowerCase().endsWith('.gz')) await refuseCutGzip(file, signal);
  const target = join(into, name);
  const types = new Map(like.map((column) => [column.name, column.type]));
  const question = { doing: `read ${file} as CSV`, files: [file], directories: [into], signal };
  await ask(options, question, async (session) => {
    const columns = await columnsOfCsv(session, file);
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

interface CsvColumn {
  readonly column_name: string;
  readonly column_type: string;
}

/** Leaves the lines of the file as the view `csv`. */
async function columnsOfCsv(session: Session, file: string): Promise<readonly CsvColumn[]> {
  const look = async (more: string) => {
    // All lines decide on a type: a sample would take a late text for a broken number. Nothing is skipped to make a file fit.
    const source = `read_csv(${textLiteral(file)}, header = true, skip = 0, sample_size = -1, strict_mode = true${more})`;
    await session.run(`CREATE OR REPLACE TEMP VIEW csv AS SELECT * FROM ${source}`);
    return session.rows<CsvColumn>('DESCRIBE csv');
  };
  const columns = await look('');
  // One line that ends too early, as the last of a cut file does, has DuckDB take each whole line for one value.
  const [name = ''] = columns.length === 1 ? columns.map(({ column_name: column }) => column) : [];
  const header = name.replaceAll(/"(?:[^"]|"")*"/g, '"');
  const separator = /[,;|\t]/.exec(header)?.[0];
  if (separator === undefined) return columns;
  return look(`, delim = ${textLiteral(separator)}`).catch(async (error: unknown) => {
    await findShortLine(session, { file, header, separator });
    throw error;
  });
}

/** Fails at the first line of another width than the header: a file whose format cannot be guessed has no line to name. */
async function findShortLine(
  session: Session,
  { file, header, separator }: { readonly file: string; readonly header: string; readonly separator: string },
): Promise<void> {
  const columns = header.split(separator).map((_, place) => `c${place}: 'VARCHAR'`);
  const source = `read_csv(${textLiteral(file)}, header = true, auto_detect = false, strict_mode = true, quote = '"', delim = ${textLiteral(separator)}, columns = {${columns.join(', ')}})`;
  await session.row(`SELECT count(*) FROM ${source}`);
}

/** DuckDB takes what it finds of a gzip file for all of it. */
async function refuseCutGzip(file: string, signal: AbortSignal): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await pipeline(createReadStream(file), createGunzip(), nowhere, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    const message = `${file} is cut off or not gzip (${messageOf(cause)}). Write it again.`;
    throw new PortFailure('data-unreadable', message, { cause, details: { file } });
  });
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
  const said = error.cause === undefined ? error.message : messageOf(error.cause);
  const line = /line:?\s+(\d+)/i.exec(said.replace(/\nLINE \d[^]*/, ''))?.[1];
  const where = line === undefined ? '' : ` at line ${line}`;
  const [, expected, found] = /Number of Columns: (\d+) Found: (\d+)/.exec(said) ?? [];
  // DuckDB's own words on a line come after the line itself.
  const [first = '', , words = first] = said.split('\n');
  const told = first.includes('CSV Error on Line') ? words : first;
  const what = expected === undefined ? told.trim() : `fields there: ${found}, names in the header: ${expected}`;
  const message = `${file} cannot be read as CSV${where}: ${what.replace(/\.$/, '')}. Expected a header and as many fields in every line.`;
  return new PortFailure('data-unreadable', message, { cause: error, details: { file } });
}
