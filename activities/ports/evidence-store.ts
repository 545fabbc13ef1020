import type { EvidenceRef } from '../../scorecards/vocabulary.ts';

/**
 * Facts, immutable and named by content. Temporal forgets closed runs; this does not.
 *
 * Every write is idempotent: the same bytes are the same file, and a key once remembered never changes. Only `erase` removes.
 */
export interface EvidenceStore {
  /** Stores the bytes and names them by SHA-256. Writing the same bytes again is a no-op with the same answer. */
  put(body: Uint8Array | string, mediaType: string): Promise<EvidenceRef>;
  /** As `put`, streaming a local file of any size. */
  putFile(path: string, mediaType: string): Promise<EvidenceRef>;
  /** Verifies the digest. Throws `not-found`, `data-erased`, or `evidence-corrupt` when the bytes are not what the name says. */
  get(ref: EvidenceRef): Promise<Uint8Array>;
  /** A local, read-only path holding exactly these bytes; the digest is verified. Throws as `get`. */
  place(ref: EvidenceRef): Promise<string>;
  /** Stores files of a directory (paths relative to it). The same tree has the same digest; writing it again is a no-op. */
  putTree(directory: string, files: readonly string[]): Promise<StoredTree>;
  /** A local, read-only directory holding exactly the tree that `manifest` names; every digest is verified on each call. */
  placeTree(manifest: EvidenceRef): Promise<string>;
  /**
   * Removes the bytes for good. From then on `get` and `place` throw `data-erased` with the sentence `why`, of several the
   * first; bytes that were never there are treated alike. Writing the same bytes again makes them readable again.
   */
  erase(ref: EvidenceRef, why: string): Promise<void>;
  /** Binds a key (`a/b/c`, letters, digits, `._:-`) to a reference. First write wins; the winner is returned. */
  remember(key: string, ref: EvidenceRef): Promise<EvidenceRef>;
  /** Nothing remembered under the key is `undefined`. */
  recall(key: string): Promise<EvidenceRef | undefined>;
  /** All keys that begin with the prefix, ascending. */
  keys(prefix: string): Promise<readonly string[]>;
}

export interface StoredTree {
  /** JSON list of `{path, bytes, sha256}` in path order; its SHA-256 over the canonical form is the tree's digest. */
  readonly manifest: EvidenceRef;
  readonly digest: string;
  readonly bytes: number;
}
