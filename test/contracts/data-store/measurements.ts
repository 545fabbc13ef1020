import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type {
  CriterionMeasurement,
  HoldoutMeasurements,
  MeasureRequest,
} from '../../../activities/ports/data-store.ts';
import { CLASSIFICATION_METRICS } from '../../../scorecards/classification-metrics.ts';
import { scorecardSchema, type Scorecard } from '../../../scorecards/scorecard-schema.ts';
import { GROUP_METRICS } from '../../../scorecards/statistics/group-gaps.ts';
import type { Estimate } from '../../../scorecards/vocabulary.ts';
import { refOf, unwatched, type World } from './world.ts';

type Numbers = Readonly<Record<string, number>>;
interface Oracle {
  readonly rows: Readonly<Record<string, readonly number[]>>;
  readonly challenger: Numbers;
  readonly champion: Numbers;
  readonly challengerRegression: Numbers;
  readonly championRegression: Numbers;
  readonly standardErrorOfDifference: Numbers;
  readonly bootstrapOfDifference: Numbers;
}
/** Rows and what scikit-learn says of them; `oracle.py` beside it wrote it. */
export const ORACLE = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/measure/oracle.json'), 'utf8'),
) as Oracle;

export const criterion = (metric: string, more: object = {}) => ({ name: metric, group: 'quality', metric, ...more });

export function scorecard(criteria: readonly object[], more: object = { operatingPoint: { top: '40%' } }): Scorecard {
  const spec = { ...more, criteria };
  return scorecardSchema.parse({ apiVersion: 'understudy/v1', kind: 'Scorecard', metadata: { name: 'test' }, spec });
}

/** The oracle's rows as the four files that are measured. */
export async function oracleFiles(
  world: World,
  names = { challenger: 'challenger', champion: 'champion', label: 'label' },
) {
  const list = (name: string) => `unnest([${(ORACLE.rows[name] ?? []).join(', ')}])`;
  const id = `'r' || unnest(range(${ORACLE.rows['label']?.length}))`;
  const write = async (name: string, select: string) => await refOf(await world.write(`${name}.parquet`, select), name);
  return {
    holdout: await write('holdout', `SELECT ${id} AS id, ${list('group')} AS "group", ${list('price')} AS price`),
    labels: await write('labels', `SELECT * FROM (SELECT ${id} AS id, ${list(names.label)} AS y) ORDER BY hash(id)`),
    challenger: await write(
      'challenger',
      `SELECT * FROM (SELECT ${id} AS id, ${list(names.challenger)} AS score) ORDER BY hash(id || 1)`,
    ),
    champion: await write('champion', `SELECT ${id} AS id, ${list(names.champion)} AS score`),
    columns: { id: 'id', label: 'y' },
  };
}

const CLASSIFICATION = CLASSIFICATION_METRICS.filter((metric) => metric !== 'precisionAtK');
const REGRESSION = ['mae', 'rmse', 'mape', 'quantileLoss', 'meanLabelAtTop'] as const;

export function measurementTests(world: () => World): void {
  const measure = (request: MeasureRequest) => world().store.measure(request, unwatched);
  const classified = async () =>
    await measure({
      ...(await oracleFiles(world())),
      scorecard: scorecard([
        ...CLASSIFICATION.map((metric) =>
          criterion(metric, metric === 'cost' ? { falseNegative: 5, falsePositive: 1 } : {}),
        ),
        ...GROUP_METRICS.map((metric) => criterion(metric, { by: 'group' })),
        criterion('recall', { name: 'recall by group', by: 'group' }),
        criterion('p99', { group: 'latency' }),
      ]),
    });

  test('EV4: both models are measured on the same rows, and every value is that of scikit-learn or fairlearn', async () => {
    const found = await classified();
    for (const metric of [...CLASSIFICATION, ...GROUP_METRICS]) {
      const { challenger, champion, difference } = estimates(found, metric);
      expect([metric, challenger.value]).toEqual([metric, expect.closeTo(Number(ORACLE.challenger[metric]), 9)]);
      expect([metric, champion.value]).toEqual([metric, expect.closeTo(Number(ORACLE.champion[metric]), 9)]);
      expect(difference.value).toBeCloseTo(challenger.value - champion.value, 12);
    }
    expect(found.operatingPoint).toEqual({ challenger: ORACLE.challenger['cut'], champion: ORACLE.champion['cut'] });
    expect(found.coverage).toEqual({ rows: 600, labelled: 600, challenger: 600, champion: 600 });
    expect(found.measurements.some(({ criterion: name }) => name === 'p99')).toBe(false);
  });

  test('EV4: intervals of differences are paired: those of DeLong and of row differences', async () => {
    const found = await classified();
    for (const metric of ['auc', 'logLoss', 'brier', 'cost'] as const)
      expect([metric, standardError(estimates(found, metric).difference)]).toEqual([
        metric,
        expect.closeTo(Number(ORACLE.standardErrorOfDifference[metric]), 9),
      ]);
    const alone = Number(ORACLE.standardErrorOfDifference['auc challenger']);
    expect(standardError(estimates(found, 'auc').challenger)).toBeCloseTo(alone, 9);
  });

  test.each(['averagePrecision', 'precision', 'f1', 'recall'] as const)(
    'EV8: the paired interval of %s agrees with a bootstrap of rows',
    async (metric) => {
      const ratio =
        standardError(estimates(await classified(), metric).difference) / Number(ORACLE.bootstrapOfDifference[metric]);
      expect(ratio).toBeGreaterThan(0.85);
      expect(ratio).toBeLessThan(1.15);
    },
  );

  test('EV3: a sliced criterion has one measurement per value, in order, with its own n', async () => {
    const sliced = (await classified()).measurements.filter((one) => one.criterion === 'recall by group');
    expect(sliced.map(({ slice }) => slice)).toEqual(['0', '1', '2'].map((value) => ({ column: 'group', value })));
    const expected = ORACLE.challenger['recall by group'] as unknown as readonly number[];
    expect(sliced.map(({ challenger }) => challenger?.value)).toEqual(
      expected.map((value) => expect.closeTo(value, 12)),
    );
    const positives = Number(ORACLE.rows['label']?.reduce((sum, label) => sum + label, 0));
    expect(sliced.reduce((sum, { n }) => sum + n, 0)).toBe(positives);
  });

  test('golden: equal scores rank nothing: AUC is a half, average precision the base rate, and neither is above it', async () => {
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, select), name);
    const files = {
      holdout: await write('holdout', 'SELECT i AS id, i < 200 AS flat FROM range(400) t(i)'),
      labels: await write('labels', 'SELECT i AS id, (i % 4 = 0)::INTEGER AS y FROM range(400) t(i)'),
      challenger: await write(
        'challenger',
        'SELECT i AS id, CASE WHEN i < 200 THEN 0.5 ELSE (i % 4) / 4e0 END AS score FROM range(400) t(i)',
      ),
      columns: { id: 'id', label: 'y' },
    };
    const criteria = ['auc', 'averagePrecision'].map((metric) => criterion(metric, { by: 'flat' }));
    const { measurements } = await measure({ ...files, scorecard: scorecard(criteria) });
    const flat = measurements.filter(({ slice }) => slice?.value === 'true').map(({ challenger }) => challenger);
    expect(flat.map((one) => one?.value)).toEqual([0.5, 0.25]);
    expect(Number(flat[1]?.low)).toBeLessThan(0.25);
    expect(Number(flat[1]?.high)).toBeLessThan(0.4);
  });

  test('EV8: the interval of average precision rests on the rows alone, whatever the criterion is called', async () => {
    const named = async (name: string) => {
      const criteria = [criterion('averagePrecision', { name })];
      const { measurements } = await measure({ ...(await oracleFiles(world())), scorecard: scorecard(criteria) });
      return measurements[0]?.challenger;
    };
    const one = await named('one');
    expect(one).toEqual(await named('two'));
    expect(Number(one?.high) - Number(one?.low)).toBeGreaterThan(0.01);
  });

  test('a regression is measured in the unit of its label and has no operating point', async () => {
    const names = { challenger: 'guess', champion: 'championGuess', label: 'price' };
    const criteria = REGRESSION.map((metric) => criterion(metric, { quantile: '80%' }));
    const task = { task: 'regression', operatingPoint: { top: '40%' } };
    const found = await measure({ ...(await oracleFiles(world(), names)), scorecard: scorecard(criteria, task) });
    for (const metric of REGRESSION) {
      expect([metric, estimates(found, metric).challenger.value]).toEqual([
        metric,
        expect.closeTo(Number(ORACLE.challengerRegression[metric]), 9),
      ]);
      expect(estimates(found, metric).champion.value).toBeCloseTo(Number(ORACLE.championRegression[metric]), 9);
    }
    expect(found.operatingPoint).toBeUndefined();
  });

  test('without a champion there is neither champion nor difference', async () => {
    const { champion: _, ...files } = await oracleFiles(world());
    const criteria = [...CLASSIFICATION, ...GROUP_METRICS].map((metric) => criterion(metric, { by: 'group' }));
    const found = await measure({ ...files, scorecard: scorecard(criteria) });
    expect(found.operatingPoint).toEqual({ challenger: ORACLE.challenger['cut'] });
    const keys = found.measurements.map((one) => Object.keys(one).join());
    expect(new Set(keys)).toEqual(new Set(['criterion,slice,n,challenger']));
  });

  test('a model compared with itself differs by nothing, and is sure of it where rows are', async () => {
    const { champion: _, ...files } = await oracleFiles(world());
    const criteria = CLASSIFICATION.map((metric) => criterion(metric));
    const found = await measure({ ...files, champion: files.challenger, scorecard: scorecard(criteria) });
    expect(found.measurements.map(({ difference }) => difference?.value)).toEqual(CLASSIFICATION.map(() => 0));
    expect(standardError(estimates(found, 'auc').difference)).toBeCloseTo(0, 12);
  });

  test('precision@K takes K rows, or a share of them', async () => {
    const { champion: _, ...files } = await oracleFiles(world());
    const criteria = [criterion('precisionAtK', { k: 10 }), criterion('precisionAtK', { name: 'share', k: '40%' })];
    const found = await measure({ ...files, scorecard: scorecard(criteria) });
    const share = found.measurements.find((one) => one.criterion === 'share');
    expect(share?.challenger?.value).toBeCloseTo(Number(ORACLE.challenger['precision']), 12);
    expect(found.measurements[0]?.n).toBeLessThan(30);
  });

  test('rows without label or prediction are counted and left out, and a slice without any is still named', async () => {
    const write = async (name: string, select: string) =>
      await refOf(await world().write(`${name}.parquet`, select), name);
    const files = {
      holdout: await write(
        'holdout',
        "SELECT i AS id, CASE WHEN i = 9 THEN NULL ELSE 'g' || (i // 6) END AS g FROM range(10) t(i)",
      ),
      labels: await write('labels', 'SELECT i AS id, i % 2 AS y FROM range(5) t(i)'),
      challenger: await write('challenger', 'SELECT i::VARCHAR AS id, i / 10e0 AS score FROM range(1, 8) t(i)'),
      columns: { id: 'id', label: 'y' },
    };
    const criteria = [criterion('auc', { by: 'g' }), criterion('auc', { name: 'nowhere', by: 'gone' })];
    const { coverage, measurements } = await measure({ ...files, scorecard: scorecard(criteria) });
    expect(coverage).toEqual({ rows: 10, labelled: 5, challenger: 7 });
    expect(
      measurements.map(({ slice, n, challenger, why }) => [slice?.value, n, challenger?.value, typeof why]),
    ).toEqual([
      ['g0', 4, 0.25, 'undefined'],
      ['g1', 0, undefined, 'string'],
      [null, 0, undefined, 'string'],
      [undefined, 0, undefined, 'string'],
    ]);
  });

  test('the same files give the same numbers to the last bit', async () => {
    const first = await classified();
    expect(await classified()).toEqual(first);
  });
}

function estimates(
  found: HoldoutMeasurements,
  metric: string,
): Required<Pick<CriterionMeasurement, 'challenger' | 'champion' | 'difference'>> {
  const one = found.measurements.find(({ criterion: name }) => name === metric);
  if (!one?.challenger || !one.champion || !one.difference) throw new Error(`${metric} was not measured: ${one?.why}`);
  return { challenger: one.challenger, champion: one.champion, difference: one.difference };
}

export const standardError = ({ low, high }: Estimate): number => (high - low) / 2 / 1.959963984540054;
