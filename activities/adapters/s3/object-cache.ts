import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { DataSource } from '../../../scorecards/contracts/trainer.ts';
import type { Span } from '../../../scorecards/vocabulary.ts';
import type { Work } from '../../ports/data-store.ts';
import { errorCode } from '../../error-code.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { createContents } from './contents.ts';
import { isWithin, listedAfter, localRoot, splitPattern, wantedObjects } from './mirror-plan.ts';
import type { RemoteObject, S3Objects } from './objects.ts';

/** A file of this machine that is an object of that one's. */
export interface Fetched {
  readonly source: DataSource;
  readonly sha256: string;
}

export interface ObjectCache {
  /** Fetches what of a pattern is not here yet and makes it files; the local pattern that stands for the remote one. */
  bring(pattern: string, span: Span | undefined, work: Work): Promise<string>;
  /** Which object a local file is; nothing for a file that `bring` did not make. */
  origin(path: string): Fetched | undefined;
  /** Forgets a file whose bytes are not those that were fetched: the next `bring` fetches it again. */
  distrust(path: string): Promise<void>;
}

const AT_A_TIME = 4;

/**
 * Objects as files: `blobs/<sha256>` holds each content once, `known/` which object had it at which etag, `mirror/` the names
 * under which DuckDB reads them (links, so that nothing is kept twice). A file appears whole or not at all, so a fetch that is
 * killed leaves a `.part` that nobody reads. What was not brought for `keepMs` is removed.
 */
export function createObjectCache(
  objects: S3Objects,
  directory: string,
  { keepMs }: { readonly keepMs: number },
): ObjectCache {
  const origins = new Map<string, Fetched>();
  const contents = createContents(objects, directory, keepMs);

  async function place(object: RemoteObject, path: string, signal: AbortSignal): Promise<void> {
    const sha256 = await contents.have(object, signal);
    await linkOver(contents.path(sha256), path).catch(async (error: unknown) => {
      // Another worker removed the content as unused, just before it was said to be wanted: it is fetched anew.
      if (errorCode(error) !== 'ENOENT') throw error;
      await linkOver(contents.path(await contents.have(object, signal)), path);
    });
    origins.set(path, { source: { uri: object.uri, etag: object.etag }, sha256 });
  }

  return {
    origin: (path) => origins.get(path),

    async distrust(path) {
      const { sha256 = '' } = origins.get(path) ?? {};
      origins.delete(path);
      await rm(path, { force: true });
      await rm(contents.path(sha256), { force: true });
    },

    async bring(given, span, work) {
      const pattern = splitPattern(given);
      const root = localRoot(join(directory, 'mirror'), pattern);
      await contents.prepare();
      const after = listedAfter(pattern, span);
      const { signal } = work;
      const listed = await objects
        .list(pattern.root, { signal, ...(after === undefined ? {} : { after }) })
        .catch((error: unknown) => {
          throw missing(error, given);
        });
      const wanted = [...wantedObjects(pattern, listed, span)];
      await removeOthers(root, new Set(wanted.map(([name]) => name)), span);
      let next = 0;
      let done = 0;
      const fetchNext = async (): Promise<void> => {
        for (let one = wanted[next++]; one !== undefined; one = wanted[next++]) {
          signal.throwIfAborted();
          await place(one[1], join(root, ...one[0].split('/')), signal);
          work.progress('fetching objects', (done += 1), wanted.length);
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, fetchNext));
      await contents.forget();
      return join(root, pattern.rest);
    },
  };
}

function missing(error: unknown, pattern: string): unknown {
  if (!(error instanceof PortFailure) || error.code !== 'not-found') return error;
  const details = { ...error.details, path: pattern };
  return new PortFailure('data-missing', `${error.message}; is the name of the bucket right?`, {
    cause: error,
    details,
  });
}

/** Files of the span whose objects are gone. */
async function removeOthers(root: string, wanted: ReadonlySet<string>, span: Span | undefined): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(root, path).split(sep).join('/');
    if (entry.isFile() && !wanted.has(name) && isWithin(name, span)) await rm(path, { force: true });
  }
}

/** The name means the same bytes afterwards, whatever it meant before; nobody sees it missing in between. */
async function linkOver(blob: string, path: string): Promise<void> {
  const [there, wanted] = [await stat(path).catch(() => undefined), await stat(blob)];
  if (there?.ino === wanted.ino) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${randomUUID()}`);
  await link(blob, draft);
  await rename(draft, path);
}
