import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { CriterionMeasurement, MeasureRequest } from '../../../activities/ports/data-store.ts';
import { present } from '../../present.ts';
import { criterion, ORACLE, oracleFiles, scorecard, standardError } from './measurements.ts';
import { unwatched, type World } from './world.ts';

const PROFIT = 'case when flagged and label = 1 then 40 + price when flagged then -5 else 0 end';
const own = (sql: string, more: object = {}) =>
  criterion('sql', { name: 'profit', group: 'business', sql, direction: 'higher', ...more });

/** Criteria of `metric: sql`: what a team says in its own words, and what it cannot say. */
export function ownWordTests(world: () => World): void {
  const requested = async (criteria: readonly object[], more?: object): Promise<MeasureRequest> => ({
    ...(await oracleFiles(world())),
    scorecard: scorecard(criteria, more),
  });
  const measure = async (criteria: readonly object[], more?: object) =>
    (await world().store.measure(await requested(criteria, more), unwatched)).measurements;
  const failureOf = async (sql: string) => {
    const request = await requested([own(sql)]);
    const before = await readdir(world().folder);
    const failure: unknown = await world()
      .store.measure(request, unwatched)
      .catch((error: unknown) => error);
    expect((await readdir(world().folder)).filter((name) => name !== 'spill')).toEqual(before);
    return failure;
  };

  test('EV7: a business metric in the words of the team is the mean per row of both models, with a paired difference', async () => {
    const [found, ...more] = await measure([own(PROFIT)]);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ criterion: 'profit', slice: null, n: 600 });
    const { challenger, champion, difference } = found as Required<CriterionMeasurement>;
    expect(challenger.value).toBeCloseTo(Number(ORACLE.challenger['sql']), 9);
    expect(champion.value).toBeCloseTo(Number(ORACLE.champion['sql']), 9);
    expect(difference.value).toBeCloseTo(challenger.value - champion.value, 12);
    expect(standardError(difference)).toBeCloseTo(Number(ORACLE.standardErrorOfDifference['sql']), 9);
  });

  test('EV7: by slice it has one measurement per value, each with its own rows', async () => {
    const found = await measure([own(PROFIT, { by: 'group' }), own('1', { name: 'nowhere', by: 'gone' })]);
    const expected = ORACLE.challenger['sql by group'] as unknown as readonly number[];
    expect(found.slice(0, 3).map(({ slice, challenger }) => [slice?.value, challenger?.value])).toEqual(
      expected.map((value, index) => [String(index), expect.closeTo(value, 9)]),
    );
    expect(found.slice(0, 3).reduce((sum, { n }) => sum + n, 0)).toBe(600);
    expect(found.slice(3)).toEqual([
      { criterion: 'nowhere', slice: null, n: 0, why: 'the holdout has no column "gone"' },
    ]);
  });

  test('a loss stays a loss: the interval of a mean below 0 is not cut off at 0', async () => {
    const [found] = await measure([own(`-1 * (${PROFIT})`)]);
    expect(found?.challenger?.value).toBeCloseTo(-Number(ORACLE.challenger['sql']), 9);
    expect(Number(found?.challenger?.low)).toBeLessThan(Number(found?.challenger?.value));
  });

  test('without a champion there is neither champion nor difference, and a regression has no flags', async () => {
    const { champion: _, ...alone } = await requested([own('abs(score - label)')], { task: 'regression' });
    const [found] = (await world().store.measure(alone, unwatched)).measurements;
    expect(Object.keys(present(found))).toEqual(['criterion', 'slice', 'n', 'challenger']);
    const flagged = { ...alone, scorecard: scorecard([own('flagged')], { task: 'regression' }) };
    await expect(world().store.measure(flagged, unwatched)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('no column "flagged"'),
    });
  });

  test.each([
    ['true or false', 'flagged = (label = 1)', 'accuracy'],
    ['a whole number', 'case when flagged <> (label = 1) then case label when 1 then 5 else 1 end else 0 end', 'cost'],
    ['a decimal', '(score - label)::DECIMAL(18, 4) * (score - label)::DECIMAL(18, 4)', 'brier'],
    ['said with other cases and a comment', 'POW("Score" - LABEL, 2) -- squared', 'brier'],
  ])('a value that is %s is a number', async (_, sql, metric) => {
    const [found] = await measure([own(sql)]);
    expect(found?.challenger?.value).toBeCloseTo(Number(ORACLE.challenger[metric]), 9);
  });

  test.each([
    ['reads a file', "(SELECT count(*) FROM read_csv('/etc/passwd'))", 'subquery'],
    ['reads a file as a function', "read_text('/etc/passwd')", 'read_text()'],
    ['reads the table behind it', '(SELECT count(*) FROM judged)', 'subquery'],
    ['writes a file', "1; COPY (SELECT 1) TO 'stolen.csv'", 'statement'],
    ['is a statement', "COPY (SELECT 1) TO 'stolen.csv'", 'syntax error'],
    ['attaches a database', "1; ATTACH 'stolen.db'", 'statement'],
    ['installs an extension', '1; INSTALL httpfs', 'statement'],
    ['loads an extension', '1; LOAD httpfs', 'statement'],
    ['sets something', '1; SET threads = 64', 'statement'],
    ['is a pragma', '1; PRAGMA enable_profiling', 'statement'],
    ['has a second SELECT', '1; SELECT 2', '2 statements'],
    ['closes our bracket', '1) FROM (SELECT 1', 'syntax error'],
    ['has two values', '1, 2', 'row()'],
    ['has a FROM', '1 FROM judged', 'syntax error'],
    ['reads the environment', "getenv('HOME')", 'getenv()'],
    ['reads a setting', "current_setting('temp_directory')", 'current_setting()'],
    ['takes memory without end', "length(repeat('x', 2000000000))", 'repeat()'],
    ['takes time without end', 'list_sum(range(1000000000))', 'list_sum()'],
    ['is another one tomorrow', 'random()', 'random()'],
    ['knows the day', 'current_date', 'no column "current_date"'],
    ['adds up rows', 'sum(score)', 'sum()'],
    ['looks at other rows', 'sum(score) OVER ()', 'window'],
    ['loops', 'x -> x', 'lambda'],
    ['is a parameter', '$label', 'parameter'],
    ['takes all columns', '*', 'star'],
    ['reads a field of a column', 'label.x', 'label.x'],
    ['casts to what is no number', 'label::BLOB', 'BLOB'],
    ['mistypes a column', 'pric * 2', 'did you mean "price"'],
    ['is nothing', ' ', 'without selection list'],
  ])('EV7: a text that %s is refused by name, and nothing is read or written', async (_, sql, why) => {
    const failure = await failureOf(sql);
    const message: unknown = expect.stringMatching(/^criterion "profit": its sql must be one expression/);
    expect(failure).toMatchObject({ name: 'PortFailure', code: 'bad-request', message });
    expect(String((failure as Error).message)).toContain(why);
  });

  test.each([
    ['is a text', "case when flagged then 'yes' else 'no' end", 'bad-request', 'gives VARCHAR, expected a number'],
    ['is infinite', 'label / 0', 'data-invalid', 'for 600 of 600 labelled rows'],
    ['is NULL for one model only', 'case when flagged then 1 end', 'data-invalid', 'NULL, NaN or infinite'],
    ['is no number', "'nan'::DOUBLE", 'data-invalid', 'NULL, NaN or infinite'],
    ['overflows', 'exp(exp(label * 10))', 'data-invalid', 'NULL, NaN or infinite'],
    ['cannot be cast', "case when flagged then 'x' else '1' end :: INTEGER", 'data-schema', "'x'"],
    ['does not fit its function', "abs('x' || label)", 'bad-request', '||'],
    ['compares what cannot be compared', "starts_with(label, 'x')", 'data-schema', 'starts_with'],
  ])('a value that %s fails, and the criterion is named', async (_, sql, code, why) => {
    const failure = await failureOf(sql);
    expect(failure).toMatchObject({
      name: 'PortFailure',
      code,
      message: expect.stringContaining('criterion "profit"'),
    });
    expect(String((failure as Error).message)).toContain(why);
  });

  test('it ends when it is aborted, with the reason of the signal', async () => {
    const request = await requested([own(PROFIT)]);
    const controller = new AbortController();
    const atTheEnd = [() => undefined, () => controller.abort(new Error('the deadline'))];
    const progress = (_: string, done: number) => atTheEnd[done]?.();
    const aborted = world().store.measure(request, { signal: controller.signal, progress });
    await expect(aborted).rejects.toThrow('the deadline');
  });

  test('it leaves nothing behind where DuckDB spills', async () => {
    await measure([own(PROFIT)]);
    expect(await readdir(join(world().folder, 'spill'))).toEqual([]);
  });

  test('EV7: right answers have a price, too, and a gain is less than nothing', async () => {
    const prices = { falseNegative: 5, falsePositive: 1, truePositive: -8, trueNegative: -0.5 };
    const [found] = await measure([criterion('cost', prices)]);
    expect(found?.challenger?.value).toBeCloseTo(Number(ORACLE.challenger['cost matrix']), 12);
    expect(found?.champion?.value).toBeCloseTo(Number(ORACLE.champion['cost matrix']), 12);
  });
}
