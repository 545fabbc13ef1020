import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { baselineOf, regrid } from '../../activities/baseline.ts';
import { putJson } from '../../activities/context.ts';
import { columnsOf } from '../../activities/drift-windows.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { createDriftWorld } from './drift-world.ts';
import type { DriftWorld } from './drift-world.ts';

const SPREAD = "(hash(i) % 100000) / 1e3 as x, 'c' || i % 3 as g";

describe('DA4: the baseline of a champion', () => {
  let world: DriftWorld;
  beforeEach(async () => {
    world = await createDriftWorld([
      { name: 'x', type: 'continuous' },
      { name: 'g', type: 'categorical' },
    ]);
    await world.write('2001-01-01', 4000, SPREAD);
    await world.write('2001-01-02', 4000, SPREAD);
  });
  afterEach(() => world.close());
  const again = async (features: readonly string[], champion: Awaited<ReturnType<DriftWorld['champion']>>) =>
    regrid(world.ports, { applied: world.applied, champion, features }, unwatched);

  test('is counted again on new grids by an explicit command only, and is then what the champion is held against', async () => {
    const champion = await world.champion();
    const before = await baselineOf(world.ports, champion);
    // A grid is as wide as what it was frozen from: this one was frozen from other rows.
    await world.write('2001-01-02', 4000, "(hash(i) % 100000) / 1e2 as x, 'c' || i % 3 as g");
    const moved = await again(['x'], champion);
    expect(await baselineOf(world.ports, champion)).toEqual(moved);
    expect(moved.rows).toBe(before.rows);
    expect(
      moved.grids.map(({ feature, id }) => [feature, id === before.grids.find((one) => one.feature === feature)?.id]),
    ).toEqual([
      ['x', false],
      ['g', true],
    ]);
    expect(moved.sketches['x']?.grid).toBe(moved.grids[0]?.id);
    const twice = await again(['g'], champion);
    expect(twice.grids[0]).toEqual(moved.grids[0]);
    expect(await baselineOf(world.ports, champion)).toEqual(twice);
  });

  test('N1: has the weights that the trainer of the version gave the features, also after it was counted again', async () => {
    const importances = { x: 30, g: 10, 'g=c1': 99 };
    const told = {
      baseline: await putJson(world.ports.evidence, await world.baseline()),
      features: ['x', 'g'],
      importances,
    };
    const champion = { version: '1', digest: 'd', record: await putJson(world.ports.evidence, told) };
    expect((await baselineOf(world.ports, champion)).weights).toEqual({ x: 1.5, g: 0.5 });
    await again(['x'], champion);
    const baseline = await baselineOf(world.ports, champion);
    expect(baseline.weights).toEqual({ x: 1.5, g: 0.5 });
    expect(columnsOf(world.applied, baseline).weights).toEqual({ x: 1.5, g: 0.5 });
  });

  test('stays as it is when days that it was counted from are gone', async () => {
    const champion = await world.champion();
    const before = await baselineOf(world.ports, champion);
    await rm(world.fileOf('2001-01-02'));
    await expect(again(['x'], champion)).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringContaining('8000 rows, of which 4000 are still there'),
    });
    expect(await baselineOf(world.ports, champion)).toEqual(before);
    expect((await world.baseline()).grids).toEqual(before.grids);
  });

  test('refuses a name that is no feature, and names those that are', async () => {
    await expect(again(['fare'], await world.champion())).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('fare: not among the features of version 1, which are x, g'),
    });
  });
});
