import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, posix, relative, sep } from 'node:path';
import { canonicalJson } from '../../../scorecards/canonical-json.ts';
import type { EvidenceRef } from '../../../scorecards/vocabulary.ts';
import type { StoredTree } from '../../ports/evidence-store.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { codeOf } from './atomic.ts';
import { sha256OfFile, type Blobs } from './blobs.ts';

/** Others may place the same tree at the same time; each try ends with a check. */
const ATTEMPTS = 5;

export interface Trees {
  put(directory: string, files: readonly string[]): Promise<StoredTree>;
  place(manifest: EvidenceRef): Promise<string>;
}

interface TreeFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Options {
  /** Where placed trees live, one directory per manifest. */
  readonly directory: string;
  readonly temporary: string;
  readonly blobs: Pick<Blobs, 'put' | 'putFile' | 'get' | 'place'>;
}

/** Directories as evidence: one blob per file and one for the list of them. */
export function createTrees({ directory, temporary, blobs }: Options): Trees {
  /** Copies, not links: whoever writes into a placed tree must not reach the evidence. */
  async function build(files: readonly TreeFile[], into: string): Promise<void> {
    for (const file of files) {
      const target = join(into, file.path);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(await blobs.place({ ...file, uri: '' }), target, constants.COPYFILE_FICLONE);
      await chmod(target, 0o444);
    }
  }

  /** Whatever stands at the target differs from the evidence. It goes out of the way whole, so nobody sees a mixture. */
  async function replace(target: string, files: readonly TreeFile[]): Promise<void> {
    const building = join(temporary, `tree-${process.pid}-${randomUUID()}`);
    try {
      await mkdir(building, { recursive: true });
      await build(files, building);
      await mkdir(directory, { recursive: true });
      if (!(await holdsExactly(target, files))) await rename(target, `${building}-old`).catch(ignoreMissing);
      await rename(building, target).catch(ignoreTaken);
    } finally {
      await rm(building, { recursive: true, force: true });
      await rm(`${building}-old`, { recursive: true, force: true });
    }
  }

  return {
    async put(source, files) {
      const paths = checkedPaths(files);
      const stored: TreeFile[] = [];
      for (const path of paths) {
        const { bytes, sha256 } = await blobs.putFile(join(source, path));
        stored.push({ path, bytes, sha256 });
      }
      const manifest = await blobs.put(canonicalJson(stored));
      return { manifest, digest: manifest.sha256, bytes: stored.reduce((sum, file) => sum + file.bytes, 0) };
    },

    async place(manifest) {
      const files = parseManifest(manifest, Buffer.from(await blobs.get(manifest)).toString('utf8'));
      const target = join(directory, manifest.sha256);
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        if (await holdsExactly(target, files)) return target;
        await replace(target, files);
      }
      throw new PortFailure('evidence-corrupt', `${target} is being changed while it is placed`);
    },
  };
}

async function holdsExactly(directory: string, files: readonly TreeFile[]): Promise<boolean> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'));
  if (names.length !== files.length) return false;
  for (const file of files) {
    const digest = await sha256OfFile(join(directory, file.path)).catch(() => undefined);
    if (digest !== file.sha256) return false;
  }
  return true;
}

/** Relative paths with `/`, each once, ascending; nothing may lead out of the directory. */
export function checkedPaths(files: readonly string[]): readonly string[] {
  const bad = files.find((path) => path === '' || isAbsolute(path) || /[\\\0]/.test(path) || leadsOut(path));
  if (bad !== undefined)
    throw new PortFailure('bad-request', `"${bad}" is not a path inside a tree; expected a relative path such as a/b`);
  if (files.length === 0) throw new PortFailure('bad-request', 'a tree without files is not evidence of anything');
  return [...new Set(files)].toSorted();
}

function leadsOut(path: string): boolean {
  return posix.normalize(path) !== path || path.split('/').includes('..') || path.endsWith('/');
}

function parseManifest(manifest: EvidenceRef, text: string): readonly TreeFile[] {
  const refuse = (cause?: unknown) =>
    new PortFailure('evidence-corrupt', `the evidence ${manifest.sha256} is not the manifest of a tree`, { cause });
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list) || !list.every(isTreeFile)) throw refuse();
    checkedPaths(list.map((file) => file.path));
    return list;
  } catch (error) {
    throw error instanceof PortFailure ? error : refuse(error);
  }
}

function isTreeFile(value: unknown): value is TreeFile {
  const file = value as Partial<TreeFile> | null;
  return typeof file?.path === 'string' && typeof file.bytes === 'number' && /^[0-9a-f]{64}$/.test(file.sha256 ?? '');
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** Another process placed the same tree first; the check that follows says whether it is right. */
function ignoreTaken(error: unknown): void {
  if (!['EEXIST', 'ENOTEMPTY'].includes(codeOf(error) ?? '')) throw error;
}
