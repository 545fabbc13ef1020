import { expect, test } from '@jest/globals';
import { criterion, scorecard } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

const METRICS = ['auc', 'averagePrecision', 'precisionAtK', 'f1', 'logLoss', 'ece'];

export function rowOrderTests(world: () => World): void {
  test('EV4: the order of the rows in a file changes no number', async () => {
    const write = async (name: string, select: string, order: string) =>
      await refOf(await world().write(`${name}.parquet`, `SELECT * FROM (${select}) ORDER BY ${order}`), name);
    const measure = async (order: string) => {
      const rows = (select: string) => `SELECT i AS id, ${select} FROM range(600) t(i)`;
      const files = {
        holdout: await write('holdout', rows('i % 3 AS g'), 'id'),
        labels: await write('labels', rows('(i * 7 % 10 < 3)::INTEGER AS y'), order),
        challenger: await write('challenger', rows('(i * 37 % 600) / 600e0 AS score'), order),
        champion: await write('champion', rows('(i * 31 % 550) / 600e0 AS score'), 'id'),
        columns: { id: 'id', label: 'y' },
      };
      const criteria = METRICS.flatMap((metric) => [criterion(metric), criterion(metric, { name: 'by', by: 'g' })]);
      const { measurements } = await world().store.measure({ ...files, scorecard: scorecard(criteria) }, unwatched);
      return measurements.flatMap(({ n, challenger, difference }) => [
        n,
        ...Object.values({ ...challenger }),
        ...Object.values({ ...difference }),
      ]);
    };
    const inOrder = await measure('id');
    expect(inOrder).toHaveLength(METRICS.length * 4 * 7);
    expect(await measure('hash(id)')).toEqual(inOrder.map((value) => expect.closeTo(value, 9)));
  });

  test.each([
    ['twice', 'SELECT least(i, 58) AS id FROM range(60) t(i)'],
    ['not at all', 'SELECT nullif(i, 59) AS id FROM range(60) t(i)'],
  ])('EV8: rows of the holdout that are named %s are refused', async (_, holdout) => {
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, select), name);
    const files = {
      holdout: await write('holdout', holdout),
      labels: await write('labels', 'SELECT i AS id, i % 2 AS y FROM range(60) t(i)'),
      challenger: await write('challenger', 'SELECT i AS id, i / 60e0 AS score FROM range(60) t(i)'),
      columns: { id: 'id', label: 'y' },
    };
    const measured = world().store.measure({ ...files, scorecard: scorecard([criterion('accuracy')]) }, unwatched);
    await expect(measured).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringMatching(/^the holdout .*"id" names 1 of 60 rows twice or not at all/),
    });
  });
}
