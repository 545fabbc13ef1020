import { expect, test } from '@jest/globals';
import type { ScoreBin } from '../../../scorecards/candidate/charts.ts';
import { criterion, scorecard } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

const ROWS = 400;
/** Every fifth row has no label. */
const isMeasured = (row: number) => row % 5 !== 0;
const challengerOf = (row: number) => row / ROWS;
const championOf = (row: number) => ((row * 7) % ROWS) / ROWS / 2;
const labelOf = (row: number) => (row % 3 === 0 ? 1 : 0);

/** The same bins a second way: from the rows themselves. */
function binned(scoreOf: (row: number) => number, step: number): readonly ScoreBin[] {
  const measured = Array.from({ length: ROWS }, (_, row) => row).filter(isMeasured);
  const binOf = (row: number) => Math.floor(scoreOf(row) / step + 1e-9);
  const mean = (rows: readonly number[], of: (row: number) => number): number =>
    expect.closeTo(rows.reduce((sum, row) => sum + of(row), 0) / rows.length, 12) as unknown as number;
  return [...new Set(measured.map(binOf))]
    .toSorted((a, b) => a - b)
    .map((at) => ({ at, rows: measured.filter((row) => binOf(row) === at) }))
    .map(({ at, rows }) => ({
      at,
      rows: rows.length,
      positives: rows.filter((row) => labelOf(row) === 1).length,
      meanScore: mean(rows, scoreOf),
      meanLabel: mean(rows, labelOf),
    }));
}

export function scoreChartTests(world: () => World): void {
  const measure = async (label = '(i % 3 = 0)::INTEGER', isBootstrap = false, kept = 'i % 5 <> 0') => {
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, `${select} FROM range(${ROWS}) t(i)`), name);
    const labels = await refOf(
      await world().write('labels.parquet', `SELECT i AS id, ${label} AS y FROM range(${ROWS}) t(i) WHERE ${kept}`),
      'labels',
    );
    const champion = await write('champion', `SELECT i AS id, ((i * 7) % ${ROWS}) / ${ROWS}e0 / 2 AS score`);
    const request = {
      scorecard: scorecard([criterion('meanLabelAtTop')]),
      holdout: await write('holdout', 'SELECT i AS id'),
      labels,
      challenger: await write('challenger', `SELECT i AS id, i / ${ROWS}e0 AS score`),
      ...(isBootstrap ? {} : { champion }),
      columns: { id: 'id', label: 'y' },
    };
    return (await world().store.measure(request, unwatched)).charts;
  };

  test('EV9: scores of both models are kept in the same twenty bins by label, of the rows that are measured', async () => {
    expect(await measure()).toEqual({
      low: 0,
      step: 0.05,
      bins: 20,
      labels: 'binary',
      challenger: binned(challengerOf, 0.05),
      champion: binned(championOf, 0.05),
    });
  });

  test('without a champion only the challenger has bins', async () => {
    expect(await measure(undefined, true)).not.toHaveProperty('champion');
    expect((await measure(undefined, true))?.challenger).toHaveLength(20);
  });

  test('labels that are no classes are said to be numbers', async () => {
    const charts = await measure('i / 10e0');
    expect(charts?.labels).toBe('numeric');
    expect(charts?.challenger[0]?.meanLabel).toBeCloseTo(Number(charts?.challenger[0]?.meanScore) * 40, 9);
  });

  test('without a measured row there is nothing to draw', async () => {
    expect(await measure(undefined, false, 'false')).toBeUndefined();
  });
}
