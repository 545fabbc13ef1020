import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PullRequest } from '../../../activities/ports/data-store.ts';
import {
  dayOf,
  days,
  labelFile,
  midnight,
  observationFile,
  observations,
  unwatched,
  writeDays,
  type World,
} from './world.ts';

const ALL = "SELECT * FROM read_parquet('observations/day=*/*.parquet', hive_partitioning = false)";

export function pullTests(world: () => World): void {
  const pull = (sql: string, more: Partial<PullRequest> = {}) =>
    world().store.pull(
      {
        sql,
        asOf: midnight(4),
        span: days(1, 3),
        folder: world().folder,
        into: join(world().folder, 'pulled'),
        time: 'seen',
        ...more,
      },
      unwatched,
    );

  test('rows are written by day, those outside the span are not', async () => {
    await writeDays(world(), 4);
    const { files, queryDigest } = await pull(ALL);
    expect(files.map(({ name, rows }) => [name, rows])).toEqual([
      [`day=${dayOf(1)}/data.parquet`, 24],
      [`day=${dayOf(2)}/data.parquet`, 24],
    ]);
    expect(queryDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(await readdir(join(world().folder, 'pulled'))).toEqual([`day=${dayOf(1)}`, `day=${dayOf(2)}`]);
  });

  test('the three parameters are bound as UTC timestamps, and paths resolve against the folder of the policy', async () => {
    await writeDays(world(), 4);
    const query = `-- “Größe” 🛫
      WITH late AS (SELECT * FROM 'labels/day=${dayOf(1)}/data.parquet')
      SELECT o.* FROM "observations/day=${dayOf(1)}/data.parquet" o JOIN late USING (id)
      WHERE seen >= $from AND seen < $until AND known_at <= $as_of AND seen < TIMESTAMP '${dayOf(1)} 05:00:00'; -- the end`;
    expect((await pull(query)).files.map(({ rows }) => rows)).toEqual([5]);
  });

  test('DA8: no row that came after as-of is pulled, whatever the query forgets', async () => {
    const minutes = fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 12 });
    const asOf = `${dayOf(2)}T06:00:00.000Z`;
    const request = { asOf, span: { from: midnight(0), until: asOf } };
    await fc.assert(
      fc.asyncProperty(minutes, async (list) => {
        const rows = list.map((minute, id) => `(${id}, TIMESTAMP '${asOf.slice(0, -1)}' + to_minutes(${minute}))`);
        const { files } = await pull(`SELECT * FROM (VALUES ${rows.join(', ')}) AS t(id, seen)`, request);
        const found = await Promise.all(files.map(async ({ path }) => world().sql(`SELECT id FROM '${path}'`)));
        const known = list.map((minute, id) => ({ minute, id })).filter(({ minute }) => minute < 0);
        const ids = found.flat().map((row) => Number(row['id']));
        expect(ids.toSorted((a, b) => a - b)).toEqual(known.map(({ id }) => id));
      }),
      { numRuns: 20, seed: 7 },
    );
  });

  test('DA6: the files that the query reads are its sources, each with the state in which it was read', async () => {
    await writeDays(world(), 2);
    const query = `SELECT o.* FROM 'observations/*/data.parquet' o JOIN read_parquet(['labels/day=${dayOf(1)}/data.parquet']) USING (id)`;
    const { sources } = await pull(query);
    const paths = [labelFile(1), observationFile(0), observationFile(1)].map((name) => join(world().folder, name));
    expect(sources.map(({ uri }) => fileURLToPath(uri))).toEqual(paths);
    const states = await Promise.all(paths.map(async (path) => stat(path, { bigint: true })));
    expect(sources.map(({ etag }) => etag)).toEqual(states.map(({ size, mtimeNs }) => `${size}-${mtimeNs}`));
  });

  test('the same rows are the same files, whatever the order in which the query gives them', async () => {
    await writeDays(world(), 4);
    const first = await pull(ALL);
    const second = await pull(`${ALL} ORDER BY hash(id)`, { into: join(world().folder, 'again') });
    expect(second.files.map(({ sha256 }) => sha256)).toEqual(first.files.map(({ sha256 }) => sha256));
  });

  test('a day that has no rows any more loses its file', async () => {
    await writeDays(world(), 4);
    await pull(ALL);
    const { files } = await pull(`${ALL} WHERE seen >= TIMESTAMP '${dayOf(2)}'`);
    expect(files.map(({ name }) => name)).toEqual([`day=${dayOf(2)}/data.parquet`]);
    expect(await readdir(join(world().folder, 'pulled', `day=${dayOf(1)}`))).toEqual([]);
  });

  test.each([
    ['two statements', 'SELECT 1 AS seen; SELECT 2'],
    ['a COPY', "COPY (SELECT 1) TO 'stolen.parquet'"],
    ['a CREATE TABLE', 'CREATE TABLE t AS SELECT 1 AS seen'],
    ['an INSTALL', 'INSTALL httpfs'],
    ['an ATTACH', "ATTACH 'x.db'"],
    ['a SET', 'SET threads = 64'],
    ['an unknown parameter', 'SELECT $secret AS seen'],
    ['a syntax error', 'SELEKT 1'],
    ['nothing', ''],
  ])('%s is refused before anything runs', async (_, sql) => {
    await expect(pull(sql)).rejects.toMatchObject({ code: 'bad-request' });
    expect((await readdir(world().folder)).filter((name) => name !== 'spill')).toEqual([]);
  });

  test.each([
    ['a file outside the folder', "SELECT now()::TIMESTAMP AS seen, * FROM read_text('/etc/hostname')"],
    ['a path that climbs out', "SELECT now()::TIMESTAMP AS seen, * FROM read_text('../../etc/hostname')"],
    ['a listing of other folders', "SELECT now()::TIMESTAMP AS seen, * FROM glob('/etc/*')"],
    ['a web address', "SELECT now()::TIMESTAMP AS seen, * FROM 'http://127.0.0.1:9/x.parquet'"],
    ['a statement in a string', "SELECT now()::TIMESTAMP AS seen FROM query('COPY (SELECT 1) TO ''x.parquet''')"],
    ['the environment', "SELECT now()::TIMESTAMP AS seen, getenv('HOME')"],
  ])('a query cannot read %s', async (_, sql) => {
    const failure: unknown = await pull(sql).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'PortFailure',
      code: expect.stringMatching(/query-failed|data-schema|bad-request/),
    });
  });

  test('a query without the time column, or with rows that have none, is refused', async () => {
    await expect(pull('SELECT 1 AS x')).rejects.toMatchObject({ code: 'data-schema', details: { column: 'seen' } });
    const nulls = pull("SELECT unnest([TIMESTAMP '2024-01-02', NULL]) AS seen");
    await expect(nulls).rejects.toMatchObject({ code: 'data-invalid', details: { column: 'seen', rows: 1 } });
  });

  test('a damaged file behind the query is named', async () => {
    await world().write(observationFile(0), observations(0));
    await world().write(observationFile(1), observations(1));
    await truncate(join(world().folder, observationFile(1)), 300);
    const failure: unknown = await pull(ALL).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'data-unreadable',
      details: { file: join(world().folder, observationFile(1)) },
    });
  });

  // It went on for ever when the deadline came while DuckDB was being opened, or just before the statement began.
  test.each([1, 4, 8, 12, 16, 20, 25, 30, 200])('an endless query ends when it is aborted after %d ms', async (ms) => {
    const endless =
      'SELECT now()::TIMESTAMP AS seen, count(*) FROM range(1e9::BIGINT) a, range(1e9::BIGINT) b WHERE a.range * b.range % 7 = 3';
    const signal = AbortSignal.timeout(ms);
    const work = { ...unwatched, signal };
    const request = { asOf: midnight(4), span: days(1, 3), folder: world().folder, time: 'seen' };
    const pulling = world().store.pull({ ...request, sql: endless, into: join(world().folder, 'x') }, work);
    await expect(pulling).rejects.toMatchObject({ name: 'TimeoutError' });
  });
}
