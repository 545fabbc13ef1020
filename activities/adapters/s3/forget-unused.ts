import { readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../../error-code.ts';

/** What `known/` says of an object: which content it had at an etag. */
const noteSchema = z.object({
  uri: z.string(),
  etag: z.string(),
  bytes: z.number(),
  sha256: z.string().length(64),
});

const FORGOTTEN = '.forgotten';
/** A content whose note is not there yet is that of a fetch that has just ended, or of a killed one. */
const SETTLED_MS = 3_600_000;

interface Note {
  readonly path: string;
  /** Of the content that it names. */
  readonly sha256: string;
}

interface Content {
  readonly blob: string;
  readonly ino: bigint;
  readonly notes: readonly Note[];
}

/**
 * Removes contents that no question asked for in `unusedMs`, with every name that they have. When a content was last asked for
 * is the time of change of its notes: whoever wants it touches one first and looks whether it is still there then. So notes are
 * put aside before they are judged: one that was touched meanwhile is put back, and who comes later finds none and fetches. What
 * is removed is the very file that was judged, never one that was fetched in between.
 */
export async function forgetUnused(directory: string, unusedMs: number): Promise<void> {
  const before = Date.now() - unusedMs;
  const unused = await unusedIn(directory, before);
  if (unused.length === 0) return;
  const names = await namesIn(join(directory, 'mirror'));
  for (const { blob, ino, notes } of unused) {
    if (!(await putAside(notes, before))) continue;
    for (const path of names.get(ino) ?? []) if ((await inodeOf(path)) === ino) await rm(path, { force: true });
    if ((await inodeOf(blob)) === ino) await rm(blob, { force: true });
    for (const { path } of notes) await rm(path + FORGOTTEN, { force: true });
  }
}

async function unusedIn(directory: string, before: number): Promise<readonly Content[]> {
  const all = await notesIn(join(directory, 'known'));
  const blobs = (await readdir(join(directory, 'blobs')).catch(() => [])).filter((name) => !name.endsWith('.part'));
  const contents = await Promise.all(
    blobs.map(async (name): Promise<Content[]> => {
      const blob = join(directory, 'blobs', name);
      const found = await stat(blob, { bigint: true }).catch(() => undefined);
      const notes = all.get(name) ?? [];
      if (found === undefined || !(await isUnused(notes, before))) return [];
      const isYoung = notes.length === 0 && Number(found.mtimeMs) > Date.now() - SETTLED_MS;
      return isYoung ? [] : [{ blob, ino: found.ino, notes }];
    }),
  );
  return contents.flat();
}

async function notesIn(folder: string): Promise<ReadonlyMap<string, readonly Note[]>> {
  // Drafts of notes, and notes that a killed look left aside, have a dot in their names.
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.includes('.'));
  const bySha = new Map<string, Note[]>();
  // One after the other: there may be more notes than files that a process may open.
  for (const path of names.map((name) => join(folder, name))) {
    const sha256 = await readNote(path);
    if (sha256 !== undefined) bySha.set(sha256, [...(bySha.get(sha256) ?? []), { path, sha256 }]);
  }
  return bySha;
}

/**
 * Digest of the content that a note names; undefined when it is not there or is no note. Throws what else keeps it from being
 * read: a note that is not seen would have its content removed.
 */
export async function readNote(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  const read = noteSchema.safeParse(parsed(text));
  return read.success ? read.data.sha256 : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function isUnused(notes: readonly Note[], before: number, suffix = ''): Promise<boolean> {
  const touched = await Promise.all(
    notes.map(async ({ path }) => (await stat(path + suffix).catch(() => undefined))?.mtimeMs ?? 0),
  );
  return touched.every((at) => at < before);
}

/** False when somebody asked for the content meanwhile: then everything is as it was. */
async function putAside(notes: readonly Note[], before: number): Promise<boolean> {
  for (const { path } of notes) await rename(path, path + FORGOTTEN).catch(() => undefined);
  if (await isUnused(notes, before, FORGOTTEN)) return true;
  for (const { path } of notes) await rename(path + FORGOTTEN, path).catch(() => undefined);
  return false;
}

/** Files of a folder by what they are links to. */
async function namesIn(folder: string): Promise<ReadonlyMap<bigint, readonly string[]>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = new Map<bigint, string[]>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const ino = await inodeOf(path);
    if (ino !== undefined) names.set(ino, [...(names.get(ino) ?? []), path]);
  }
  return names;
}

const inodeOf = async (path: string): Promise<bigint | undefined> =>
  (await stat(path, { bigint: true }).catch(() => undefined))?.ino;
