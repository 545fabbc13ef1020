import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EvidenceRef } from '../../../scorecards/vocabulary.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { codeOf, renameInto, writeThen } from './atomic.ts';

export interface Blobs {
  put(body: Uint8Array | string): Promise<EvidenceRef>;
  putFile(path: string): Promise<EvidenceRef>;
  get(ref: EvidenceRef): Promise<Uint8Array>;
  place(ref: EvidenceRef): Promise<string>;
  /** Nothing there is nothing to do. */
  remove(ref: EvidenceRef): Promise<void>;
}

interface Options {
  readonly directory: string;
  readonly temporary: string;
  readonly prepared: () => Promise<void>;
}

/** Files named by the SHA-256 of their bytes. */
export function createBlobs({ directory, temporary, prepared }: Options): Blobs {
  const pathOf = (sha256: string) => join(directory, sha256.slice(0, 2), sha256);

  /** Only a file that really holds the bytes counts as stored: a damaged one is written again. */
  async function isStored(sha256: string, bytes: number): Promise<boolean> {
    const found = await stat(pathOf(sha256)).catch(() => undefined);
    return found?.size === bytes && (await sha256OfFile(pathOf(sha256))) === sha256;
  }

  async function place(ref: EvidenceRef): Promise<string> {
    const path = pathOf(checkedDigest(ref));
    const found = await sha256OfFile(path).catch((error: unknown) => unreadable(ref, error));
    if (found !== ref.sha256) throw corrupt(ref, found);
    return path;
  }

  return {
    async put(body) {
      const content = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
      const sha256 = createHash('sha256').update(content).digest('hex');
      const ref = refTo(pathOf(sha256), sha256, content.byteLength);
      if (await isStored(sha256, content.byteLength)) return ref;
      await prepared();
      await writeThen(
        temporary,
        (handle) => handle.writeFile(content),
        (path) => renameInto(path, pathOf(sha256)),
      );
      return ref;
    },

    async putFile(source) {
      await refuseAnythingButAFile(source);
      await prepared();
      const hash = createHash('sha256');
      let bytes = 0;
      return await writeThen(
        temporary,
        async (handle) => {
          for await (const chunk of createReadStream(source) as AsyncIterable<Buffer>) {
            hash.update(chunk);
            bytes += chunk.byteLength;
            await handle.writeFile(chunk);
          }
        },
        async (path) => {
          const sha256 = hash.digest('hex');
          if (!(await isStored(sha256, bytes))) await renameInto(path, pathOf(sha256));
          return refTo(pathOf(sha256), sha256, bytes);
        },
      );
    },

    async get(ref) {
      const content = await readFile(pathOf(checkedDigest(ref))).catch((error: unknown) => unreadable(ref, error));
      const found = createHash('sha256').update(content).digest('hex');
      if (found !== ref.sha256) throw corrupt(ref, found);
      return content;
    },

    place,

    async remove(ref) {
      await rm(pathOf(checkedDigest(ref)), { force: true }).catch((error: unknown) => {
        throw new PortFailure('storage', `cannot remove the evidence ${ref.sha256}`, { cause: error });
      });
    },
  };
}

/** SHA-256 of a file of any size, streaming. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

async function refuseAnythingButAFile(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw new PortFailure('not-found', `cannot store ${path}: there is no such file`);
    throw error;
  });
  if (!found.isFile())
    throw new PortFailure('bad-request', `cannot store ${path}: it is not a regular file`, { details: { path } });
}

/** The digest becomes a file name, so it must look like one. */
function checkedDigest(ref: EvidenceRef): string {
  if (/^[0-9a-f]{64}$/.test(ref.sha256)) return ref.sha256;
  throw new PortFailure(
    'bad-request',
    `evidence is named by 64 lower-case hexadecimal digits of its SHA-256, not by "${ref.sha256}"`,
  );
}

function refTo(path: string, sha256: string, bytes: number): EvidenceRef {
  return { uri: pathToFileURL(path).href, sha256, bytes };
}

function corrupt(ref: EvidenceRef, found: string): PortFailure {
  return new PortFailure(
    'evidence-corrupt',
    `the evidence ${ref.sha256} has changed: its bytes have SHA-256 ${found}. Restore it from a copy; nothing was read.`,
    { details: { uri: ref.uri, expected: ref.sha256, found } },
  );
}

function unreadable(ref: EvidenceRef, error: unknown): never {
  if (codeOf(error) !== 'ENOENT')
    throw new PortFailure('storage', `cannot read the evidence ${ref.sha256}`, { cause: error });
  throw new PortFailure('not-found', `there is no evidence ${ref.sha256} in this store`, { details: { uri: ref.uri } });
}
