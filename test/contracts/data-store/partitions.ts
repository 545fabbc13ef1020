import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  DAY,
  dayOf,
  days,
  HOUR,
  labels,
  midnight,
  observationFile,
  observations,
  unwatched,
  type World,
} from './world.ts';

const pathIn = (world: World) => join(world.folder, 'observations/day=*/*.parquet');

export function partitionTests(world: () => World): void {
  test('partitions are listed in ascending order with all their files', async () => {
    for (const index of [3, 0, 1]) await world().write(observationFile(index), observations(index));
    await world().write(`observations/day=${dayOf(1)}/late.parquet`, observations(1));
    const found = await world().store.partitions({ dataset: 'observations', path: pathIn(world()), bucketMs: DAY });
    expect(found.map(({ bucket }) => bucket)).toEqual([days(0, 1), days(1, 2), days(3, 4)]);
    expect(found[1]?.files.map(({ path }) => path)).toEqual([
      join(world().folder, observationFile(1)),
      join(world().folder, `observations/day=${dayOf(1)}/late.parquet`),
    ]);
    expect(found[0]?.files[0]?.bytes).toBeGreaterThan(100);
  });

  test('nothing there is an empty list', async () => {
    expect(await world().store.partitions({ dataset: 'labels', path: pathIn(world()), bucketMs: DAY })).toEqual([]);
  });

  test('a span takes whole buckets only, half-open', async () => {
    for (const index of [0, 1, 2]) await world().write(observationFile(index), observations(index));
    const asked = { dataset: 'observations' as const, path: pathIn(world()), bucketMs: DAY };
    const whole = await world().store.partitions({ ...asked, span: days(1, 3) });
    expect(whole.map(({ bucket }) => bucket.from)).toEqual([midnight(1), midnight(2)]);
    const cut = await world().store.partitions({
      ...asked,
      span: { from: midnight(0), until: `${dayOf(2)}T06:00:00Z` },
    });
    expect(cut.map(({ bucket }) => bucket.from)).toEqual([midnight(0), midnight(1)]);
  });

  test('buckets of an hour share the file of their day', async () => {
    await world().write(observationFile(0), observations(0));
    const hours = await world().store.partitions({ dataset: 'observations', path: pathIn(world()), bucketMs: HOUR });
    expect(hours).toHaveLength(24);
    const [, second] = hours;
    const facts = await world().store.facts({ ...hours[1], ...second } as never, { id: 'id', time: 'seen' }, unwatched);
    expect(facts).toMatchObject({ rows: 1, newestEvent: `${dayOf(0)}T01:00:00.000Z` });
  });

  test('rows of none of the days of a file are counted apart, once, and rows of its other hours are none of them', async () => {
    const times = `'2024-01-01 05:00', '2024-01-02', '2031-05-06 07:00', NULL`;
    await world().write(observationFile(0), `SELECT unnest([TIMESTAMP '2024-01-01', ${times}]) AS seen, 1 AS x`);
    const strays = async (bucketMs: number) => {
      const parts = await world().store.partitions({ dataset: 'observations', path: pathIn(world()), bucketMs });
      const facts = parts.map((part) => world().store.facts(part, { id: 'id', time: 'seen' }, unwatched));
      return (await Promise.all(facts)).map((fact) => fact.strays).filter((one) => one !== undefined);
    };
    const apart = { column: 'seen', rows: 3, first: midnight(1), last: '2031-05-06T07:00:00.000Z' };
    expect(await strays(DAY)).toEqual([apart]);
    expect(await strays(6 * HOUR)).toEqual([apart]);
  });

  test('a glob without day=* and a day that is none are refused', async () => {
    const path = join(world().folder, 'observations/*.parquet');
    const listing = world().store.partitions({ dataset: 'observations', path, bucketMs: DAY });
    await expect(listing).rejects.toMatchObject({ code: 'bad-request' });
    await world().write('observations/day=yesterday/data.parquet', observations(0));
    const odd = world().store.partitions({ dataset: 'observations', path: pathIn(world()), bucketMs: DAY });
    await expect(odd).rejects.toMatchObject({ code: 'data-invalid' });
  });

  test('facts name rows, columns and the newest event of the bucket', async () => {
    await world().write(observationFile(0), observations(0));
    const [partition] = await world().store.partitions({
      dataset: 'observations',
      path: pathIn(world()),
      bucketMs: DAY,
    });
    const facts = await world().store.facts(partition as never, { id: 'id', time: 'seen' }, unwatched);
    expect(facts).toEqual({
      bucket: days(0, 1),
      rows: 24,
      newestEvent: `${dayOf(0)}T23:00:00.000Z`,
      columns: [
        { name: 'id', type: 'VARCHAR' },
        { name: 'seen', type: 'TIMESTAMP' },
        { name: 'amount', type: 'DOUBLE' },
        { name: 'colour', type: 'VARCHAR' },
        { name: 'hour', type: 'INTEGER' },
      ],
    });
  });

  test('columns of several files are unified by name, and a day in the path is not a column', async () => {
    const files = [
      await world().write(observationFile(0), observations(0)),
      await world().write('more.parquet', labels(0)),
    ];
    const names = (await world().store.columns(files)).map(({ name }) => name);
    expect(names).toEqual(['id', 'seen', 'amount', 'colour', 'hour', 'y', 'known_at']);
  });

  test('a sample is plain JSON in file order', async () => {
    const file = await world().write(
      'sample.parquet',
      `SELECT 7::BIGINT AS n, TIMESTAMP '2024-01-02 03:04:05' AS t, 'x' AS s, NULL::INTEGER AS nothing, 'nan'::DOUBLE AS wild,
              [1.5, 2.5] AS list, 9007199254740993::BIGINT AS large UNION ALL SELECT 8, NULL, NULL, 1, 2, NULL, 3`,
    );
    expect(await world().store.sample(file, 1)).toEqual([
      {
        n: 7,
        t: '2024-01-02T03:04:05.000Z',
        s: 'x',
        nothing: null,
        wild: null,
        list: [1.5, 2.5],
        large: '9007199254740993',
      },
    ]);
    await expect(world().store.sample(file, -1)).rejects.toMatchObject({ code: 'bad-request' });
  });
}
