import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Document } from '../../ports/data-profile.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { ask, type DuckdbOptions } from './connection.ts';

/** A result file is read whole; a larger one is no result file. */
const MOST_BYTES = 16 * 1024 ** 2;

/** The texts of the files that match a glob, ascending by path; none is `[]`. */
export async function readDocuments(options: DuckdbOptions, pattern: string): Promise<readonly Document[]> {
  const root = rootOf(pattern);
  const isThere = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) return [];
  const found = await ask(options, { doing: `list ${pattern}`, directories: [root] }, (session) =>
    session.rows<{ file: string }>('SELECT file FROM glob($pattern) ORDER BY file', { pattern }),
  );
  return Promise.all(found.map(({ file }) => documentAt(file)));
}

/** The directory above the first part that has a wildcard. */
function rootOf(pattern: string): string {
  const wild = /^(.*?)[^/]*[*?[]/.exec(pattern);
  return wild ? dirname(`${wild[1] ?? ''}x`) : dirname(pattern);
}

async function documentAt(path: string): Promise<Document> {
  const { mtime, size } = await stat(path);
  if (size > MOST_BYTES)
    throw new PortFailure(
      'data-unreadable',
      `${path} has ${size} bytes; a result of checks has at most ${MOST_BYTES}`,
      {
        details: { file: path, bytes: size },
      },
    );
  return { path, text: await readFile(path, 'utf8'), modifiedAt: mtime.toISOString() };
}
