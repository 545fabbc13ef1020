import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { getJson } from '../../activities/context.ts';
import { createDataset } from '../../activities/dataset.ts';
import type { Dataset, DatasetManifest } from '../../activities/dataset.ts';
import { createPullWorld } from './pull/world.ts';
import type { PullWorld } from './pull/world.ts';

let world: PullWorld;
beforeAll(async () => {
  world = await createPullWorld();
  await world.give('program.py');
}, 60_000);
afterAll(() => world.close());

test('DA7: a retry reuses the snapshot of an earlier run, but not when somebody asked to be forgotten since', async () => {
  const exclusions = join(world.folder, 'erased.txt');
  await writeFile(exclusions, '');
  const pull = { command: ['python', 'program.py'] };
  const dataset = {
    train: '5d',
    atLeast: '3d',
    holdout: '2d',
    checks: { minRows: 50 },
    exclusions: 'erased.txt',
    hash: ['x'],
  };
  const context = async (run: string) => {
    const given = await world.context(run, pull, { dataset, features: ['x'] });
    await world.pull(given);
    return { ...given, reuseBefore: 'training' as const };
  };
  const data = createDuckdbDataStore({ temporaryDirectory: join(world.folder, 'tmp'), threads: 1 });
  const { evidence } = world;
  const activities = createDataset({ data, evidence }, { datasets: join(world.folder, 'datasets') });
  const build = async (run: string): Promise<Dataset> => activities.buildDataset({ context: await context(run) });

  const first = await build('first');
  expect((await build('retried')).manifest).toEqual(first.manifest);
  await writeFile(exclusions, '2001-01-16T05:00:00\n');
  const later = await build('later');
  expect(later.digest).not.toBe(first.digest);
  expect(later.exclusionsDigest).not.toBe(first.exclusionsDigest);
  expect(await getJson<DatasetManifest>(evidence, later.manifest)).toMatchObject({
    exclusionsDigest: later.exclusionsDigest,
    hashed: ['x'],
    query: pull.command,
    pulled: { queryDigest: later.queryDigest, sources: [{ uri: 'table://hours', version: '7' }] },
  });
}, 120_000);
