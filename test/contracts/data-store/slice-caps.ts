import { expect, test } from '@jest/globals';
import { criterion, scorecard } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

export function sliceCapTests(world: () => World): void {
  test('EV3: more than 100 values of one column are refused, unless the scorecard allows so many', async () => {
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, `SELECT i AS id, ${select} FROM range(2400) t(i)`), name);
    const files = {
      holdout: await write('holdout', 'i % 300 AS g'),
      labels: await write('labels', '(i * 7 % 10 < 3)::INTEGER AS y'),
      challenger: await write('challenger', '(i * 37 % 2400) / 2400e0 AS score'),
      columns: { id: 'id', label: 'y' },
    };
    const measure = async (more?: object) => {
      const criteria = ['accuracy', 'auc', 'ece', 'precisionAtK', 'brier'].map((metric) =>
        criterion(metric, { by: 'g' }),
      );
      const judged = scorecard(criteria, more);
      return world().store.measure({ ...files, scorecard: judged }, unwatched);
    };
    await expect(measure()).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining('the slice column "g" has more than 100 values'),
    });
    const { measurements } = await measure({ maxSlices: 300 });
    const counted = (name: string) => measurements.filter((found) => found.criterion === name).map(({ n }) => n);
    for (const name of ['accuracy', 'auc', 'ece', 'brier'])
      expect(counted(name)).toEqual(Array.from({ length: 300 }, () => 8));
    expect(counted('precisionAtK')).toEqual(Array.from({ length: 300 }, () => 1));
    await expect(measure({ maxSlices: 299 })).rejects.toMatchObject({ code: 'data-invalid' });
  });
}
