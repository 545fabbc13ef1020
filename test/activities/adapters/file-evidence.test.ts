import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, truncate, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFileEvidence } from '../../../activities/adapters/file-evidence.ts';
import { evidenceStoreContract } from '../../contracts/evidence-store.ts';

const pathOf = (root: string, sha256: string) => join(root, 'blobs', 'sha256', sha256.slice(0, 2), sha256);

evidenceStoreContract('the evidence store on a file system', async () => {
  const root = await mkdtemp(join(tmpdir(), 'file-evidence-'));
  return {
    store: createFileEvidence({ root }),
    damage: async (sha256) => {
      await chmod(pathOf(root, sha256), 0o644);
      await writeFile(pathOf(root, sha256), 'something else');
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
});

describe('the evidence store on a file system', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'file-evidence-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  test('processes that race for one key are all told the same winner', async () => {
    const script = fileURLToPath(new URL('remember-in-a-loop.ts', import.meta.url));
    const racers = await Promise.all(['a', 'b'].map((who) => output(script, [root, who])));
    const told = racers.map((text) => JSON.parse(text) as string[]);
    expect(told[0]).toHaveLength(50);
    expect(told[0]).toEqual(told[1]);
  });

  test('what a crash leaves half written is neither evidence nor a key', async () => {
    await mkdir(join(root, 'temporary'), { recursive: true });
    await writeFile(join(root, 'temporary', '999-half'), '{"uri":');
    const store = createFileEvidence({ root });
    expect(await store.keys('')).toEqual([]);
    const ref = await store.put('whole', 'text/plain');
    expect(await store.remember('a', ref)).toEqual(ref);
    expect(await readdir(join(root, 'temporary'))).toEqual(['999-half']);
  });

  test('a damaged file is mended by storing the same bytes again', async () => {
    const store = createFileEvidence({ root });
    const ref = await store.put('mend me', 'text/plain');
    await chmod(pathOf(root, ref.sha256), 0o644);
    await truncate(pathOf(root, ref.sha256), 3);
    await store.put('mend me', 'text/plain');
    expect(Buffer.from(await store.get(ref)).toString()).toBe('mend me');
  });

  test('a key whose file is not a reference is corrupt, not absent', async () => {
    const store = createFileEvidence({ root });
    await store.remember('a/b', await store.put('x', 'text/plain'));
    await chmod(join(root, 'keys', 'a', 'b@ref'), 0o644);
    await writeFile(join(root, 'keys', 'a', 'b@ref'), '');
    await expect(store.recall('a/b')).rejects.toMatchObject({ code: 'evidence-corrupt' });
  });

  test('stored files are read-only and a changed placed tree is placed anew', async () => {
    const store = createFileEvidence({ root });
    await writeFile(join(root, 'model.bin'), 'weights');
    const { manifest } = await store.putTree(root, ['model.bin']);
    const placed = await store.placeTree(manifest);
    expect((await stat(join(placed, 'model.bin'))).mode & 0o222).toBe(0);
    await rm(join(placed, 'model.bin'));
    await writeFile(join(placed, 'model.bin'), 'poison!');
    await writeFile(join(placed, 'extra.pyc'), '');
    expect(await store.placeTree(manifest)).toBe(placed);
    expect(await readFile(join(placed, 'model.bin'), 'utf8')).toBe('weights');
    expect(await readdir(placed)).toEqual(['model.bin']);
    expect(await readdir(join(root, 'temporary'))).toEqual([]);
  });

  test('twenty who place one tree at once all get it whole', async () => {
    const store = createFileEvidence({ root });
    await writeFile(join(root, 'model.bin'), 'weights');
    const { manifest } = await store.putTree(root, ['model.bin']);
    const placed = await Promise.all(Array.from({ length: 20 }, () => store.placeTree(manifest)));
    expect(new Set(placed).size).toBe(1);
    expect(await readFile(join(String(placed[0]), 'model.bin'), 'utf8')).toBe('weights');
  });

  test('a symbolic link is not stored as if it were the file it points to', async () => {
    const store = createFileEvidence({ root });
    await symlink('/etc/hostname', join(root, 'link'));
    await expect(store.putFile(join(root, 'link'), 'x/y')).rejects.toMatchObject({ code: 'bad-request' });
  });
});

async function output(script: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  return text;
}
