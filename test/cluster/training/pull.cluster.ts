import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AS_OF, createPullWorld } from '../../activities/pull/world.ts';
import type { PullWorld } from '../../activities/pull/world.ts';
import { present } from '../../present.ts';
import { imageOf } from '../cluster.ts';
import { openTrainingPods } from './pods-setup.ts';
import type { TrainingPods } from './pods-setup.ts';

const PROGRAM = fileURLToPath(new URL('../../activities/pull/program.py', import.meta.url));

describe('a program that pulls the data in a pod', () => {
  let pods: TrainingPods;
  let world: PullWorld;
  beforeAll(async () => {
    pods = await openTrainingPods('pull');
    world = await createPullWorld({}, pods.backend);
  });
  afterAll(async () => {
    await world?.close();
    await pods?.close();
  });
  const pull = async (run: string, ...more: readonly string[]) => {
    const command = ['python3', '-c', await readFile(PROGRAM, 'utf8'), ...more];
    return world.pull(await world.context(run, { image: imageOf('trainer'), command }));
  };

  test('DA1: its rows come out of the pod as day partitions, and its Job is gone', async () => {
    const record = present(await pull('run-1'));
    expect(record).toMatchObject({ span: { until: AS_OF }, sources: [{ uri: 'table://hours', version: '7' }] });
    const [found] = await world.rows(`SELECT count(DISTINCT seen::DATE)::INTEGER AS days, max(seen)::VARCHAR AS newest
      FROM '{folder}/observations/*/*.parquet'`);
    expect(found).toEqual({ days: record.days, newest: '2001-01-20 05:00:00' });
    expect(await pods.client.listPods('app.kubernetes.io/managed-by=understudy')).toEqual([]);
  }, 240_000);

  test('what ends with 69 there fails the pull with its last words', async () => {
    await expect(pull('run-2', 'exit-69')).rejects.toMatchObject({
      code: 'trainer-dependency',
      message: expect.stringContaining('the database is away'),
    });
  }, 240_000);
});
