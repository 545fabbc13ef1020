import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AS_OF, createPullWorld } from '../activities/pull/world.ts';
import type { PullWorld } from '../activities/pull/world.ts';
import { startPostgres } from '../postgres.ts';
import type { Postgres } from '../postgres.ts';
import { present } from '../present.ts';

const SCRIPT = fileURLToPath(new URL('../../examples/postgres/pull.py', import.meta.url));

/** Ten purchases a day for 40 days; every third was recorded a day late, and each return two days after the purchase. */
const TABLES = `
  CREATE ROLE reader LOGIN PASSWORD 'read';
  CREATE TABLE purchases (id int PRIMARY KEY, seen_at timestamptz, amount float8, country text, recorded_at timestamptz);
  CREATE TABLE returns (id int, returned int, recorded_at timestamptz);
  INSERT INTO purchases SELECT i, t, i / 7.0, 'c' || i % 3, t + CASE WHEN i % 3 = 0 THEN interval '1 day' ELSE interval '1 minute' END
    FROM (SELECT i, timestamptz '2001-01-01 00:00:00+00' + i * interval '144 minutes' AS t FROM generate_series(0, 399) i) x;
  INSERT INTO returns SELECT id, id % 2, seen_at + interval '2 days' FROM purchases;
  GRANT SELECT ON purchases, returns TO reader;`;

describe('the example that pulls from PostgreSQL', () => {
  let postgres: Postgres;
  let world: PullWorld;
  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.sql(TABLES);
    world = await createPullWorld({ HOME: postgres.home });
    await copyFile(SCRIPT, join(world.folder, 'pull.py'));
  }, 60_000);
  afterAll(async () => {
    await world?.close();
    await postgres?.close();
  });
  const pull = async (run: string, connection = 'service=warehouse') =>
    world.pull(await world.context(run, { command: ['python', 'pull.py', connection] }));
  const found = async () => {
    const [row] = await world.rows(`SELECT
      (SELECT string_agg(id, ' ' ORDER BY id) FROM (SELECT id::INTEGER AS id FROM '{folder}/observations/*/*.parquet')) AS ids,
      (SELECT list([id, y] ORDER BY id)::VARCHAR FROM (SELECT id::INTEGER AS id, y::INTEGER AS y FROM '{folder}/labels/*/*.parquet')) AS labels,
      (SELECT max(known_at::TIMESTAMP)::VARCHAR FROM '{folder}/labels/*/*.parquet') AS newest`);
    return row;
  };

  test('DA1, DA6: rows and labels of a real database become day partitions, and the record says of which state', async () => {
    const record = present(await pull('run-1'));
    expect(record.sources).toEqual([
      { uri: 'postgresql:postgres/purchases', version: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) },
      { uri: 'postgresql:postgres/returns', version: record.sources[0]?.version },
    ]);
    expect((await readdir(join(world.folder, 'observations'))).toSorted().at(-1)).toBe(`day=${AS_OF.slice(0, 10)}`);
    const [counted] = await world.rows(`SELECT
      (SELECT count(*)::INTEGER FROM '{folder}/observations/*/*.parquet' WHERE seen >= TIMESTAMP '2001-01-18') AS rows,
      (SELECT bool_and(seen < TIMESTAMP '${AS_OF.slice(0, -1)}') FROM '{folder}/observations/*/*.parquet') AS before`);
    // 10 of the 18th, 10 of the 19th and 3 of the 20th, less those recorded a day late after as-of.
    expect(counted).toEqual({ rows: 19, before: true });
    expect((await found())?.['newest']).toBe('2001-01-20 04:48:00');
  });

  test('DA5, DA8: what is recorded after as-of, rows as well as labels, changes nothing that was pulled', async () => {
    const before = await found();
    await postgres.sql(`INSERT INTO purchases VALUES (900, '2001-01-15 12:00:00+00', 1, 'c0', '2001-01-21 00:00:00+00');
      INSERT INTO purchases VALUES (901, '2001-01-20 07:00:00+00', 1, 'c0', '2001-01-20 05:00:00+00');
      INSERT INTO returns SELECT id, 1 - returned, '2001-01-20 06:00:00.001+00' FROM returns;`);
    await pull('run-2');
    expect(await found()).toEqual(before);
  });

  test('a correction that was known at as-of replaces the earlier label', async () => {
    await postgres.sql(`INSERT INTO returns VALUES (150, 1, '2001-01-20 05:59:59+00')`);
    await pull('run-3');
    const labels = await world.rows(`SELECT y::INTEGER AS y FROM '{folder}/labels/*/*.parquet' WHERE id = 150`);
    expect(labels).toEqual([{ y: 1 }]);
  });

  test.each([
    [
      'a database that is not there',
      'host=127.0.0.1 port=1 user=reader dbname=postgres',
      'trainer-dependency',
      'could not be reached',
    ],
    ['a wrong password', 'service=warehouse user=nobody', 'trainer-dependency', 'could not be reached'],
  ])('%s fails the pull with what PostgreSQL said', async (_, connection, code, text) => {
    await expect(pull('run-away', connection)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });

  test('a table that the reader may not read fails the pull', async () => {
    await postgres.sql('REVOKE SELECT ON returns FROM reader');
    const failure: unknown = await pull('run-forbidden').catch((error: unknown) => error);
    await postgres.sql('GRANT SELECT ON returns TO reader');
    expect(failure).toMatchObject({
      code: 'trainer-data',
      details: { logTail: expect.stringContaining('permission denied') },
    });
  });
});
