import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { CriterionMeasurement, HoldoutMeasurements } from '../../../activities/ports/data-store.ts';
import type { Estimate, FileRef } from '../../../scorecards/vocabulary.ts';
import { criterion, scorecard, standardError } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

type Numbers = Readonly<Record<string, number>>;
interface OfModel {
  readonly overall: Numbers;
  readonly classes: Readonly<Record<string, Numbers>>;
  readonly 'equalizedOdds of b': number;
  readonly 'cost of b': number;
  readonly sql: number;
  readonly 'macroF1 by group': readonly number[];
}
interface Classes {
  readonly rows: Readonly<Record<'group', readonly number[]>> &
    Readonly<Record<'label' | 'challenger' | 'champion', readonly string[]>>;
  readonly challenger: OfModel;
  readonly champion: OfModel;
  readonly bootstrapOfDifference: Numbers;
}
/** Rows of four classes and what scikit-learn says of them; `classes.py` beside it wrote it. */
const ORACLE = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/measure/classes.json'), 'utf8'),
) as Classes;

const OVERALL = ['macroF1', 'macroPrecision', 'macroRecall', 'microF1', 'accuracy'] as const;
const EACH = ['precision', 'recall', 'f1'] as const;
const CLASSES = ['a', 'b', 'c', 'd'];
const PAIRS = CLASSES.flatMap((of) => EACH.map((metric) => ({ of, metric, name: `${metric} of ${of}` })));
const SQL = "case when class = label then 1 when label = 'd' then -10 else -1 end";
const MULTICLASS = { task: 'multiclass' };

/** Criteria of models that name one of several classes. */
export function classTests(world: () => World): void {
  const write = async (name: string, select: string): Promise<FileRef> =>
    await refOf(await world().write(`${name}.parquet`, select), name);
  const texts = (name: 'label' | 'challenger' | 'champion') =>
    `unnest([${ORACLE.rows[name].map((text) => `'${text}'`).join(', ')}])`;
  const id = "'r' || unnest(range(600))";
  const oracleFiles = async () => ({
    holdout: await write('holdout', `SELECT ${id} AS id, unnest([${ORACLE.rows.group.join(', ')}]) AS "group"`),
    labels: await write('labels', `SELECT * FROM (SELECT ${id} AS id, ${texts('label')} AS y) ORDER BY hash(id)`),
    challenger: await write(
      'challenger',
      `SELECT * FROM (SELECT ${id} AS id, ${texts('challenger')} AS class, 7 AS score) ORDER BY hash(id || 1)`,
    ),
    champion: await write('champion', `SELECT ${id} AS id, ${texts('champion')} AS class`),
    columns: { id: 'id', label: 'y' },
  });
  const measured = async (criteria: readonly object[], more: object = {}): Promise<HoldoutMeasurements> =>
    await world().store.measure(
      { ...(await oracleFiles()), scorecard: scorecard(criteria, MULTICLASS), ...more },
      unwatched,
    );

  test('EV4: averages over classes and numbers of each class are those of scikit-learn, for both models', async () => {
    const found = await measured([
      ...OVERALL.map((metric) => criterion(metric)),
      ...PAIRS.map(({ metric, name, of }) => criterion(metric, { name, class: of })),
      criterion('equalizedOdds', { name: 'equalizedOdds of b', class: 'b', by: 'group' }),
      criterion('cost', { name: 'cost of b', class: 'b', falseNegative: 5, falsePositive: 1 }),
      criterion('sql', { sql: SQL, direction: 'higher' }),
    ]);
    const valuesOf = (who: 'challenger' | 'champion'): Readonly<Record<string, number | undefined>> =>
      Object.fromEntries(found.measurements.map((one) => [one.criterion, one[who]?.value]));
    const expected = (model: OfModel) =>
      Object.fromEntries(
        [
          ...OVERALL.map((metric) => [metric, model.overall[metric]] as const),
          ...PAIRS.map(({ metric, name, of }) => [name, model.classes[of]?.[metric]] as const),
          ...(['equalizedOdds of b', 'cost of b', 'sql'] as const).map((name) => [name, model[name]] as const),
        ].map(([name, value]) => [name, expect.closeTo(Number(value), 12)]),
      );
    expect(valuesOf('challenger')).toEqual(expected(ORACLE.challenger));
    // The champion never says d: scikit-learn's zero_division=0 is no measurement of ours.
    const { 'precision of d': never, ...others } = valuesOf('champion');
    const { 'precision of d': zero, ...theirs } = expected(ORACLE.champion);
    expect([never, ORACLE.champion.classes['d']?.['precision'], typeof zero]).toEqual([undefined, 0, 'object']);
    expect(others).toEqual(theirs);
    expect(others['f1 of d']).toBe(0);
    expect(found).toMatchObject({ coverage: { rows: 600, labelled: 600, challenger: 600, champion: 600 } });
    expect([found.operatingPoint, found.charts]).toEqual([undefined, undefined]);
  });

  test.each(['macroF1', 'macroPrecision', 'macroRecall', 'microF1'])(
    'EV8: the paired interval of %s agrees with a bootstrap of rows',
    async (metric) => {
      const { measurements } = await measured([criterion(metric)]);
      const ratio =
        standardError(measurements[0]?.difference as Estimate) / Number(ORACLE.bootstrapOfDifference[metric]);
      expect(ratio).toBeGreaterThan(0.93);
      expect(ratio).toBeLessThan(1.07);
    },
  );

  test('EV3: by slice there is one measurement per value, and n is the rarest class there', async () => {
    const { measurements } = await measured([criterion('macroF1', { by: 'group', minimum: 10 })]);
    const ofD = ORACLE.rows.group.filter((_, row) => ORACLE.rows.label[row] === 'd');
    const rarest = (group: number) => ofD.filter((one) => one === group).length;
    expect(
      measurements.map(({ challenger, champion, n, slice }) => [slice, n, challenger?.value, champion?.value]),
    ).toEqual(
      [0, 1, 2].map((group) => [
        { column: 'group', value: String(group) },
        rarest(group),
        expect.closeTo(Number(ORACLE.challenger['macroF1 by group'][group]), 12),
        expect.closeTo(Number(ORACLE.champion['macroF1 by group'][group]), 12),
      ]),
    );
  });

  test('EV8: an average rests on its rarest class, which is named where it has too few rows', async () => {
    const { measurements } = await measured([criterion('macroF1', { minimum: 100 })]);
    expect(measurements[0]?.tooFew).toBe('rests on 49 rows of its rarest class d, 100 are needed');
  });

  test('EV8: a class that no label is of was not measured, whatever is asked of it', async () => {
    const asked = [...EACH, 'cost', 'demographicParity'] as const;
    const { measurements } = await measured(
      asked.map((metric) => criterion(metric, { class: 'ghost', by: 'group', falseNegative: 1, falsePositive: 1 })),
    );
    const overall = { n: 0, why: 'no labelled row is of class ghost; there are a, b, c, d' };
    expect(measurements.map(({ n, why }) => ({ n, why }))).toEqual(measurements.map(() => overall));
    expect(new Set(measurements.map(({ criterion: name }) => name))).toEqual(new Set(asked));
    expect(measurements.filter(({ slice }) => slice === null).map(({ criterion: name }) => name)).toEqual([
      'demographicParity',
    ]);
  });

  test('without a champion there is neither champion nor difference, and rows without a label are left out', async () => {
    const { champion: _, ...files } = await oracleFiles();
    const labels = await write('some', `SELECT * FROM (SELECT ${id} AS id, ${texts('label')} AS y) WHERE id < 'r3'`);
    const request = { ...files, labels, scorecard: scorecard([criterion('accuracy')], MULTICLASS) };
    const found = await world().store.measure(request, unwatched);
    expect(found.coverage).toMatchObject({ rows: 600, challenger: 600 });
    expect(found.measurements.map((one: CriterionMeasurement) => [Object.keys(one).join(), one.n])).toEqual([
      ['criterion,slice,n,challenger', found.coverage.labelled],
    ]);
    expect(found.coverage.labelled).toBeLessThan(600);
  });

  test('classes may be whole numbers, of different width in labels and predictions', async () => {
    const files = {
      holdout: await write('holdout', 'SELECT i AS id FROM range(90) t(i)'),
      labels: await write('labels', 'SELECT i AS id, (i % 3)::TINYINT AS y FROM range(90) t(i)'),
      challenger: await write('challenger', 'SELECT i AS id, (i % 3 * (i % 2))::BIGINT AS class FROM range(90) t(i)'),
      columns: { id: 'id', label: 'y' },
    };
    const request = { ...files, scorecard: scorecard([criterion('recall', { class: '2' })], MULTICLASS) };
    const { measurements } = await world().store.measure(request, unwatched);
    expect(measurements[0]).toMatchObject({ n: 30, challenger: { value: 0.5 } });
  });

  const GOOD = "SELECT i AS id, 'c' || (i * 7 % 4) AS class FROM range(200) t(i)";
  const LABELS = "SELECT i AS id, 'c' || (i % 4) AS y FROM range(200) t(i)";
  const refused = async (selects: { readonly challenger?: string; readonly labels?: string }) =>
    await world().store.measure(
      {
        scorecard: scorecard([criterion('macroF1')], MULTICLASS),
        holdout: await write('holdout', 'SELECT i AS id FROM range(200) t(i)'),
        labels: await write('labels', selects.labels ?? LABELS),
        challenger: await write('challenger', selects.challenger ?? GOOD),
        columns: { id: 'id', label: 'y' },
      },
      unwatched,
    );

  test.each<[string, string, [string, string, RegExp]]>([
    ['there is no class', `SELECT id, class AS score FROM (${GOOD})`, ['data-schema', 'class', /it has id, score/]],
    [
      'a class is NULL',
      `SELECT id, nullif(class, 'c1') AS class FROM (${GOOD})`,
      ['data-invalid', 'class', /is NULL in 50 rows/],
    ],
    [
      'a class is a fraction',
      'SELECT i AS id, i / 4e0 AS class FROM range(200) t(i)',
      ['data-invalid', 'class', /is DOUBLE; expected texts/],
    ],
    [
      'all classes are the same',
      `SELECT id, 'c1' AS class FROM (${GOOD})`,
      ['data-invalid', 'class', /is c1 in all 200 rows/],
    ],
    ['an id occurs twice', `${GOOD} UNION ALL SELECT 3, 'c1'`, ['data-invalid', 'id', /expected each id once/]],
    [
      'no class is a label',
      `SELECT id, upper(class) AS class FROM (${GOOD})`,
      ['data-invalid', 'class', /says C0, C1, C2, C3, and no label is any of that: they are c0/],
    ],
    [
      'there are more classes than a hundred',
      "SELECT i AS id, 'c' || (i % 101) AS class FROM range(200) t(i)",
      ['data-invalid', 'class', /more than 100 classes, such as c0/],
    ],
  ])('nothing is measured when %s, and file and column are named', async (_, challenger, [code, column, message]) => {
    const details = { column, file: join(world().folder, 'challenger.parquet') };
    await expect(refused({ challenger })).rejects.toMatchObject({
      code,
      details,
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['are more than a hundred', "SELECT i AS id, 'c' || (i % 101) AS y FROM range(200) t(i)"],
    ['are fractions', 'SELECT i AS id, i / 4e0 AS y FROM range(200) t(i)'],
  ])('labels that %s are no classes', async (_, labels) => {
    await expect(refused({ labels })).rejects.toMatchObject({ code: 'data-invalid', details: { column: 'y' } });
  });

  test('EV6: weak slices are searched among wrong classes', async () => {
    const { champion, challenger, columns, holdout, labels } = await oracleFiles();
    const request = {
      champion,
      challenger,
      columns,
      holdout,
      labels,
      by: ['group'],
      loss: { kind: 'classes' },
    } as const;
    const search = { columns: 8, values: 20, minimum: 100 };
    const { all, cells } = await world().store.weakCells({ ...request, search }, unwatched);
    expect([all.rows, cells.length]).toEqual([600, 3]);
    expect(all.loss.mean).toBeCloseTo(1 - Number(ORACLE.challenger.overall['accuracy']), 12);
    const gained = Number(ORACLE.champion.overall['accuracy']) - Number(ORACLE.challenger.overall['accuracy']);
    expect(all.difference?.mean).toBeCloseTo(gained, 12);
  });
}
