import { expect, test } from '@jest/globals';
import { criterion, scorecard } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

export function sliceCapTests(world: () => World): void {
  test('EV3: more than 100 values of one column are refused, unless the scorecard allows so many', async () => {
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, `SELECT i AS id, ${select} FROM range(1200) t(i)`), name);
    const files = {
      holdout: await write('holdout', 'i % 150 AS g'),
      labels: await write('labels', '(i * 7 % 10 < 3)::INTEGER AS y'),
      challenger: await write('challenger', '(i * 37 % 1200) / 1200e0 AS score'),
      columns: { id: 'id', label: 'y' },
    };
    const measure = async (more?: object) => {
      const judged = scorecard([criterion('accuracy', { by: 'g' })], more);
      return world().store.measure({ ...files, scorecard: judged }, unwatched);
    };
    await expect(measure()).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining('the slice column "g" has more than 100 values'),
    });
    const { measurements } = await measure({ maxSlices: 150 });
    expect(measurements.map(({ n }) => n)).toEqual(Array.from({ length: 150 }, () => 8));
    await expect(measure({ maxSlices: 149 })).rejects.toMatchObject({ code: 'data-invalid' });
  });
}
