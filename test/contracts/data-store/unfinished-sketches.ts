import { copyFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { SketchColumn } from '../../../activities/ports/data-store.ts';
import { days, unwatched, type World } from './world.ts';

const partitionOf = (path: string) => ({
  dataset: 'observations' as const,
  bucket: days(0, 1),
  files: [{ path, bytes: 1 }],
});

/** 10,000 rows of 2024-01-01. */
const column = (values: string) =>
  `SELECT TIMESTAMP '2024-01-01 12:00:00' AS seen, ${values} FROM (SELECT ((i * 7919) % 10007)::DOUBLE / 13 AS v FROM range(10000) t(i))`;

/** Sketches that do not end as they began. */
export function unfinishedSketchTests(world: () => World): void {
  const freeze = (files: readonly string[], columns: readonly SketchColumn[]) =>
    world().store.freezeGrids({ files, columns }, unwatched);
  const three = [1, 2, 3].map((name) => ({ name: `x${name}`, type: 'continuous' as const }));
  const threeColumns = column('v AS x1, v + 1 AS x2, v + 2 AS x3');

  test('a sketch tells after every column how far it is', async () => {
    const file = await world().write('three.parquet', threeColumns);
    const grids = await freeze([file], three);
    const told: (readonly [string, number, number])[] = [];
    const work = { ...unwatched, progress: (...said: readonly [string, number, number]) => void told.push(said) };
    await world().store.sketch({ partition: partitionOf(file), grids, time: 'seen' }, work);
    expect(told).toEqual([0, 1, 2, 3].map((done) => ['sketching', done, 3]));
  });

  test.each([0, 2])(
    'an abort after column %d of three ends the sketch with the reason of the signal',
    async (after) => {
      const file = await world().write('three.parquet', threeColumns);
      const grids = await freeze([file], three);
      const controller = new AbortController();
      const told: number[] = [];
      const reason = new Error('the deadline has passed');
      const stop = new Map([[after, () => controller.abort(reason)]]);
      const progress = (_: string, done: number) => {
        told.push(done);
        stop.get(done)?.();
      };
      const asked = { partition: partitionOf(file), grids, time: 'seen' };
      const work = { signal: controller.signal, progress };
      await expect(world().store.sketch(asked, work)).rejects.toBe(reason);
      expect(told.at(-1)).toBe(after);
    },
  );

  test.each([
    ['many columns, read at once', 3, 'grows', `${threeColumns} UNION ALL ${threeColumns}`],
    ['many columns, read at once', 3, 'keeps its rows', threeColumns],
    ['one column, read where it is', 1, 'grows', `${threeColumns} UNION ALL ${threeColumns}`],
    ['one column, read where it is', 1, 'has other columns now', column('1 AS x1')],
  ])(
    'of %s (%d): a file that %s while it is counted is `data-changed`, whatever was read of it',
    async (_, count, __, later) => {
      const file = await world().write('three.parquet', threeColumns);
      const grids = await freeze([file], three.slice(0, count));
      const changed = await world().write('later.parquet', later);
      const progress = () => copyFileSync(changed, file);
      const counting = world().store.sketch(
        { partition: partitionOf(file), grids, time: 'seen' },
        { ...unwatched, progress },
      );
      await expect(counting).rejects.toMatchObject({ code: 'data-changed', details: { file } });
    },
  );
}
