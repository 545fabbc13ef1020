import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { POISONS, type Poison } from './poisons.ts';
import { observationFile, observations, snapshotRequest, take, writeDays, type World } from './world.ts';

/** DA3: every check has a failing fixture, made of real files. */
export function poisonTests(world: () => World): void {
  test.each(POISONS)('DA3: there is no snapshot when $title', async (poison) => {
    await writeDays(world(), 11);
    await poison.spoil(world());
    const asked = snapshotRequest(world().folder);
    const taking = take(world(), poison.request?.(asked));
    await expect(taking).rejects.toMatchObject(failureOf(poison, world().folder));
  });

  test('a good world of the same shape has a snapshot', async () => {
    await writeDays(world(), 11);
    expect((await take(world())).train.rows).toBe(168);
  });

  test('widths of whole numbers may differ between files', async () => {
    await writeDays(world(), 11);
    await world().write(observationFile(3), observations(3, "i / 7e0 AS amount, 'c' AS colour, i::BIGINT AS hour"));
    expect((await take(world())).train.rows).toBe(168);
  });

  test('columns with quotes and emoji pass through a snapshot unchanged', async () => {
    const [feature, slice] = [`it's "x"; --`, '🛫'];
    const named = `i / 7e0 AS "${feature.replaceAll('"', '""')}", i % 2 AS "${slice}"`;
    await writeDays(world(), 11);
    for (let index = 0; index < 11; index += 1) await world().write(observationFile(index), observations(index, named));
    const { data } = snapshotRequest('');
    const snapshot = await take(world(), { features: [feature], data: { ...data, slices: [slice] } });
    expect(snapshot.columns.map(({ name }) => name)).toEqual(['id', 'seen', feature, slice, 'y']);
  });
}

/** What a failure must say: its code, and the file and the column where the poison has one. */
function failureOf({ code, says = '', file, column }: Poison, folder: string) {
  return {
    name: 'PortFailure',
    code,
    message: expect.stringContaining(says),
    details: {
      ...(file === undefined ? {} : { file: join(folder, file) }),
      ...(column === undefined ? {} : { column }),
    },
  };
}
