import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortFailure } from '../../ports/port-failure.ts';
import { forgetUnused, readNote } from './forget-unused.ts';
import type { RemoteObject, S3Objects } from './objects.ts';

export interface Contents {
  /** SHA-256 of the object's bytes, which are here afterwards: fetched once for each of its etags. */
  have(object: RemoteObject, signal: AbortSignal): Promise<string>;
  /** Where bytes of this digest are. */
  path(sha256: string): string;
  /** Makes the folders and removes what killed fetches left behind. */
  prepare(): Promise<void>;
  /** Removes, once an hour, what nobody asks for any more. */
  forget(): Promise<void>;
}

const ABANDONED_MS = 3_600_000;
const BETWEEN_LOOKS_MS = 3_600_000;

/**
 * Bytes of objects by digest (`blobs/`), and which object had which at which etag (`known/`). What is not asked for in `keepMs`
 * is removed; that must be longer than any question takes.
 */
export function createContents(objects: S3Objects, directory: string, keepMs: number): Contents {
  const blobs = join(directory, 'blobs');
  const blobOf = (sha256: string) => join(blobs, sha256);
  const noteOf = ({ uri, etag, bytes }: RemoteObject) =>
    join(
      directory,
      'known',
      createHash('sha256')
        .update(JSON.stringify([uri, etag, bytes]))
        .digest('hex'),
    );

  async function fetch(object: RemoteObject, signal: AbortSignal): Promise<string> {
    const part = join(blobs, `${randomUUID()}.part`);
    try {
      const sha256 = await objects.download(object, part, signal);
      await chmod(part, 0o444);
      await rename(part, blobOf(sha256));
      await writeWhole(noteOf(object), JSON.stringify({ ...object, sha256 }));
      return sha256;
    } finally {
      await rm(part, { force: true });
    }
  }

  async function have(object: RemoteObject, signal: AbortSignal): Promise<string> {
    // Says that it is wanted before it is looked for, so that nobody removes it in between.
    const now = new Date();
    await utimes(noteOf(object), now, now).catch(() => undefined);
    const known = await readNote(noteOf(object));
    const here = known === undefined ? undefined : await stat(blobOf(known)).catch(() => undefined);
    if (known !== undefined && here?.size === object.bytes) return known;
    return await fetch(object, signal).catch(async (error: unknown) => {
      // Bytes may be lost on the way; if they are the server's own, the second answer is the same.
      if (error instanceof PortFailure && error.code === 'object-digest') return await fetch(object, signal);
      throw error;
    });
  }

  return {
    have,
    path: blobOf,
    prepare: async () => {
      await mkdir(blobs, { recursive: true });
      await clearParts(blobs);
    },
    forget: async () => {
      if (await isTimeToLook(join(directory, 'looked')))
        await forgetUnused(directory, keepMs).catch((cause: unknown) => {
          const message = `${directory} could not be tidied: ${String(cause)}`;
          throw new PortFailure('storage', message, { cause, details: { path: directory } });
        });
    },
  };
}

/** Several workers may share the folder: one of them is enough. */
async function isTimeToLook(mark: string): Promise<boolean> {
  const last = await stat(mark).catch(() => undefined);
  if (last !== undefined && Date.now() - last.mtimeMs < BETWEEN_LOOKS_MS) return false;
  await writeFile(mark, '');
  return true;
}

/** What a killed fetch left behind; a young part may still be written to by another worker. */
async function clearParts(blobs: string): Promise<void> {
  const parts = (await readdir(blobs)).filter((name) => name.endsWith('.part')).map((name) => join(blobs, name));
  for (const path of parts) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, text);
  await rename(draft, path);
}
