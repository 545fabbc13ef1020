import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeliverRequest } from '../../../activities/ports/data-store.ts';
import type { FileRef } from '../../../scorecards/vocabulary.ts';
import { present } from '../../present.ts';
import { dayOf, days, labels, midnight, observations, unwatched, type World } from './world.ts';

const AS_OF = `${dayOf(2)}T06:00:00.000Z`;

/** Rows that a team's program wrote, and what of them becomes day partitions. */
export function deliveryTests(world: () => World): void {
  const deliver = (files: readonly string[], as: DeliverRequest['as'], into = 'taken') =>
    world().store.deliver(
      { files, as, into: join(world().folder, into), time: 'labels' in as ? 'known_at' : 'seen' },
      unwatched,
    );
  const rowsIn = (into: string) =>
    world().sql(
      `SELECT * FROM read_parquet('${world().folder}/${into}/*/*.parquet', hive_partitioning = false) ORDER BY ALL`,
    );

  test('rows of several files go to the UTC day of their time, those outside the span are left out', async () => {
    const one = await world().write('x/one.parquet', `${observations(0)} UNION ALL ${observations(1)}`);
    const two = await world().write('x/two.parquet', `${observations(2)} UNION ALL ${observations(3)}`);
    const files = await deliver([one, two], { observations: { from: midnight(1), until: AS_OF } });
    expect(files.map(({ name, rows }) => [name, rows])).toEqual([
      [`day=${dayOf(1)}/data.parquet`, 24],
      [`day=${dayOf(2)}/data.parquet`, 6],
    ]);
  });

  test('the same rows are the same files, however the program cut them', async () => {
    const [a, b] = [
      await world().write('x/a.parquet', observations(1)),
      await world().write('x/b.parquet', observations(2)),
    ];
    const both = await world().write('x/c.parquet', `SELECT * FROM (${observations(2)} UNION ALL ${observations(1)})`);
    const apart = await deliver([a, b], { observations: days(1, 3) });
    const together = await deliver([both], { observations: days(1, 3) }, 'again');
    expect(together.map(({ sha256 }) => sha256)).toEqual(apart.map(({ sha256 }) => sha256));
  });

  test('a day of the span that has no rows any more loses its file; days before it stay', async () => {
    const file = await world().write('x/a.parquet', `${observations(0)} UNION ALL ${observations(1)}`);
    await deliver([file], { observations: days(0, 2) });
    await deliver([await world().write('x/b.parquet', observations(2))], { observations: days(1, 3) });
    const folders = await Promise.all(
      [0, 1, 2].map((day) => readdir(join(world().folder, 'taken', `day=${dayOf(day)}`))),
    );
    expect(folders).toEqual([['data.parquet'], [], ['data.parquet']]);
  });

  test('labels keep the day of their file, and other days are left alone', async () => {
    const first = await world().write(`x/day=${dayOf(0)}/l.parquet`, labels(0, 'to_hours(30)'));
    const second = await world().write(`x/day=${dayOf(1)}/l.parquet`, labels(1));
    await deliver([first], { labels: { asOf: AS_OF } });
    const files = await deliver([second], { labels: { asOf: AS_OF } });
    expect(files.map(({ name, rows }) => [name, rows])).toEqual([[`day=${dayOf(1)}/data.parquet`, 24]]);
    const rows = await rowsIn('taken');
    expect(rows).toHaveLength(48);
    expect(rows[0]).toEqual({ id: expect.any(String), y: 1, known_at: expect.any(String) });
  });

  test('DA8: no row and no label that came after as-of is taken over, whatever a program delivers', async () => {
    const minutes = fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 12 });
    const at = (list: readonly number[]) =>
      `SELECT i AS id, TIMESTAMP '${AS_OF.slice(0, -1)}' + to_minutes(m) AS seen, TIMESTAMP '${AS_OF.slice(0, -1)}' + to_minutes(m) AS known_at
       FROM (SELECT unnest([${list.join(', ')}]) AS m, generate_subscripts([${list.join(', ')}], 1) AS i)`;
    await fc.assert(
      fc.asyncProperty(minutes, minutes, async (seen, known) => {
        const o = await world().write('x/o.parquet', at(seen));
        const l = await world().write(`x/day=${dayOf(1)}/l.parquet`, at(known));
        const rows = await deliver([o], { observations: { from: midnight(0), until: AS_OF } });
        const told = await deliver([l], { labels: { asOf: AS_OF } }, 'labels');
        const count = (files: readonly FileRef[]) => files.reduce((sum, file) => sum + present(file.rows), 0);
        expect(count(rows)).toBe(seen.filter((minute) => minute < 0).length);
        expect(count(told)).toBe(known.filter((minute) => minute <= 0).length);
        const kept = [...rows, ...told].map(({ path }) => `'${path}'`);
        const late = kept.map(
          (path) => `SELECT count(*)::INTEGER AS n FROM ${path} WHERE known_at > TIMESTAMP '${AS_OF.slice(0, -1)}'`,
        );
        const found = await Promise.all(late.map(async (sql) => world().sql(sql)));
        expect(found.flat().filter(({ n }) => n !== 0)).toEqual([]);
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  test('a file that was not written to its end is named', async () => {
    const file = await world().write('x/a.parquet', observations(1));
    await truncate(file, 200);
    await expect(deliver([file], { observations: days(0, 3) })).rejects.toMatchObject({
      code: 'data-unreadable',
      details: { file },
    });
  });

  test('rows without time, and labels in a folder of no day, are refused', async () => {
    const timeless = await world().write('x/a.parquet', 'SELECT 1 AS id, NULL::TIMESTAMP AS seen');
    await expect(deliver([timeless], { observations: days(0, 3) })).rejects.toMatchObject({
      code: 'data-invalid',
      details: { column: 'seen', rows: 1 },
    });
    const dayless = await world().write('x/l.parquet', labels(0));
    await expect(deliver([dayless], { labels: { asOf: AS_OF } })).rejects.toMatchObject({
      code: 'data-invalid',
      details: { file: dayless },
    });
  });
}
