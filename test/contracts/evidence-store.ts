import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EvidenceStore } from '../../activities/ports/evidence-store.ts';

export interface EvidenceStoreUnderTest {
  readonly store: EvidenceStore;
  /** Changes the stored bytes of this digest behind the store's back. */
  damage(sha256: string): Promise<void>;
  dispose(): Promise<void>;
}

/** What every evidence store must do; run by each adapter and by the in-memory fake. */
export function evidenceStoreContract(name: string, make: () => Promise<EvidenceStoreUnderTest>): void {
  describe(`${name} keeps the contract of the evidence store`, () => {
    let given: EvidenceStoreUnderTest;
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'evidence-contract-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    beforeEach(async () => {
      given = await make();
    });
    afterEach(() => given.dispose());

    test('bytes are named by their SHA-256 and come back unchanged', async () => {
      const ref = await given.store.put('{"a":1}', 'application/json');
      expect(ref).toMatchObject({ sha256: sha256('{"a":1}'), bytes: 7 });
      expect(Buffer.from(await given.store.get(ref)).toString()).toBe('{"a":1}');
    });

    test('writing the same bytes again, as text, bytes or file, gives the same answer', async () => {
      const path = join(folder, 'same.txt');
      await writeFile(path, 'grüße');
      const first = await given.store.put('grüße', 'text/plain');
      expect(await given.store.put(Buffer.from('grüße'), 'text/plain')).toEqual(first);
      expect(await given.store.putFile(path, 'text/plain')).toEqual(first);
    });

    test('an empty body and a file of several megabytes are evidence like any other', async () => {
      const path = join(folder, 'large.bin');
      const large = Buffer.alloc(3_000_000, 'abc');
      await writeFile(path, large);
      const [empty, stored] = [await given.store.put('', 'text/plain'), await given.store.putFile(path, 'x/y')];
      expect((await given.store.get(empty)).byteLength).toBe(0);
      expect(stored).toMatchObject({ bytes: 3_000_000, sha256: sha256(large) });
      expect(sha256(await readFile(await given.store.place(stored)))).toBe(sha256(large));
    });

    test('evidence that was never stored is not found', async () => {
      const ref = { uri: 'x:y', sha256: sha256('never'), bytes: 5 };
      await expect(given.store.get(ref)).rejects.toMatchObject({ code: 'not-found' });
      await expect(given.store.place(ref)).rejects.toMatchObject({ code: 'not-found' });
      await expect(given.store.putFile(join(folder, 'absent'), 'x/y')).rejects.toMatchObject({ code: 'not-found' });
    });

    test('evidence that somebody changed is reported corrupt by every way of reading it', async () => {
      const ref = await given.store.put('what was decided', 'text/plain');
      await given.damage(ref.sha256);
      await expect(given.store.get(ref)).rejects.toMatchObject({ code: 'evidence-corrupt' });
      await expect(given.store.place(ref)).rejects.toMatchObject({ code: 'evidence-corrupt' });
    });

    test('DA7: what was erased is gone, and says why by every way of reading it, of several reasons the first', async () => {
      const [ref, other] = [
        await given.store.put('of ana', 'text/plain'),
        await given.store.put('of bo', 'text/plain'),
      ];
      await given.store.erase(ref, 'ana asked for it');
      await given.store.erase(ref, 'somebody asked again');
      const told = { code: 'data-erased', message: 'ana asked for it' };
      await expect(given.store.get(ref)).rejects.toMatchObject(told);
      await expect(given.store.place(ref)).rejects.toMatchObject(told);
      expect(Buffer.from(await given.store.get(other)).toString()).toBe('of bo');
    });

    test('DA7: bytes that were never there can be erased, and bytes that are written again can be read again', async () => {
      const never = { uri: 'x:y', sha256: sha256('never'), bytes: 5 };
      await given.store.erase(never, 'to be sure');
      await expect(given.store.get(never)).rejects.toMatchObject({ code: 'data-erased', message: 'to be sure' });
      const again = await given.store.put('never', 'text/plain');
      expect(Buffer.from(await given.store.get(again)).toString()).toBe('never');
    });

    test('a digest that is not a digest is refused instead of becoming a path', async () => {
      const ref = { uri: '', sha256: '../../../etc/passwd', bytes: 1 };
      await expect(given.store.get(ref)).rejects.toMatchObject({ code: 'bad-request' });
      await expect(given.store.erase(ref, 'never')).rejects.toMatchObject({ code: 'bad-request' });
    });

    test('the first reference remembered under a key wins for ever', async () => {
      const [one, two] = [await given.store.put('one', 'text/plain'), await given.store.put('two', 'text/plain')];
      expect(await given.store.recall('node/a')).toBeUndefined();
      expect(await given.store.remember('node/a', one)).toEqual(one);
      expect(await given.store.remember('node/a', two)).toEqual(one);
      expect(await given.store.recall('node/a')).toEqual(one);
    });

    test('of twenty who remember one key at once all are told the same winner', async () => {
      const refs = await Promise.all(
        Array.from({ length: 20 }, (_, index) => given.store.put(`candidate ${index}`, 'text/plain')),
      );
      const told = await Promise.all(refs.map((ref) => given.store.remember('race/one', ref)));
      expect(new Set(told.map((ref) => ref.sha256)).size).toBe(1);
      expect(await given.store.recall('race/one')).toEqual(told[0]);
    });

    test('keys are listed by prefix in ascending order, and a key may be the beginning of another', async () => {
      const ref = await given.store.put('x', 'text/plain');
      for (const key of ['runs/b', 'runs/a/2', 'runs/a', 'runs:c', 'other/a']) await given.store.remember(key, ref);
      expect(await given.store.keys('runs/')).toEqual(['runs/a', 'runs/a/2', 'runs/b']);
      expect(await given.store.keys('')).toHaveLength(5);
      expect(await given.store.keys('nothing')).toEqual([]);
    });

    test.each(['', '/a', 'a//b', 'a/', '..', 'a/../b', '.', 'a b', 'ä', 'a\\b', 'a@ref', 'x'.repeat(201)])(
      'the key "%s" is refused',
      async (key) => {
        const ref = await given.store.put('x', 'text/plain');
        await expect(given.store.remember(key, ref)).rejects.toMatchObject({ code: 'bad-request' });
        await expect(given.store.recall(key)).rejects.toMatchObject({ code: 'bad-request' });
      },
    );

    test('a tree has the same digest wherever it lies and in whatever order its files are named', async () => {
      const [here, there] = [await tree(folder, 'here'), await tree(folder, 'there')];
      const first = await given.store.putTree(here, ['model.txt', 'meta/info.json']);
      const second = await given.store.putTree(there, ['meta/info.json', 'model.txt']);
      expect(second).toEqual(first);
      expect(first.bytes).toBe(7);
      expect(first.digest).toBe(
        sha256(
          `[{"bytes":2,"path":"meta/info.json","sha256":"${sha256('{}')}"},` +
            `{"bytes":5,"path":"model.txt","sha256":"${sha256('trees')}"}]`,
        ),
      );
    });

    test('a placed tree holds exactly the files of its manifest', async () => {
      const { manifest } = await given.store.putTree(await tree(folder, 'placed'), ['model.txt', 'meta/info.json']);
      const placed = await given.store.placeTree(manifest);
      expect((await readdir(placed, { recursive: true })).toSorted()).toEqual(['meta', 'meta/info.json', 'model.txt']);
      expect(await readFile(join(placed, 'model.txt'), 'utf8')).toBe('trees');
    });

    test('a tree with a damaged file is never placed', async () => {
      const { manifest } = await given.store.putTree(await tree(folder, 'damaged'), ['model.txt', 'meta/info.json']);
      await given.damage(sha256('trees'));
      await expect(given.store.placeTree(manifest)).rejects.toMatchObject({ code: 'evidence-corrupt' });
    });

    test.each(['../outside', '/etc/passwd', 'a/../../b', '', 'a\\b'])(
      'the path "%s" is refused in a tree',
      async (path) => {
        await expect(given.store.putTree(folder, [path])).rejects.toMatchObject({ code: 'bad-request' });
      },
    );
  });
}

async function tree(folder: string, name: string): Promise<string> {
  const root = join(folder, name);
  await mkdir(join(root, 'meta'), { recursive: true });
  await writeFile(join(root, 'model.txt'), 'trees');
  await writeFile(join(root, 'meta', 'info.json'), '{}');
  return root;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
