import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { exchangeFolder } from '../../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import type { ExchangeFolder } from '../../../../activities/adapters/kubernetes-training/exchange-folder.ts';

let root: string;
let folder: ExchangeFolder;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'understudy-exchange-'));
  folder = exchangeFolder(root, 'us-a');
});
afterEach(() => rm(root, { recursive: true }));

/** An attempt begins and hands in one file of this name. */
async function handIn(attempt: string, file: string): Promise<void> {
  await folder.begin(attempt);
  await mkdir(folder.incoming(attempt), { recursive: true });
  await writeFile(path.join(folder.incoming(attempt), file), 'a model');
}

test('a result outlives the worker that moved it and died, or had no disk left, before it could say so', async () => {
  await handIn('one', 'model.bin');
  await rename(folder.incoming('one'), folder.output);
  expect(await folder.isCommitted()).toBe(false);
  await folder.commit('one');
  expect(await folder.isCommitted()).toBe(true);
  expect(await readdir(folder.output)).toEqual(['model.bin']);
});

test('a file that comes late, when all of it was moved, takes nothing away', async () => {
  await handIn('one', 'model.bin');
  await rename(folder.incoming('one'), folder.output);
  await handIn('one', 'model.bin');
  await folder.commit('one');
  expect(await readdir(folder.output)).toEqual(['model.bin']);
});

test('two who say at the same time that all is there leave one whole result', async () => {
  await handIn('one', 'model.bin');
  await Promise.all([folder.commit('one'), folder.commit('one'), folder.commit('one')]);
  expect(await readdir(folder.output)).toEqual(['model.bin']);
});

test('what an earlier attempt handed in is no result of one that hands in nothing', async () => {
  await handIn('one', 'model.bin');
  await folder.commit('one');
  await folder.begin('two');
  await folder.commit('two');
  expect(await readdir(folder.output)).toEqual([]);
});

test('a job whose file cannot be read has not vanished: that is for another try', async () => {
  expect(await folder.job()).toBeUndefined();
  await mkdir(path.join(root, 'us-a', 'job.json'), { recursive: true });
  await expect(folder.job()).rejects.toMatchObject({ code: 'storage', message: expect.stringContaining('job.json') });
});
