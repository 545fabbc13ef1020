import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { PartitionFile } from '../../../scorecards/drift/sketch.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import type { FileDigest, Work } from '../../ports/data-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Session } from './connection.ts';

/** A source file as it was before it was read. */
export interface WatchedFile {
  readonly ref: FileRef;
  readonly modified: bigint;
}

/** The columns of one file by name, in file order. */
export type FileColumns = ReadonlyMap<string, string>;

/**
 * Refuses what cannot be Parquet before DuckDB sees it, so that the failure names the file: empty, cut off, or something
 * else. Eight bytes of each file are read.
 */
export async function refuseUnreadable(paths: readonly string[]): Promise<void> {
  for (const path of paths) await refuseOne(path);
}

async function refuseOne(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw new PortFailure('data-missing', `cannot read ${path}`, { cause: error, details: { file: path } });
  });
  try {
    const { size } = await handle.stat();
    const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
    if (size >= 12) await Promise.all([handle.read(head, 0, 4, 0), handle.read(tail, 0, 4, size - 4)]);
    if (head.toString('latin1') === 'PAR1' && tail.toString('latin1') === 'PAR1') return;
    const what = size === 0 ? 'is empty (0 bytes)' : `is cut off or not Parquet (${size} bytes)`;
    throw new PortFailure('data-unreadable', `${path} ${what}; expected a whole Parquet file. Write it again.`, {
      details: { file: path, bytes: size },
    });
  } finally {
    await handle.close();
  }
}

/** Size, digest and time of change before reading; `refuseChanged` compares afterwards. */
export async function watched(path: string, name: string): Promise<WatchedFile> {
  await refuseOne(path);
  const { size, mtimeNs } = await stat(path, { bigint: true });
  return { ref: { name, path, bytes: Number(size), sha256: await sha256Of(path) }, modified: mtimeNs };
}

/** Throws `data-changed` if the file is not what it was when `watched` looked at it. */
export async function refuseChanged(file: WatchedFile): Promise<void> {
  const { path, bytes, sha256 } = file.ref;
  const now = await stat(path, { bigint: true }).catch(() => undefined);
  if (now !== undefined && Number(now.size) === bytes && now.mtimeNs === file.modified) {
    if ((await sha256Of(path)) === sha256) return;
  }
  throw changed(path, now === undefined);
}

function changed(path: string, removed: boolean): PortFailure {
  return new PortFailure(
    'data-changed',
    `${path} was ${removed ? 'removed' : 'changed'} while it was read; nothing of it is used. ` +
      'Write partitions under another name and rename them into place.',
    { details: { file: path } },
  );
}

/** A clock that ticks once in a second or two is the coarsest that file systems have. */
const COARSEST_CLOCK_MS = 2000;

/**
 * SHA-256 of a file as it was listed, streaming. It is settled when the last change is older than the coarsest clock of a file
 * system: a younger file could be written to once more without another stamp.
 */
export async function digestOfFile(file: PartitionFile, work: Work): Promise<FileDigest> {
  const begun = Date.now();
  await refuseOne(file.path);
  const before = await stamped([file]);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file.path, { signal: work.signal }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  await refuseWritten(before);
  const { ctimeMs, mtimeMs } = await stat(file.path);
  return { sha256: hash.digest('hex'), settled: Math.max(ctimeMs, mtimeMs) < begun - COARSEST_CLOCK_MS };
}

/** Size, times of change and inode in one text: while it is the same, nobody has written to the file. */
async function stampOf(path: string): Promise<string> {
  return stampFrom(await stat(path, { bigint: true }));
}

export const stampFrom = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string =>
  [size, mtimeNs, ctimeNs, ino].join('-');

/** Files with the stamp they were listed with, else the one they have now. */
export async function stamped(files: readonly PartitionFile[]): Promise<ReadonlyMap<string, string>> {
  return new Map(
    await Promise.all(
      files.map(async ({ path, stamp }): Promise<[string, string]> => [path, stamp ?? (await stampOf(path))]),
    ),
  );
}

/** Throws `data-changed` for a file whose stamp is another than `before`. */
export async function refuseWritten(before: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, stamp] of before) {
    const now = await stampOf(path).catch(() => undefined);
    if (now !== stamp) throw changed(path, now === undefined);
  }
}

/** A finished file as a manifest lists it. */
export async function fileRef(path: string, name: string, rows?: number): Promise<FileRef> {
  const { size } = await stat(path);
  return { name, path, bytes: size, sha256: await sha256Of(path), ...(rows === undefined ? {} : { rows }) };
}

/** SHA-256 of a file of any size, streaming. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

interface SchemaRow {
  readonly file_name: string;
  readonly name: string;
  readonly type: string;
  readonly children: number;
}

/** Top-level columns of each file from the footers. Nested columns are named with the type `NESTED`. */
export async function columnsOfFiles(
  session: Session,
  files: readonly string[],
): Promise<ReadonlyMap<string, FileColumns>> {
  const rows = await session.rows<SchemaRow>(
    `SELECT file_name, name, coalesce(duckdb_type, 'NESTED') AS type, coalesce(num_children, 0)::DOUBLE AS children
     FROM parquet_schema($files) ORDER BY file_name, column_id`,
    // Two models that predict the same are one file of the evidence store.
    { files: [...new Set(files)] },
  );
  const byFile = new Map<string, SchemaRow[]>();
  for (const row of rows) byFile.set(row.file_name, [...(byFile.get(row.file_name) ?? []), row]);
  return new Map([...byFile].map(([file, schema]) => [file, topLevel(schema)]));
}

/** The schema is a tree in depth-first order; the first row is its root. */
function topLevel(schema: readonly SchemaRow[]): FileColumns {
  const columns = new Map<string, string>();
  let next = 1;
  const end = (from: number): number => {
    let position = from + 1;
    for (let child = 0; child < (schema[from]?.children ?? 0); child += 1) position = end(position);
    return position;
  };
  while (next < schema.length) {
    const row = schema[next];
    if (row !== undefined) columns.set(row.name, row.children > 0 ? 'NESTED' : row.type);
    next = end(next);
  }
  return columns;
}

/** Throws `data-schema` for the first of the names that a file does not have. */
export function requireColumns({ path }: Pick<FileRef, 'path'>, columns: FileColumns, names: readonly string[]): void {
  const absent = names.find((name) => !columns.has(name));
  if (absent === undefined) return;
  throw new PortFailure(
    'data-schema',
    `the column "${absent}" is not in ${path}; it has ${[...columns.keys()].join(', ')}`,
    {
      details: { file: path, column: absent },
    },
  );
}

/** Throws `data-changed` for a file that is not what its reference says. */
export async function refuseOther({ path, sha256 }: Pick<FileRef, 'path' | 'sha256'>): Promise<void> {
  const found = await sha256Of(path);
  if (found === sha256) return;
  throw new PortFailure('data-changed', `${path} has SHA-256 ${found}, but ${sha256} was to be measured`, {
    details: { file: path },
  });
}
