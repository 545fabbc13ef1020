import { expect, test } from '@jest/globals';
import type { CriterionMeasurement, MeasureRequest } from '../../../activities/ports/data-store.ts';
import type { PortFailure } from '../../../activities/ports/port-failure.ts';
import { present } from '../../present.ts';
import { criterion, scorecard } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

const ROWS = 1600;
const WEEKS = [
  '2024-03-01 … 2024-03-07',
  '2024-03-08 … 2024-03-14',
  '2024-03-15 … 2024-03-21',
  '2024-03-22 … 2024-03-28',
];
const METRICS = ['recall', 'auc', 'brier', 'ece', 'precisionAtK'] as const;
const EXTREMES = ['recall', 'auc', 'brier'] as const;
const WORST_OF = { recall: Math.min, auc: Math.min, brier: Math.max };

const OWN = { sql: 'case when flagged then label else 0 end', direction: 'higher' };
const SPAN = { from: '2024-03-01T00:00:00Z', until: '2024-03-29T00:00:00Z' };

/** Criteria that are judged in blocks of time, and numbers over parts of the rows. */
export function timeBlockTests(world: () => World): void {
  /** Four weeks of rows; in the last the challenger knows nothing. `order` is that of the predictions. */
  async function files(order = 'i', where = 'true') {
    const rows = `FROM (SELECT i, i // ${ROWS / 4} AS w FROM range(${ROWS}) t(i)) WHERE ${where}`;
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, `SELECT i AS id, ${select}`), name);
    const at = `TIMESTAMP '2024-03-01' + to_minutes(i * 40320 // ${ROWS})`;
    const weeks = WEEKS.map((week) => `'${week}'`).join(', ');
    return {
      holdout: await write(
        'holdout',
        `${at} AS seen, (${at})::DATE AS day, [${weeks}][w + 1] AS week ${rows} ORDER BY i`,
      ),
      labels: await write('labels', `(hash(i) % 10 < 4)::INTEGER AS y ${rows} ORDER BY i`),
      challenger: await write(
        'challenger',
        `CASE WHEN hash(i) % 10 < 4 AND w < 3 THEN 0.3 ELSE 0 END + hash(i + 7000) % 700 / 1e3 AS score ${rows} ORDER BY ${order}`,
      ),
      champion: await write(
        'champion',
        `CASE WHEN hash(i) % 10 < 4 THEN 0.2 ELSE 0 END + hash(i + 9000) % 700 / 1e3 AS score ${rows} ORDER BY i`,
      ),
      columns: { id: 'id', label: 'y' },
    };
  }
  const measure = async (criteria: readonly object[], given?: Partial<MeasureRequest>) => {
    const request = { ...(given?.holdout ? given : { ...(await files()), ...given }) } as MeasureRequest;
    return await world().store.measure(
      { time: { column: 'seen' }, ...request, scorecard: scorecard(criteria) },
      unwatched,
    );
  };
  const named = (all: readonly CriterionMeasurement[], name: string) =>
    all
      .filter((one) => one.criterion === name)
      .map(({ slice, ...rest }) => ({ ...rest, criterion: '', value: slice?.value }));

  test.each([
    ['in the order of the holdout', 'i'],
    ['in an order of their own', 'hash(i)'],
  ])('EV3: blocks have the numbers of a column that says the same, with predictions %s', async (_, order) => {
    const both = METRICS.flatMap((metric) => [
      criterion(metric, { name: `${metric} by`, by: 'week' }),
      criterion(metric, { name: `${metric} 4`, blocks: 4 }),
    ]);
    const own = [
      criterion('auc', { name: 'auc 7d', blocks: '7d' }),
      criterion('sql', { name: 'sql by', by: 'week', ...OWN }),
      criterion('sql', { name: 'sql 4', blocks: 4, ...OWN }),
    ];
    const { measurements, slices } = await measure([...both, ...own], await files(order));
    for (const metric of [...METRICS, 'sql']) {
      const expected = named(measurements, `${metric} by`);
      expect(expected.map(({ n, value }) => [value, n > 0])).toEqual(WEEKS.map((week) => [week, true]));
      expect(named(measurements, `${metric} 4`)).toEqual(expected);
    }
    expect(named(measurements, 'auc 7d')).toEqual(named(measurements, 'auc by'));
    expect(slices.map(({ column }) => column)).toEqual(
      ['week', 'time in 4 blocks', 'time in blocks of 7d'].flatMap((column) => WEEKS.map(() => column)),
    );
  });

  test('EV3: of models that name a class, blocks have the numbers of a column that says the same, too', async () => {
    const { challenger, holdout, labels, columns } = await files();
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, select), name);
    const request = {
      holdout,
      columns,
      labels: await write('classes', `SELECT id, ['a', 'b', 'c'][1 + y + id % 2] AS y FROM '${labels.path}'`),
      challenger: await write(
        'said',
        `SELECT id, ['a', 'b', 'c'][1 + (score > 0.4)::INTEGER + id % 2] AS class FROM '${challenger.path}'`,
      ),
      time: { column: 'seen' },
    };
    const own = { sql: 'case when class = label then 1 else 0 end', direction: 'higher' };
    const criteria = [['macroF1', {}] as const, ['recall', { class: 'b' }] as const, ['sql', own] as const].flatMap(
      ([metric, more]) => [
        criterion(metric, { name: `${metric} by`, by: 'week', ...more }),
        criterion(metric, { name: `${metric} 4`, blocks: 4, ...more }),
      ],
    );
    const { measurements } = await world().store.measure(
      { ...request, scorecard: scorecard(criteria, { task: 'multiclass' }) },
      unwatched,
    );
    for (const metric of ['macroF1', 'recall', 'sql']) {
      const expected = named(measurements, `${metric} by`);
      expect(expected.map(({ n, value }) => [value, n > 0])).toEqual(WEEKS.map((week) => [week, true]));
      expect(named(measurements, `${metric} 4`)).toEqual(expected);
    }
  });

  test('EV3: days are as good as moments, and a span that is said is cut instead of that of the rows', async () => {
    const days = await measure([criterion('recall', { blocks: 4 })], { time: { column: 'day' } });
    expect(days.measurements.map(({ slice }) => slice?.value)).toEqual(WEEKS);
    const longer = { from: SPAN.from, until: '2024-04-26T00:00:00Z' };
    const { measurements } = await measure([criterion('recall', { blocks: 2 })], {
      time: { column: 'seen', span: longer },
    });
    expect(measurements.map(({ slice }) => slice?.value)).toEqual([
      '2024-03-01 … 2024-03-28',
      '2024-03-29 … 2024-04-25',
    ]);
    expect(measurements.map(({ challenger }) => challenger !== undefined)).toEqual([true, false]);
  });

  test('EV3: a block without any row is named, and has no number; worst and spread have none either', async () => {
    const criteria = [
      criterion('recall', { blocks: 4 }),
      criterion('worst', { of: 'recall', blocks: 4, minimum: 50 }),
      criterion('spread', { of: 'recall', blocks: 4, minimum: 50 }),
    ];
    const { measurements } = await measure(criteria, await files('i', 'w <> 2'));
    expect(measurements.slice(0, 4).map(({ slice, challenger }) => [slice?.value, challenger === undefined])).toEqual(
      WEEKS.map((week, place) => [week, place === 2]),
    );
    expect(measurements.slice(4)).toEqual(
      ['worst', 'spread'].map((name) => ({
        criterion: name,
        slice: null,
        n: 0,
        why: `of ${WEEKS[2]}: no row counts there`,
      })),
    );
  });

  test('EV8: worst and spread are the extremes of the parts, over blocks as over the values of a column', async () => {
    const parts = [{ by: 'week' }, { blocks: 4 }];
    const criteria = parts.flatMap((cut, place) =>
      EXTREMES.flatMap((metric) => [
        criterion(metric, { name: `${metric}${place}`, ...cut }),
        criterion('worst', { name: `worst ${metric}${place}`, of: metric, minimum: 20, ...cut }),
        criterion('spread', { name: `spread ${metric}${place}`, of: metric, minimum: 20, ...cut }),
      ]),
    );
    const { measurements } = await measure(criteria);
    const of = (name: string) => measurements.filter((one) => one.criterion === name);
    const unnoted = (name: string) => of(name).map((one) => ({ ...one, criterion: '', note: '' }));
    for (const metric of EXTREMES) {
      for (const over of ['worst', 'spread'])
        expect(unnoted(`${over} ${metric}1`)).toEqual(unnoted(`${over} ${metric}0`));
      const sliced = of(`${metric}0`);
      for (const model of ['challenger', 'champion'] as const) {
        const all = sliced.map((one) => present(one[model]).value);
        const worst = WORST_OF[metric](...all);
        expect([metric, of(`worst ${metric}0`)[0]?.[model]?.value]).toEqual([metric, worst]);
        const spread = Math.max(...all) - Math.min(...all);
        expect([metric, of(`spread ${metric}0`)[0]?.[model]?.value]).toEqual([metric, expect.closeTo(spread, 12)]);
      }
      expect(of(`worst ${metric}0`)).toMatchObject([
        { slice: null, n: Math.min(...sliced.map(({ n }) => n)), parts: 4, difference: { value: expect.any(Number) } },
      ]);
    }
    expect(of('worst recall0')[0]?.note).toMatch(/^It is worst in week=2024-03-22 … 2024-03-28 \(0\.\d+\)\.$/);
    expect(of('worst recall1')[0]?.note).toMatch(/^It is worst in 2024-03-22 … 2024-03-28 \(0\.\d+\)\.$/);
  });

  test('there may be as many blocks as the scorecard may have slices, which lint holds them against', async () => {
    const { slices } = await measure([criterion('recall', { blocks: 150 })]);
    expect(slices).toHaveLength(150);
  });

  test('without a time nothing is measured, and it says why', async () => {
    const criteria = [criterion('recall', { blocks: 4 }), criterion('sql', { blocks: 4, ...OWN })];
    for (const time of [undefined, { column: 'then' }]) {
      const { measurements, slices } = await measure(criteria, { ...(await files()), time } as Partial<MeasureRequest>);
      expect(slices).toEqual([]);
      expect(measurements).toEqual(
        ['recall', 'sql'].map((name) => ({
          criterion: name,
          slice: null,
          n: 0,
          why: 'the holdout has no column that says when a row was, so it cannot be cut into blocks of time',
        })),
      );
    }
  });

  test.each([
    ['no moment', { column: 'week' }, 'data-schema: "week" is VARCHAR, expected a date or a timestamp to cut by'],
    [
      'a moment for some rows only',
      { column: 'gap' },
      'data-invalid: "gap" is NULL in 1 rows, which are in no block of time',
    ],
    [
      'more blocks than may be',
      { column: 'seen', blocks: '1h' },
      'data-invalid: "seen" makes 671 blocks for "blocks: 1h", at most 200 are measured',
    ],
    ['less time than blocks', { column: 'once' }, 'data-invalid: "once" spans 1 ms, too little for "blocks: 4"'],
  ])(
    'a column with %s is refused with what was expected',
    async (_, { blocks = 4, column }: { blocks?: number | string; column: string }, said) => {
      const given = await files();
      const path = await world().write(
        'times.parquet',
        `SELECT id, week, seen, CASE WHEN id > 0 THEN seen END AS gap, TIMESTAMP '2024-03-01 10:00' AS once FROM '${given.holdout.path}'`,
      );
      const holdout = await refOf(path, 'times');
      const failure: unknown = await measure([criterion('recall', { blocks })], {
        ...given,
        holdout,
        time: { column },
      }).catch((error: unknown) => error);
      const { code, message } = failure as PortFailure;
      expect(`${code}: ${message.replace(/^the column ("\w+") of \S+/, '$1')}`).toBe(said);
    },
  );
}
