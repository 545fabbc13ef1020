import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildData, type BuiltData } from '../../../examples/flights/build-data.ts';
import { query, temporaryFolder } from './python.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let built: BuiltData;
let observations: string;
let labels: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  built = await buildData({ into: join(folder.path, 'data'), days: 4 });
  observations = `read_parquet('${built.directory}/observations/*/*.parquet')`;
  labels = `read_parquet('${built.directory}/labels/*/*.parquet')`;
}, 60_000);
afterAll(async () => folder.remove());

describe('the flight data', () => {
  test('lie in one file per day, labels in the partition of their observation', async () => {
    expect(await readdir(join(built.directory, 'observations'))).toEqual(
      await readdir(join(built.directory, 'labels')),
    );
    expect(await readdir(join(built.directory, 'labels', 'day=2001-01-04'))).toEqual(['part-0.parquet']);
    const strays = await query(
      `select count(*)::int as n from ${observations} o join ${labels} l using (flight) where o.date::date <> l.day or o.date::date <> o.day`,
    );
    expect(strays).toEqual([{ n: 0 }]);
  });

  test('give every flight an id of its own', async () => {
    const [counted] = await query(
      `select count(*)::int as rows, count(distinct flight)::int as ids from ${observations}`,
    );
    expect(counted).toEqual({ rows: built.rows, ids: built.rows });
    expect(built.rows).toBeGreaterThan(50_000);
  });

  test('are known half an hour and the distance at 7.2 miles a minute after wheels-up, within twelve hours', async () => {
    const [seen] = await query(
      `select max(abs(epoch(landed_at - date) - 1800 - distance * 60 / 7.2)) < 1 as exact, max(landed_at - date) < interval 12 hours as soon
       from ${observations} join ${labels} using (flight)`,
    );
    expect(seen).toEqual({ exact: true, soon: true });
  });

  // The second way of computing: a plain self-join that reads only labels known before the observation's own ten minutes.
  test.each([
    ['origin_late', 3, 'and past.origin = now.origin'],
    ['network_late', 2, ''],
  ])('%s counts the labels of the last %d hours and none from the future', async (column, hours, sameOrigin) => {
    const [compared] = await query(`
      with past as (select origin, late, landed_at from ${observations} join ${labels} using (flight)),
      now as (
        select *, time_bucket(interval 10 minutes, date) as bin from ${observations}
        where origin in ('ORD', 'LAX', 'SEA') and date >= timestamp '2001-01-02' order by md5(flight) limit 300
      ),
      again as (
        select flight, any_value(${column}) as given, (coalesce(sum(late), 0) + 4) / (count(late) + 20) as expected
        from now left join past on landed_at < bin
          and time_bucket(interval 10 minutes, landed_at) >= bin - interval ${hours} hours ${sameOrigin}
        group by flight
      )
      select count(*)::int as n, max(abs(given - expected)) < 1e-12 as equal, count(distinct given) > 30 as moves from again`);
    expect(compared).toEqual({ n: 300, equal: true, moves: true });
  });

  test('have the same bytes when they are built again', async () => {
    const again = await buildData({ into: join(folder.path, 'again'), days: 4 });
    expect(again.built).toBe(true);
    expect(again.digest).toBe(built.digest);
  });

  test('are left alone when they are complete, and built anew when less is wanted', async () => {
    expect(await buildData({ into: built.directory, days: 4 })).toEqual({ ...built, built: false });
    const steps: string[] = [];
    const into = join(folder.path, 'thin');
    await buildData({ into, days: 2 });
    const thinned = await buildData({ into, days: 2, rows: 50, progress: (step) => steps.push(step) });
    expect(thinned).toMatchObject({ built: true, rows: 100 });
    expect(new Set(steps)).toEqual(new Set(['computing features', 'writing observations', 'writing labels']));
  });

  test('thinned out keep the features they have among all flights', async () => {
    const { directory } = await buildData({ into: join(folder.path, 'few'), days: 4, rows: 100 });
    const [differing] = await query(
      `select count(*)::int as n from (from read_parquet('${directory}/observations/*/*.parquet') except from ${observations})`,
    );
    expect(differing).toEqual({ n: 0 });
  });

  test('are never built over a directory of somebody else', async () => {
    const theirs = join(folder.path, 'theirs');
    await mkdir(theirs);
    await writeFile(join(theirs, 'thesis.txt'), 'years of work');
    await expect(buildData({ into: theirs, days: 1 })).rejects.toThrow(/thesis\.txt/);
    expect(await readdir(theirs)).toEqual(['thesis.txt']);
  });

  test('refuse a number of days that the file does not have', async () => {
    await expect(buildData({ into: join(folder.path, 'never'), days: 182 })).rejects.toThrow(/days is 182.*1 to 181/);
  });
});
