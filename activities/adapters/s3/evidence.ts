import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceRef } from '../../../scorecards/vocabulary.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { createBlobs, type Blobs } from '../file-evidence/blobs.ts';
import { checkedKey, parseRef, type Keys } from '../file-evidence/keys.ts';
import { evidenceOf } from '../file-evidence/store.ts';
import { createTrees } from '../file-evidence/trees.ts';
import { isTaken, refuseOverwriting } from './conditional-writes.ts';
import type { S3Objects } from './objects.ts';

export interface S3EvidenceOptions {
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly uri: string;
  /** Directory for copies of what was written or read. Each is verified at every use; deleting them costs time only. */
  readonly copies: string;
}

/** From this size on it is worth asking whether an object is there before it is sent. */
const LARGE_BYTES = 1_000_000;
const SUFFIX = '@ref';

/**
 * Evidence in S3, for workers on several machines: `blobs/sha256/ab/…` named by content, `keys/…` first write wins. Nothing is
 * ever overwritten: every write has the condition that the object is not there (`If-None-Match: *`), and of two writers the
 * server tells one that it came second. Only `erase` removes objects, and only it needs the right to.
 */
export function createS3Evidence(objects: S3Objects, options: S3EvidenceOptions): EvidenceStore {
  const uri = options.uri.replace(/\/+$/, '');
  const temporary = join(options.copies, 'temporary');
  const prepared = async (): Promise<void> => void (await mkdir(temporary, { recursive: true }));
  const near = createBlobs({ directory: join(options.copies, 'blobs', 'sha256'), temporary, prepared });
  const blobs = createRemoteBlobs({ objects, uri, near, temporary, prepared });
  const keys = createRemoteKeys(objects, uri);
  const trees = createTrees({ directory: join(options.copies, 'trees'), temporary, blobs });
  return evidenceOf({ blobs, keys, trees });
}

interface Remote {
  readonly objects: S3Objects;
  readonly uri: string;
  /** The copies. */
  readonly near: Blobs;
  readonly temporary: string;
  readonly prepared: () => Promise<void>;
}

function createRemoteBlobs({ objects, uri, near, temporary, prepared }: Remote): Blobs {
  const uriOf = (sha256: string) => `${uri}/blobs/sha256/${sha256.slice(0, 2)}/${sha256}`;

  async function upload(ref: EvidenceRef): Promise<EvidenceRef> {
    const { sha256, bytes } = ref;
    const target = uriOf(sha256);
    const isThere = bytes >= LARGE_BYTES && (await objects.list(target)).length > 0;
    if (!isThere) {
      const path = await near.place(ref);
      await objects.putNew(target, { path, bytes }).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
    }
    return { uri: target, sha256, bytes };
  }

  /** A copy that is not here or was changed is fetched again: it is no evidence, the object is. */
  async function fetched<T>(ref: EvidenceRef, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof PortFailure && ['not-found', 'evidence-corrupt'].includes(error.code))) throw error;
      await fetchCopy(ref);
      return await read();
    }
  }

  async function fetchCopy(ref: EvidenceRef): Promise<void> {
    const [object] = await objects.list(uriOf(ref.sha256));
    const details = { uri: uriOf(ref.sha256) };
    if (object === undefined)
      throw new PortFailure('not-found', `there is no evidence ${ref.sha256} in ${uri}`, { details });
    await prepared();
    const part = join(temporary, randomUUID());
    try {
      const found = await objects.download(object, part);
      if (found !== ref.sha256) {
        const message = `the evidence ${object.uri} has changed: its bytes have SHA-256 ${found}; nothing was read`;
        throw new PortFailure('evidence-corrupt', message, { details: { ...details, found } });
      }
      await near.putFile(part);
    } finally {
      await rm(part, { force: true });
    }
  }

  return {
    put: async (body) => upload(await near.put(body)),
    putFile: async (path) => upload(await near.putFile(path)),
    get: async (ref) => fetched(ref, async () => near.get(ref)),
    place: async (ref) => fetched(ref, async () => near.place(ref)),
    remove: async (ref) => {
      await near.remove(ref);
      await objects.remove(uriOf(ref.sha256));
    },
  };
}

function createRemoteKeys(objects: S3Objects, uri: string): Keys {
  const uriOf = (key: string) => `${uri}/keys/${checkedKey(key)}${SUFFIX}`;
  let checked: Promise<void> | undefined;

  async function recall(key: string): Promise<EvidenceRef | undefined> {
    const found = await objects.read(uriOf(key));
    return found && parseRef(key, Buffer.from(found).toString('utf8'));
  }

  return {
    recall,
    remember: async (key, { uri: of, sha256, bytes }) => {
      const target = uriOf(key);
      checked ??= refuseOverwriting(objects, uri).catch((error: unknown) => {
        checked = undefined;
        throw error;
      });
      await checked;
      const ref = { uri: of, sha256, bytes };
      try {
        await objects.putNew(target, Buffer.from(JSON.stringify(ref)));
        return ref;
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
      const kept = await recall(key);
      if (kept === undefined)
        throw new PortFailure('storage', `the key ${key} was taken and has vanished again`, { details: { key } });
      return kept;
    },
    list: async (prefix) => {
      const found = await objects.list(`${uri}/keys/${prefix}`);
      const names = found.map((object) => object.uri.slice(`${uri}/keys/`.length));
      return names
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
        .toSorted();
    },
  };
}
