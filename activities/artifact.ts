import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '../scorecards/canonical-json.ts';

/** One file of an artifact; `path` is relative to its directory, with `/`. */
export interface ArtifactFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The name of an artifact: SHA-256 (hex) over the canonical JSON of its files in path order. It is the digest that the
 * evidence store gives to the same tree, the `candidate` in an approval, and the tag at the registered version.
 */
export function artifactDigest(files: readonly ArtifactFile[]): string {
  const listed = files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
  return digestOf(listed.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
}

/** SHA-256 (hex) over the canonical JSON of any plain value. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** SHA-256 (hex) of a file of any size. Throws what the file system throws. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
