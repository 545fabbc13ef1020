import { expect, test } from '@jest/globals';
import { days, unwatched, type World } from './world.ts';

const GOOD = `'r-' || i AS id, TIMESTAMP '2024-01-01' + to_minutes(i) AS time, '2' AS model_version, 200 AS status,
  i / 100e0 AS score, '{"x": ' || i || '}' AS inputs`;
const logOf = (columns: string, rows = 20) => `SELECT ${columns} FROM range(${rows}) t(i)`;
/** The good log with one column replaced. */
const but = (replacement: string) => `SELECT * REPLACE (${replacement}) FROM (${logOf(`${GOOD}, i`)})`;
const ONE_DAY = 'log/day=2024-01-01/a.parquet';

const NONE = {
  'no-id': 0,
  'repeated-id': 0,
  'no-time': 0,
  'no-version': 0,
  'bad-status': 0,
  'no-score': 0,
  'score-outside': 0,
  'bad-inputs': 0,
  'empty-inputs': 0,
};

/** What serving logs hold, faults of rows included. */
export function logTests(world: () => World): void {
  const profile = async (log = `${world().folder}/log`) => world().store.profileLog({ log }, unwatched);

  test('GV6: a good log has no fault', async () => {
    const file = await world().write(ONE_DAY, logOf(GOOD));
    expect(await profile()).toMatchObject({ file, files: 1, rows: 20, faults: NONE });
    expect((await profile(file))?.rows).toBe(20);
    expect((await profile(`${world().folder}/log/day=*/*.parquet`))?.rows).toBe(20);
  });

  test.each([
    ['no-id', "CASE WHEN i < 3 THEN NULL WHEN i = 3 THEN '' ELSE id END AS id", 4],
    ['repeated-id', "CASE WHEN i < 3 THEN 'same' ELSE id END AS id", 2],
    ['no-time', 'CASE WHEN i < 3 THEN NULL ELSE time END AS time', 3],
    ['no-version', "CASE WHEN i < 2 THEN '' ELSE model_version END AS model_version", 2],
    ['bad-status', 'CASE i WHEN 0 THEN NULL WHEN 1 THEN 99 WHEN 2 THEN 600 ELSE 200 END AS status', 3],
    ['no-score', "CASE i WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE ELSE score END AS score", 2],
    ['score-outside', 'CASE i WHEN 0 THEN -0.1 WHEN 1 THEN 17 ELSE score END AS score', 2],
    ['bad-inputs', "CASE i WHEN 0 THEN NULL WHEN 1 THEN '[1]' WHEN 2 THEN '{\"x\": ' ELSE inputs END AS inputs", 3],
    ['empty-inputs', "CASE WHEN i < 5 THEN '{}' ELSE inputs END AS inputs", 5],
  ] as const)('GV6: rows with the fault %s are counted', async (fault, replacement, rows) => {
    await world().write(ONE_DAY, but(replacement));
    expect((await profile())?.faults[fault]).toBe(rows);
  });

  test('a failed answer needs no score', async () => {
    await world().write(ONE_DAY, but('500 AS status, NULL::DOUBLE AS score'));
    expect((await profile())?.faults).toEqual(NONE);
  });

  test('what has another type, or is not there, is a matter of the schema', async () => {
    await world().write(ONE_DAY, logOf("i AS id, 'noon' AS time, {'x': i} AS inputs, 'high' AS score"));
    const found = await profile();
    expect(found?.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id BIGINT',
      'time VARCHAR',
      'inputs STRUCT(x BIGINT)',
      'score VARCHAR',
    ]);
    expect(found?.faults).toEqual(NONE);
  });

  test('a span takes the answers within it, no file is undefined', async () => {
    await world().write(ONE_DAY, logOf(GOOD));
    const log = `${world().folder}/log`;
    const span = { from: '2024-01-01T00:05:00Z', until: '2024-01-01T00:10:00Z' };
    expect((await world().store.profileLog({ log, span }, unwatched))?.rows).toBe(5);
    expect(await world().store.profileLog({ log, span: days(3, 4) }, unwatched)).toBeUndefined();
    expect(await profile(`${world().folder}/nowhere`)).toBeUndefined();
  });
}
