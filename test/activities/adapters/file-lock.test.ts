import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withFileLock } from '../../../activities/adapters/file-lock.ts';

const TIMES = { abandonedAfterMs: 60_000, waitMs: 5000 };
let folder = '';
let lock = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'understudy-lock-'));
  lock = path.join(folder, 'deep', 'a.lock');
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const nothing = async () => 'done';
const exists = async () => stat(lock).then(Boolean, () => false);

test('what runs under the lock never overlaps', async () => {
  let inside = 0;
  const most: number[] = [];
  const work = async () => {
    inside += 1;
    most.push(inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, async () => withFileLock(lock, TIMES, work)));
  expect(most).toEqual(Array.from({ length: 20 }, () => 1));
  expect(await exists()).toBe(false);
});

test('the lock is let go when the work fails', async () => {
  const failing = withFileLock(lock, TIMES, async () => Promise.reject(new Error('the work failed')));
  await expect(failing).rejects.toThrow('the work failed');
  expect(await withFileLock(lock, TIMES, nothing)).toBe('done');
});

test('a lock that a dead process left is taken after its time', async () => {
  await withFileLock(lock, TIMES, nothing);
  await writeFile(lock, '');
  await utimes(lock, new Date(0), new Date(0));
  expect(await withFileLock(lock, { ...TIMES, waitMs: 0 }, nothing)).toBe('done');
});

test('a living holder is waited for, and then refused with a conflict', async () => {
  await withFileLock(lock, TIMES, nothing);
  await writeFile(lock, '');
  await expect(withFileLock(lock, { ...TIMES, waitMs: 30 }, nothing)).rejects.toEqual(
    expect.objectContaining({ code: 'conflict' }),
  );
});

test('whoever may take over goes on all the same', async () => {
  await withFileLock(lock, TIMES, nothing);
  await writeFile(lock, '');
  expect(await withFileLock(lock, { ...TIMES, waitMs: 30, takeOver: true }, nothing)).toBe('done');
});
