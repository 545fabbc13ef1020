import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ServedFeature } from '../../../activities/ports/serving-log.ts';
import { present } from '../../present.ts';
import { refOf, unwatched, type World } from './world.ts';

/** A log of one file; `inputs` is the SQL of a JSON text, `i` the row. */
const answers = (inputs: string, rows = 10) => `SELECT 'r-' || i AS id, TIMESTAMP '2024-01-01' + to_minutes(i) AS time,
  '2' AS model_version, CASE WHEN i = 9 THEN 500 ELSE 200 END AS status, 0.5e0 AS score, ${inputs} AS inputs FROM range(${rows}) t(i)`;

/** What was served, as a table of features, and row by row against the observations. */
export function servedTests(world: () => World): void {
  const served = async (inputs: string, features: readonly ServedFeature[], key?: string) => {
    const log = await world().write('log/day=2024-01-01/a.parquet', answers(inputs));
    const request = { log, features, into: world().folder, ...(key === undefined ? {} : { key }) };
    return world().store.served(request, unwatched);
  };
  const rowsOf = async (path = join(world().folder, 'served.parquet')) =>
    world().sql(`SELECT * EXCLUDE (understudy_time) FROM '${path}'`);

  test('FE1: good answers become typed rows: 3 and 3.0 are one number, what is no number is counted', async () => {
    const inputs = `CASE i WHEN 0 THEN '{"hour": 3.0}' WHEN 1 THEN '{"hour": "3"}' WHEN 2 THEN '{"hour": "noon"}'
      WHEN 3 THEN '{"hour": null}' WHEN 4 THEN '{}' WHEN 5 THEN 'no JSON' ELSE '{"hour": 3}' END`;
    const found = await served(inputs, [{ name: 'hour', type: 'INTEGER' }]);
    expect(found?.profile).toEqual({ rows: 9, features: [{ name: 'hour', absent: 2, mistyped: 1 }] });
    expect((await rowsOf(found?.file.path)).map(({ hour }) => hour)).toEqual([3, 3, null, null, null, null, 3, 3, 3]);
  });

  test('a request that was answered twice is one row, and hostile names are names', async () => {
    const name = `it's "~/x"; --🛫`;
    const log = await world().write(
      'log/day=2024-01-01/a.parquet',
      `${answers(`'{"it''s \\"~/x\\"; --🛫": ' || i || '}'`)} UNION ALL ${answers(`'{}'`)}`,
    );
    const features = [{ name, type: 'DOUBLE' }];
    const found = await world().store.served({ log, features, into: world().folder }, unwatched);
    expect(found?.profile.rows).toBe(9);
  });

  test('FE4: ages are counted against the time of the answer', async () => {
    const inputs = `'{"x": 1, "made": "' || CASE WHEN i < 3 THEN '2023-12-31T23:49:59Z' ELSE '2024-01-01T00:00:00+01:00' END || '"}'`;
    const fresh = { at: 'made', withinMs: 600_000 };
    const found = await served(inputs, [{ name: 'x', type: 'DOUBLE', fresh }]);
    expect(found?.profile.features[0]).toEqual({ name: 'x', absent: 0, mistyped: 0, fresh: { stale: 9, unknown: 0 } });
  });

  test('FE2: rows are joined by the key and compared value by value', async () => {
    const inputs = `'{"flight": "f' || i || '", "x": ' || CASE i WHEN 2 THEN '99' WHEN 3 THEN 'null' ELSE i::VARCHAR END || ', "g": "a"}'`;
    const types = [
      { name: 'x', type: 'DOUBLE' },
      { name: 'g', type: 'VARCHAR' },
    ];
    const found = await served(inputs, types, 'flight');
    const observed = await world().write(
      'observed.parquet',
      `SELECT 'f' || i AS flight, i::DOUBLE + 1e-9 AS x, CASE WHEN i = 7 THEN 'b' ELSE 'a' END AS g FROM range(8) t(i)`,
    );
    const request = {
      served: present(found).file,
      observations: [observed],
      id: 'flight',
      features: ['x', 'g', 'gone'],
      sample: 100,
      tolerance: 1e-6,
    };
    expect(await world().store.compareRows(request, unwatched)).toEqual({
      joined: 8,
      compared: 8,
      features: [
        { name: 'x', different: 2, examples: ['f2', 'f3'] },
        { name: 'g', different: 1, examples: ['f7'] },
      ],
      absent: ['gone'],
    });
    const some = await world().store.compareRows({ ...request, sample: 3 }, unwatched);
    expect(some).toMatchObject({ joined: 8, compared: 3 });
    expect(await world().store.compareRows({ ...request, sample: 3 }, unwatched)).toEqual(some);
  });

  test('no log is undefined, no observation joins nothing', async () => {
    const nowhere = join(world().folder, 'nowhere');
    expect(await world().store.served({ log: nowhere, features: [], into: world().folder }, unwatched)).toBeUndefined();
    const file = await refOf(await world().write('served.parquet', 'SELECT 1 AS understudy_key'));
    const request = { served: file, observations: [], id: 'id', features: ['x'], sample: 1, tolerance: 0 };
    expect(await world().store.compareRows(request, unwatched)).toMatchObject({ joined: 0, compared: 0 });
  });
}
