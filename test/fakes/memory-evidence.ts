import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkedKey } from '../../activities/adapters/file-evidence/keys.ts';
import { checkedPaths } from '../../activities/adapters/file-evidence/trees.ts';
import type { EvidenceStore } from '../../activities/ports/evidence-store.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { canonicalJson } from '../../scorecards/canonical-json.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';

export interface MemoryEvidence extends EvidenceStore {
  /** Changes stored bytes behind the store's back. */
  damage(sha256: string): void;
  /** Removes the directory that placed files live in. */
  dispose(): Promise<void>;
}

/** The evidence store in memory. Only what must be a path (`place`, `placeTree`) is written to a temporary directory. */
export function createMemoryEvidence(): MemoryEvidence {
  const blobs = new Map<string, Buffer>();
  const keys = new Map<string, EvidenceRef>();
  const erased = new Map<string, string>();
  let directory: string | undefined;
  const fresh = () => join((directory ??= mkdtempSync(join(tmpdir(), 'memory-evidence-'))), randomUUID());

  async function put(body: Uint8Array | string): Promise<EvidenceRef> {
    const content = Buffer.from(body as Uint8Array);
    const sha256 = sha256Of(content);
    blobs.set(sha256, content);
    return { uri: `memory:${sha256}`, sha256, bytes: content.byteLength };
  }

  async function get(ref: EvidenceRef): Promise<Buffer> {
    if (!/^[0-9a-f]{64}$/.test(ref.sha256)) throw new PortFailure('bad-request', `"${ref.sha256}" is no SHA-256`);
    const content = blobs.get(ref.sha256);
    const why = erased.get(ref.sha256);
    if (content === undefined && why !== undefined) throw new PortFailure('data-erased', why);
    if (content === undefined) throw new PortFailure('not-found', `there is no evidence ${ref.sha256}`);
    if (sha256Of(content) !== ref.sha256) throw new PortFailure('evidence-corrupt', `${ref.sha256} has changed`);
    return content;
  }

  async function putFile(path: string): Promise<EvidenceRef> {
    return await put(
      await readFile(path).catch(() => {
        throw new PortFailure('not-found', `there is no file ${path}`);
      }),
    );
  }

  async function write(path: string, ref: EvidenceRef): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await get(ref), { mode: 0o444 });
    return path;
  }

  return {
    put,
    putFile,
    get,
    place: (ref) => write(fresh(), ref),
    async putTree(source, files) {
      const stored = await Promise.all(
        checkedPaths(files).map(async (path) => ({ path, ref: await putFile(join(source, path)) })),
      );
      const manifest = await put(
        canonicalJson(stored.map(({ path, ref }) => ({ path, bytes: ref.bytes, sha256: ref.sha256 }))),
      );
      return { manifest, digest: manifest.sha256, bytes: stored.reduce((sum, { ref }) => sum + ref.bytes, 0) };
    },
    async placeTree(manifest) {
      const files = JSON.parse((await get(manifest)).toString()) as { path: string; sha256: string; bytes: number }[];
      const into = fresh();
      for (const file of files) await write(join(into, file.path), { ...file, uri: '' });
      return into;
    },
    async erase({ sha256 }, why) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new PortFailure('bad-request', `"${sha256}" is no SHA-256`);
      erased.set(sha256, erased.get(sha256) ?? why);
      blobs.delete(sha256);
    },
    async remember(key, ref) {
      const kept = keys.get(checkedKey(key)) ?? ref;
      keys.set(key, kept);
      return kept;
    },
    recall: async (key) => keys.get(checkedKey(key)),
    keys: async (prefix) => [...keys.keys()].filter((key) => key.startsWith(prefix)).toSorted(),
    damage: (sha256) => void blobs.get(sha256)?.fill(0),
    dispose: async () => {
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
