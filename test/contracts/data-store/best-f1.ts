import { expect, test } from '@jest/globals';
import type { CriterionMeasurement } from '../../../activities/ports/data-store.ts';
import type { BestF1, PointSources } from '../../../scorecards/operating-point.ts';
import { criterion, ORACLE, oracleFiles, scorecard } from './measurements.ts';
import { refOf, unwatched, type World } from './world.ts';

const CRITERIA = [
  criterion('auc'),
  criterion('cost', { falseNegative: 5, falsePositive: 1, by: 'group' }),
  criterion('f1'),
  criterion('equalizedOdds', { by: 'group' }),
  criterion('precisionAtK', { k: 50 }),
  criterion('sql', { name: 'of flags', sql: 'case when flagged then label else 0 end', direction: 'higher' }),
  criterion('sql', { name: 'of scores', sql: 'score * label', direction: 'higher' }),
];
const AT_CUT: readonly string[] = ['cost', 'f1', 'equalizedOdds', 'of flags'];
const BEST = { operatingPoint: { bestF1: 'training' } };
const given = (threshold: number) => ({ threshold, given: true }) as const;
const UNTOLD = { why: 'nobody said it' };

/** The threshold of best F1, and what is measured at thresholds that were found elsewhere. */
export function bestF1Tests(world: () => World): void {
  const find = async (said: string, labels: string) => {
    const [predictions, known] = [await world().write('said.parquet', said), await world().write('y.parquet', labels)];
    const request = {
      predictions: await refOf(predictions),
      labels: await refOf(known),
      columns: { id: 'id', label: 'y' },
    };
    return await world().store.bestF1(request, unwatched);
  };
  const rows = (values: string) => `SELECT * FROM (VALUES ${values}) t(id, score)`;
  const labelled = (values: string) => `SELECT * FROM (VALUES ${values}) t(id, y)`;
  const measure = async (spec: object, points?: PointSources) =>
    await world().store.measure(
      { ...(await oracleFiles(world())), scorecard: scorecard(CRITERIA, spec), ...(points ? { points } : {}) },
      unwatched,
    );

  test.each(['challenger', 'champion'] as const)(
    'EV1: the threshold of best F1 is that of scikit-learn: %s',
    async (who) => {
      const files = await oracleFiles(world());
      const request = { predictions: files[who], labels: files.labels, columns: files.columns };
      const best = await world().store.bestF1(request, unwatched);
      expect(best).toEqual({
        threshold: ORACLE[who]['best threshold'],
        f1: expect.closeTo(Number(ORACLE[who]['f1 at best threshold']), 12),
        rows: 600,
        positives: ORACLE.rows['label']?.reduce((sum, label) => sum + label, 0),
      });
    },
  );

  test('of thresholds with the same F1 the highest is taken, whatever the order of the rows', async () => {
    const y = labelled("('a', 1), ('b', 0), ('c', 0), ('d', 1), ('e', 0)");
    const best = { threshold: 0.9, f1: 2 / 3, rows: 5, positives: 2 };
    expect(await find(rows("('a', 0.9), ('b', 0.8), ('c', 0.7), ('d', 0.6), ('e', 0.1)"), y)).toEqual(best);
    expect(await find(rows("('d', 0.6), ('c', 0.7), ('e', 0.1), ('b', 0.8), ('a', 0.9)"), y)).toEqual(best);
  });

  test('rows without a label do not count, labels of other rows neither, and ids may be of another type', async () => {
    const y = labelled('(1, 1), (2, 0), (3, NULL), (4, 1)');
    expect(await find(rows("('1', 0.7), ('2', 0.2), ('3', 0.9)"), y)).toEqual({
      threshold: 0.7,
      f1: 1,
      rows: 2,
      positives: 1,
    });
  });

  test.each([
    ['no positive row', "('a', 0)", 'none of its 1 labelled out-of-sample rows is positive'],
    ['no labelled row', "('a', NULL::INTEGER)", 'none of its 0 labelled out-of-sample rows is positive'],
    ['amounts as labels', "('a', 2.5)", 'the labels of 1 of its out-of-sample rows are not 0 or 1'],
  ])('with %s there is none, and it is said why', async (_, y, why) => {
    expect(await find(rows("('a', 0.5)"), labelled(y))).toEqual({ why });
  });

  test.each([
    ['a row twice', rows("('a', 0.5), ('a', 0.6)"), '"id" names 1 of 2 rows twice or not at all'],
    ['a row that nobody trained on', rows("('a', 0.5), ('z', 0.6)"), '"id" names 1 of 2 rows that are not in'],
    ['a score that is NaN', rows("('a', 'nan'::DOUBLE)"), '"score" is NULL, NaN or infinite in 1 rows'],
    ['no score', rows("('a', NULL::DOUBLE)"), '"score" is NULL, NaN or infinite in 1 rows'],
    ['a text as score', rows("('a', 'high')"), '"score" is VARCHAR, not a number'],
  ])('predictions with %s are refused', async (_, said, problem) => {
    await expect(find(said, labelled("('a', 1), ('b', 0)"))).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining(problem),
    });
  });

  test('predictions without scores, and files that were changed, are refused', async () => {
    const y = labelled("('a', 1)");
    await expect(find("SELECT 'a' AS id, 0.5 AS points", y)).rejects.toMatchObject({ code: 'data-schema' });
    const { challenger, columns, labels } = await oracleFiles(world());
    const request = { predictions: { ...challenger, sha256: '0'.repeat(64) }, labels, columns };
    await expect(world().store.bestF1(request, unwatched)).rejects.toMatchObject({ code: 'data-changed' });
  });

  test('what was found is what is measured: on its own rows a model has the F1 that was promised, single floats too', async () => {
    const files = await oracleFiles(world());
    const [{ path }, { columns, labels }] = [files.challenger, files];
    const floats = await world().write('floats.parquet', `SELECT id, (score / 3)::FLOAT AS score FROM '${path}'`);
    const challenger = await refOf(floats);
    const best = (await world().store.bestF1({ predictions: challenger, labels, columns }, unwatched)) as BestF1;
    const points = { challenger: { ...best, predictions: challenger.sha256 } };
    const request = {
      holdout: files.holdout,
      labels,
      challenger,
      columns,
      scorecard: scorecard(CRITERIA, BEST),
      points,
    };
    const found = await world().store.measure(request, unwatched);
    expect(found.operatingPoint).toEqual({ challenger: best.threshold });
    expect(of(found.measurements, 'f1')[0]?.challenger?.value).toBeCloseTo(best.f1, 12);
  });

  test('EV1: each model is measured at its own threshold, and none is found on the holdout', async () => {
    const found = await measure(BEST, { challenger: given(0.3), champion: given(0.6) });
    expect(found.operatingPoint).toEqual({ challenger: 0.3, champion: 0.6 });
    const [low, high] = [
      await measure({ operatingPoint: { threshold: 0.3 } }),
      await measure({ operatingPoint: { threshold: 0.6 } }),
    ];
    for (const name of [...AT_CUT, 'auc', 'of scores']) {
      const values = of(found.measurements, name).map(({ challenger, champion }) => [
        challenger?.value,
        champion?.value,
      ]);
      expect([name, values]).toEqual([
        name,
        of(low.measurements, name).map(({ challenger }, at) => [
          challenger?.value,
          of(high.measurements, name)[at]?.champion?.value,
        ]),
      ]);
    }
  });

  test('EV8: of a champion whose threshold nobody knows no flag counts, and what needs no flags is measured', async () => {
    const found = await measure(BEST, { challenger: given(0.3), champion: UNTOLD });
    const whole = await measure(BEST, { challenger: given(0.3), champion: given(0.6) });
    expect(found.operatingPoint).toEqual({ challenger: 0.3 });
    const why = 'of the champion no threshold of best F1 is known: nobody said it';
    for (const name of AT_CUT)
      expect(of(found.measurements, name)).toEqual(
        of(whole.measurements, name).map(({ slice }) => ({
          criterion: name,
          slice,
          n: expect.any(Number),
          challenger: expect.objectContaining({ value: expect.any(Number) }),
          why,
        })),
      );
    for (const name of ['auc', 'precisionAtK', 'of scores'])
      expect(of(found.measurements, name)).toEqual(of(whole.measurements, name));
  });

  test.each([
    [{ challenger: UNTOLD, champion: given(0.6) }, 'nobody said it'],
    [undefined, 'none was handed on'],
  ])(
    'EV8: of a challenger whose threshold nobody knows nothing that needs flags is measured: %j',
    async (points, why) => {
      const found = await measure(BEST, points);
      expect(found.operatingPoint).toBeUndefined();
      expect(of(found.measurements, 'cost').map(({ slice }) => slice?.value)).toEqual(['0', '1', '2']);
      const said = AT_CUT.flatMap((name) => of(found.measurements, name));
      expect(new Set(said.map((one) => Object.keys(one).join()))).toEqual(new Set(['criterion,slice,n,why']));
      expect(new Set(said.map((one) => one.why))).toEqual(
        new Set([`of the challenger no threshold of best F1 is known: ${why}`]),
      );
      for (const name of ['auc', 'precisionAtK', 'of scores'])
        expect(of(found.measurements, name)[0]?.difference).toBeDefined();
    },
  );
}

const of = (measurements: readonly CriterionMeasurement[], name: string): readonly CriterionMeasurement[] =>
  measurements.filter(({ criterion: whose }) => whose === name);
