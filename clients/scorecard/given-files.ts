import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DataStore, Work } from '../../activities/ports/data-store.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { FileRef } from '../../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from '../failure.ts';

const ROLES = ['challenger', 'champion', 'labels', 'holdout'] as const;
export type Role = (typeof ROLES)[number];
export type FilesByRole = Readonly<Partial<Record<Role, string>>>;

export interface GivenFile {
  /** As the caller wrote it. */
  readonly path: string;
  /** Of the file as it was given; a CSV file is measured as the Parquet file that it was read into. */
  readonly sha256: string;
  readonly bytes: number;
  readonly measured: FileRef;
  readonly columns: ReadonlyMap<string, string>;
}
export type GivenFiles = Readonly<Partial<Record<Role, GivenFile>>>;

/** Reads what the command named, CSV as Parquet below `scratch`. Throws CliFailure 5 for a file that is not there. */
export async function readGivenFiles(
  data: Pick<DataStore, 'importCsv' | 'columns'>,
  named: FilesByRole,
  { scratch, work }: { readonly scratch: string; readonly work: Work },
): Promise<GivenFiles> {
  const given: Partial<Record<Role, GivenFile>> = {};
  for (const role of ROLES) {
    const file = named[role];
    if (file !== undefined)
      given[role] = await readGivenFile(data, { role, file, into: path.join(scratch, role) }, work);
  }
  return given;
}

/** One of them; `role` says what it was to be. Throws CliFailure 5 when it is not there. */
export async function readGivenFile(
  data: Pick<DataStore, 'importCsv' | 'columns'>,
  { file, into, role }: { readonly role: string; readonly file: string; readonly into: string },
  work: Work,
): Promise<GivenFile> {
  const absolute = path.resolve(file);
  const found = await stat(absolute).catch(() => undefined);
  if (!found?.isFile()) {
    const what = found ? 'is no file' : 'is not there';
    const next = 'name one Parquet or CSV file; more of them are joined before';
    throw new CliFailure(EXIT.notFound, `${file} (${role}, ${absolute}) ${what}`, next);
  }
  const isCsv = /\.(csv|tsv)(\.gz)?$/i.test(absolute);
  if (isCsv) await mkdir(into, { recursive: true });
  const [written] = isCsv ? await data.importCsv({ files: [absolute], like: [], into }, work) : [];
  const own = await sha256Of(absolute, work.signal);
  const measured = written ?? absolute;
  const bytes = written === undefined ? found.size : (await stat(written)).size;
  const sha256 = written === undefined ? own : await sha256Of(written, work.signal);
  const columns = await data.columns([measured]);
  return {
    path: file,
    sha256: own,
    bytes: found.size,
    measured: { name: path.basename(file), path: measured, bytes, sha256 },
    columns: new Map(columns.map(({ name, type }) => [name, type])),
  };
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest('hex');
}

/** What went wrong with a file, under the name that the caller gave it and with what to do about it. */
export function inGivenWords(error: unknown, given: GivenFiles): unknown {
  if (!(error instanceof PortFailure)) return error;
  const message = Object.values(given).reduce(
    (text, { measured, path: file }) => text.replaceAll(measured.path, file),
    error.message,
  );
  const next = NEXT[error.code];
  return new PortFailure(error.code, message, {
    cause: error,
    details: error.details,
    ...(next === undefined ? {} : { next }),
  });
}

const NEXT: Partial<Record<PortFailure['code'], string>> = {
  'data-schema':
    'predictions have an id and a score (a class, for task: multiclass), labels an id and a label; --id and --label say how the columns are called',
  'data-invalid': 'correct the rows that are meant above; nothing was judged',
};
