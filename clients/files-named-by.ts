import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Files that a pattern names, absolute and ascending: `*` is any text within one name, `**` any folders. A folder that is not
 * there has no files; a path without a wildcard is itself, there or not.
 */
export async function filesNamedBy(pattern: string): Promise<readonly string[]> {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => part.includes('*'));
  if (wild === -1) return [pattern];
  const root = parts.slice(0, wild).join('/') || '/';
  const names = await namesBelow(root);
  const wanted = new RegExp(`^${parts.slice(wild).map(expressionOf).join('/')}$`);
  return names
    .filter((name) => wanted.test(name))
    .map((name) => path.join(root, name))
    .toSorted();
}

/** The files of a pattern or, for a folder, all data files below it; none when there is nothing of that name. */
export async function dataFilesNamedBy(pattern: string): Promise<readonly string[]> {
  const absolute = path.resolve(pattern);
  const found = await stat(absolute).catch(() => undefined);
  if (found?.isDirectory()) {
    const names = await namesBelow(absolute);
    return names
      .filter((name) => /\.(parquet|pq|csv|tsv|csv\.gz|tsv\.gz)$/i.test(name))
      .map((name) => path.join(absolute, name))
      .toSorted();
  }
  return found ? [absolute] : (await filesNamedBy(absolute)).filter((file) => file !== absolute);
}

async function namesBelow(folder: string): Promise<readonly string[]> {
  return readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function expressionOf(part: string): string {
  if (part === '**') return '.*';
  return part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '[^/]*');
}
