import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errorCode } from '../../error-code.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { withFileLock } from '../file-lock.ts';

/**
 * Where one route lives: the file that Traefik watches, and beside the watched folder (never in it: a file created there
 * costs Traefik up to two seconds) what we remember of our last write.
 */
export interface RouteFile {
  readonly name: string;
  readonly file: string;
  readonly memory: string;
  readonly lock: string;
  readonly staging: string;
}

const memorySchema = z.object({
  generation: z.int().nonnegative(),
  /** Digest of the file; two while a write is under way, so that a crash in between is not taken for a stranger. */
  digests: z.array(z.string()),
});
type Memory = z.output<typeof memorySchema>;

export function routeFile(
  name: string,
  folders: { readonly routesDir: string; readonly stagingDir: string },
): RouteFile {
  return {
    name,
    file: path.join(folders.routesDir, `${name}.yaml`),
    memory: path.join(folders.stagingDir, `${name}.written.json`),
    lock: path.join(folders.stagingDir, `${name}.lock`),
    staging: folders.stagingDir,
  };
}

/** The text of the file; `undefined` when there is none. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw storage(`could not read ${file}`, error, file);
  }
}

/** One writer at a time. A forced writer (a rollback) waits briefly and then goes on all the same. */
export async function alone<T>(where: RouteFile, force: boolean, work: () => Promise<T>): Promise<T> {
  const waitMs = force ? 500 : 3000;
  return withFileLock(where.lock, { abandonedAfterMs: 5000, waitMs, takeOver: force }, work);
}

/** Throws `foreign-write` when the file is not what we wrote last: changed, deleted, or there without us. */
export async function refuseForeign(where: RouteFile, text: string | undefined): Promise<void> {
  const memory = await recall(where);
  const known = memory?.digests ?? [];
  if (text === undefined ? known.length === 0 : known.includes(digestOf(text))) return;
  const what = text === undefined ? 'was deleted' : memory === undefined ? 'was written' : 'was changed';
  throw new PortFailure(
    'foreign-write',
    `the route file ${where.file} ${what} by somebody else since Understudy wrote it; ` +
      'look at the file, then roll back or apply again by force',
    { details: { file: where.file, route: where.name } },
  );
}

/** The number of the next write; it never goes back, also when the file was lost. */
export async function nextGeneration(where: RouteFile, inFile: number): Promise<number> {
  return Math.max((await recall(where))?.generation ?? 0, inFile) + 1;
}

/** Replaces the whole file in one step and remembers its digest. Readers see the old text or the new, never a part. */
export async function replace(where: RouteFile, text: string, generation: number): Promise<void> {
  const before = (await recall(where))?.digests ?? [];
  const digest = digestOf(text);
  await writeAtomically(where, where.memory, JSON.stringify({ generation, digests: [...before, digest] }));
  await writeAtomically(where, where.file, text);
  await writeAtomically(where, where.memory, JSON.stringify({ generation, digests: [digest] }));
}

/** Removes the file. What stays is the generation, so that a new route of this name goes on counting. */
export async function discard(where: RouteFile): Promise<void> {
  const memory = await recall(where);
  await rm(where.file, { force: true });
  if (memory === undefined) return;
  await writeAtomically(where, where.memory, JSON.stringify({ generation: memory.generation, digests: [] }));
}

async function recall(where: RouteFile): Promise<Memory | undefined> {
  const text = await readText(where.memory);
  if (text === undefined) return undefined;
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch {
    // What cannot be read proves nothing: the route then counts as foreign, which a forced write mends.
    return undefined;
  }
}

async function writeAtomically(where: RouteFile, file: string, text: string): Promise<void> {
  const staged = path.join(where.staging, `${where.name}.${randomUUID()}.tmp`);
  try {
    await mkdir(where.staging, { recursive: true });
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(staged, 'w');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staged, file);
  } catch (error) {
    await rm(staged, { force: true });
    throw storage(
      `could not write ${file} by way of ${staged}; both must be writable and on one file system`,
      error,
      file,
    );
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function storage(message: string, cause: unknown, file: string): PortFailure {
  return new PortFailure('storage', message, { cause, details: { file } });
}
