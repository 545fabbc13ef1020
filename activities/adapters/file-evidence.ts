import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { EvidenceStore } from '../ports/evidence-store.ts';
import { createBlobs } from './file-evidence/blobs.ts';
import { createKeys } from './file-evidence/keys.ts';
import { evidenceOf } from './file-evidence/store.ts';
import { createTrees } from './file-evidence/trees.ts';

/**
 * Evidence in a directory: `blobs/sha256/ab/…` named by content, `keys/…` first write wins, `trees/…` placed artifacts.
 *
 * Every file appears complete or not at all (temporary file, fsync, link or rename), also between processes on one file
 * system. The media type is not kept: a file system has no place for it. Files are read-only by mode; that stops
 * accidents, the digest stops the rest.
 */
export function createFileEvidence(options: { readonly root: string }): EvidenceStore {
  const root = resolve(options.root);
  const temporary = join(root, 'temporary');
  const prepared = once(() => mkdir(temporary, { recursive: true }));
  const blobs = createBlobs({ directory: join(root, 'blobs', 'sha256'), temporary, prepared });
  const keys = createKeys({ directory: join(root, 'keys'), temporary, prepared });
  const trees = createTrees({ directory: join(root, 'trees'), temporary, blobs });
  return evidenceOf({ blobs, keys, trees });
}

/** Runs `act` at the first call and again after a failure, never twice at a time. */
function once(act: () => Promise<unknown>): () => Promise<void> {
  let running: Promise<unknown> | undefined;
  return async () => {
    running ??= act();
    try {
      await running;
    } catch (error) {
      running = undefined;
      throw error;
    }
  };
}
