import { expect, test } from '@jest/globals';
import type { WeakCellsRequest } from '../../../activities/ports/weak-cells.ts';
import type { LossCell } from '../../../scorecards/candidate/weak-cell.ts';
import { refOf, unwatched, type World } from './world.ts';

const MISTAKES = {
  kind: 'mistakes',
  falseNegative: 5,
  falsePositive: 1,
  cuts: { challenger: 0.5, champion: 0.4 },
} as const;
const NAMES = ['g', 'h', 'many'];
/** 400 rows in four groups of 100; `h` is NULL in a quarter of them, `many` has ten values. */
const COLUMNS = "'g' || i % 2 AS g, CASE WHEN i % 4 = 3 THEN NULL ELSE 'h' || i % 4 END AS h, i % 10 AS many";
const LABEL = '(hash(i) % 3 = 0)::INTEGER';
const [CHALLENGER, CHAMPION] = ['(hash(i + 7) % 100) / 100e0', '(hash(i + 9) % 100) / 100e0'];

export function weakCellTests(world: () => World): void {
  const write = async (name: string, select: string) =>
    await refOf(await world().write(`${name}.parquet`, `${select} FROM range(400) t(i)`), name);
  const request = async (more: Partial<WeakCellsRequest> = {}): Promise<WeakCellsRequest> => ({
    holdout: await write('holdout', `SELECT i AS id, ${COLUMNS}`),
    labels: await write('labels', `SELECT i AS id, ${LABEL} AS y`),
    challenger: await write('challenger', `SELECT i AS id, ${CHALLENGER} AS score`),
    champion: await write('champion', `SELECT i AS id, ${CHAMPION} AS score`),
    columns: { id: 'id', label: 'y' },
    by: NAMES,
    loss: MISTAKES,
    search: { columns: 8, values: 20, minimum: 10 },
    ...more,
  });
  const search = async (more: Partial<WeakCellsRequest> = {}) =>
    await world().store.weakCells(await request(more), unwatched);
  /** The same numbers, asked for one cell at a time. */
  const byHand = async (where: string) => {
    const cost = (score: string, cut: number) =>
      `CASE WHEN y = 1 AND ${score} < ${cut} THEN 5e0 WHEN y = 0 AND ${score} >= ${cut} THEN 1e0 ELSE 0e0 END`;
    const [row] = await world().sql(
      `SELECT count(*)::DOUBLE AS rows, avg(a) AS mean, var_samp(a) AS variance, avg(a - b) AS gap, var_samp(a - b) AS gaps
       FROM (SELECT ${cost('s', 0.5)} AS a, ${cost('t', 0.4)} AS b, g, h, many
             FROM (SELECT ${LABEL} AS y, ${CHALLENGER} AS s, ${CHAMPION} AS t, ${COLUMNS} FROM range(400) x(i))) WHERE ${where}`,
    );
    const close = (name: string) => expect.closeTo(Number(row?.[name]), 9) as unknown;
    return {
      rows: row?.['rows'],
      loss: { mean: close('mean'), variance: close('variance') },
      difference: { mean: close('gap'), variance: close('gaps') },
    };
  };
  const cellAt = (cells: readonly LossCell[], ...values: readonly (readonly [string, string | null])[]) =>
    cells.find(
      ({ slices }) => JSON.stringify(slices) === JSON.stringify(values.map(([column, value]) => ({ column, value }))),
    );

  test('EV3: a search knows what rows cost in every cell of one slice and of two, also where a value is NULL', async () => {
    const { all, cells, columns, leftOut } = await search();
    expect(all).toEqual({ slices: [], ...(await byHand('true')) });
    expect(cellAt(cells, ['g', 'g1'])).toMatchObject(await byHand("g = 'g1'"));
    expect(cellAt(cells, ['h', null])).toMatchObject(await byHand('h IS NULL'));
    expect(cellAt(cells, ['g', 'g1'], ['h', null])).toMatchObject(await byHand("g = 'g1' AND h IS NULL"));
    expect(cellAt(cells, ['h', 'h0'], ['many', '4'])).toMatchObject(await byHand("h = 'h0' AND many = 4"));
    expect(columns).toEqual(NAMES);
    expect(leftOut).toEqual({ columns: [], values: [] });
    // 2 + 4 + 10 of one slice; of two 4 (a row of g0 is h0 or h2), 10 (as even or odd) and 20 that have rows.
    expect(cells).toHaveLength(16 + 4 + 10 + 20);
  });

  test('a cell with fewer rows than the minimum is left out', async () => {
    const { cells } = await search({ search: { columns: 8, values: 20, minimum: 100 } });
    const rows = cells.map((cell) => `${cell.slices.length}: ${cell.rows}`).toSorted();
    expect(rows).toEqual([...Array<string>(4).fill('1: 100'), '1: 200', '1: 200', ...Array<string>(4).fill('2: 100')]);
  });

  test('EV3: caps on columns and values hold, and what they left out is named', async () => {
    const { cells, columns, leftOut } = await search({
      by: ['many', 'g', 'h'],
      search: { columns: 2, values: 3, minimum: 10 },
    });
    expect(columns).toEqual(['many', 'g']);
    expect(leftOut).toEqual({ columns: ['h'], values: ['many'] });
    const names = new Set(cells.flatMap(({ slices }) => slices.map(({ column, value }) => `${column}=${value}`)));
    expect([...names].toSorted()).toEqual(['g=g0', 'g=g1', 'many=0', 'many=1', 'many=2']);
  });

  test('rows without label or prediction do not count, and ids may come back as texts', async () => {
    const { all, cells } = await search({
      by: ['g'],
      labels: await write('some-labels', `SELECT i::VARCHAR AS id, CASE WHEN i < 300 THEN ${LABEL} END AS y`),
      challenger: await write('some-scores', `SELECT (i + 100)::VARCHAR AS id, ${CHALLENGER} AS score`),
    });
    expect([all, ...cells].map(({ rows }) => rows)).toEqual([200, 100, 100]);
  });

  test('without a champion there is no difference; a distance is in the unit of the label', async () => {
    const { champion: _, ...files } = await request({ loss: { kind: 'distance' }, by: ['g', 'not there'] });
    const { all, cells, columns } = await world().store.weakCells(files, unwatched);
    const [row] = await world().sql(`SELECT avg(abs(${LABEL} - ${CHALLENGER})) AS mean FROM range(400) t(i)`);
    expect(all.loss.mean).toBeCloseTo(Number(row?.['mean']), 12);
    expect([all, ...cells].some((cell) => 'difference' in cell)).toBe(false);
    expect(columns).toEqual(['g']);
  });

  test('the same files give the same cells to the last bit, and no column gives none', async () => {
    expect(await search()).toEqual(await search());
    expect((await search({ by: [] })).cells).toEqual([]);
  });
}
