import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a temporary file, flushes it to disk and hands it to `publish`; the temporary name is gone afterwards whatever
 * happens. A crash can leave the temporary file, never a half-written published one.
 */
export async function writeThen<T>(
  temporary: string,
  write: (handle: FileHandle) => Promise<void>,
  publish: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(temporary, `${process.pid}-${randomUUID()}`);
  const handle = await open(path, 'wx', 0o644);
  try {
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(path, 0o444);
    return await publish(path);
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

/** Gives the file its name, replacing what is there. */
export async function renameInto(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** Gives the file its name unless the name is taken; says whether it got it. A link is atomic where O_EXCL alone is not:
 * nobody can see the name before the content is complete. */
export async function linkInto(from: string, to: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await syncDirectory(dirname(to));
  return true;
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The code of a system error (`ENOENT`, …), or nothing. */
export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}
