import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { getJson, putJson } from '../../activities/context.ts';
import { createDataset } from '../../activities/dataset.ts';
import type { DatasetManifest } from '../../activities/dataset.ts';
import { eraseSnapshots, keptSnapshots, refuseErased, sharing, tombstoneOf } from '../../activities/erasure.ts';
import type { Tombstone } from '../../activities/erasure.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import type { MemoryEvidence } from '../fakes/memory-evidence.ts';
import { daysFrom, writeDays } from '../lifecycle/data.ts';
import { applied } from '../lifecycle/policies.ts';
import { present } from '../present.ts';

const WORD = { by: 'dpo@example', at: '2001-02-03T04:05:06.000Z', reason: 'request 4711' };
const TOLD =
  /^snapshot [0-9a-f]{12} of churn was erased on 2001-02-03 by dpo@example: request 4711; its manifest and digests are kept$/;

/** Up to five real joins each, on a machine that may be busy. */
const TIME = 120_000;

/** Snapshots of the same days, taken by real joins; each test has a store of its own. */
describe('the snapshot of a run', () => {
  let folder: string;
  let evidence: MemoryEvidence;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-erasure-'));
    await writeDays(folder, daysFrom('2001-01-01', 10, 100));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    evidence = createMemoryEvidence();
  });

  const build = async (run: string, more: { asOf?: string; reuseBefore?: 'training' } = {}) => {
    const { asOf = '2001-01-10T06:00:00.000Z', ...rest } = more;
    const data = createDuckdbDataStore({ temporaryDirectory: join(folder, 'tmp'), threads: 1 });
    const policy = await putJson(evidence, applied('churn', folder));
    const context = { run: `retrain/churn/${run}`, model: 'churn', asOf, folder, applied: policy, generation: 1 };
    const activities = createDataset({ data, evidence }, { datasets: join(folder, 'datasets') });
    return activities.buildDataset({ context: { ...context, bootstrap: true, ...rest } });
  };
  const erase = async (digest: string, word: Partial<typeof WORD> = {}): Promise<Tombstone> => {
    const all = await keptSnapshots({ evidence });
    const chosen = all.filter((one) => one.digest === digest);
    const [tombstone] = await eraseSnapshots({ evidence }, { chosen, all }, { ...WORD, ...word });
    return present(tombstone);
  };
  const erasedError = { code: 'data-erased', message: expect.stringMatching(TOLD) };

  test(
    'DA7: loses its files to an erasure, and keeps manifest and digests beside who, when and why',
    async () => {
      const { digest, holdout, holdoutLabels, manifest, train } = await build('one');
      expect(await erase(digest)).toMatchObject({
        ...WORD,
        snapshot: digest,
        model: 'churn',
        manifest,
        files: [train, holdout, holdoutLabels].map(({ bytes, name, sha256 }) => ({ name, bytes, sha256 })),
      });
      for (const { bytes, sha256 } of [train, holdout, holdoutLabels])
        await expect(evidence.place({ uri: '', bytes, sha256 })).rejects.toMatchObject(erasedError);
      expect(await getJson<DatasetManifest>(evidence, manifest)).toMatchObject({
        digest,
        train: { sha256: train.sha256 },
      });
      await expect(refuseErased({ evidence }, { digest })).rejects.toMatchObject(erasedError);
    },
    TIME,
  );

  test(
    'DA7: has no second copy outside of the evidence store',
    async () => {
      await build('one');
      expect(await readdir(join(folder, 'datasets'))).toEqual([]);
    },
    TIME,
  );

  test(
    'DA7: is told by the first word when somebody erases it again',
    async () => {
      const { digest } = await build('one');
      const first = await erase(digest);
      expect(await erase(digest, { by: 'bo@example', reason: 'again' })).toEqual(first);
      expect(await tombstoneOf({ evidence }, digest)).toEqual(first);
    },
    TIME,
  );

  test(
    'DA7: is not reused by a retry once it was erased: the retry fails and says so',
    async () => {
      const { digest } = await build('one');
      expect((await build('retried', { reuseBefore: 'training' })).digest).toBe(digest);
      await erase(digest);
      await expect(build('again', { reuseBefore: 'training' })).rejects.toMatchObject(erasedError);
    },
    TIME,
  );

  test(
    'DA7: does not come back with a later run of the same content, whose snapshot has a name of its own',
    async () => {
      const first = await build('one');
      await erase(first.digest);
      const second = await build('two');
      expect(second.train.sha256).toBe(first.train.sha256);
      expect(second.digest).not.toBe(first.digest);
      expect((await build('retried', { reuseBefore: 'training' })).digest).toBe(second.digest);
      await expect(refuseErased({ evidence }, first)).rejects.toMatchObject(erasedError);
      // Whoever erases the first one again takes nothing from the second.
      await erase(first.digest);
      expect((await build('retried-again', { reuseBefore: 'training' })).digest).toBe(second.digest);
      await erase(second.digest);
      expect(new Set([first.digest, second.digest, (await build('three')).digest]).size).toBe(3);
    },
    TIME,
  );

  test(
    'DA7: is found by the runs that used it, with those that hold the same files',
    async () => {
      const [one, two] = [await build('one'), await build('two', { asOf: '2001-01-10T07:00:00.000Z' })];
      await build('retried', { reuseBefore: 'training' });
      const all = await keptSnapshots({ evidence });
      const [first] = all.filter(({ digest }) => digest === one.digest);
      expect(first?.runs).toEqual(['retrain/churn/one', 'retrain/churn/retried']);
      expect(one.train.sha256).toBe(two.train.sha256);
      expect(sharing([present(first)], all).map(({ digest }) => digest)).toEqual([two.digest]);
      expect(sharing(all, all)).toEqual([]);
      await eraseSnapshots({ evidence }, { chosen: all, all }, WORD);
      const { sha256 } = one.train;
      await expect(evidence.place({ uri: '', bytes: 1, sha256 })).rejects.toMatchObject(erasedError);
    },
    TIME,
  );
});
