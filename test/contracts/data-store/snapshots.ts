import { appendFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DAY,
  dayOf,
  days,
  HOUR,
  labelFile,
  labels,
  midnight,
  observationFile,
  observations,
  read,
  snapshotRequest,
  take,
  unwatched,
  writeDays,
  type World,
} from './world.ts';

export function snapshotTests(world: () => World): void {
  const columnsIn = async (path: string) => (await world().store.columns([path])).map(({ name }) => name);

  test('the holdout is the last days whose every label is mature, the training data the days before', async () => {
    await writeDays(world(), 11);
    const snapshot = await take(world());
    expect(snapshot).toMatchObject({
      trainSpan: days(0, 7),
      holdoutSpan: days(7, 10),
      labelCoverage: 1,
      labelWatermark: midnight(10),
      newestObservation: `${dayOf(10)}T06:00:00.000Z`,
    });
    expect([snapshot.train.rows, snapshot.holdout.rows, snapshot.holdoutLabels.rows]).toEqual([168, 72, 72]);
    expect(snapshot.columns).toEqual([
      { name: 'id', type: 'VARCHAR' },
      { name: 'seen', type: 'TIMESTAMP' },
      { name: 'amount', type: 'DOUBLE' },
      { name: 'hour', type: 'INTEGER' },
      { name: 'colour', type: 'VARCHAR' },
      { name: 'y', type: 'INTEGER' },
    ]);
    expect(snapshot.sources.map(({ name }) => name)).toContain(labelFile(3));
  });

  test('the holdout goes to the model without labels, and rows stand in order of time and id', async () => {
    await writeDays(world(), 11);
    const snapshot = await take(world());
    expect(await columnsIn(snapshot.holdout.path)).toEqual(['id', 'seen', 'amount', 'hour', 'colour']);
    const ids = (await read(world(), snapshot.train.path, 'id')).map(({ id }) => id);
    expect(ids.slice(0, 2)).toEqual([`${dayOf(0)}/0`, `${dayOf(0)}/1`]);
    expect(await read(world(), snapshot.holdoutLabels.path, 'sum(y)::INTEGER AS late')).toEqual([{ late: 18 }]);
  });

  test('a longer maturity moves the holdout back', async () => {
    await writeDays(world(), 12);
    const { data, dataset } = snapshotRequest(world().folder);
    const holdoutAt = async (maturity: number) => {
      const declared = { ...data, labels: { ...data.labels, maturity } };
      const asked = { data: declared, dataset: { ...dataset, train: 6 * DAY }, asOf: `${dayOf(11)}T06:00:00Z` };
      return (await take(world(), asked)).holdoutSpan;
    };
    expect(await holdoutAt(30 * HOUR)).toEqual(days(7, 10));
    expect(await holdoutAt(31 * HOUR)).toEqual(days(6, 9));
  });

  test('without a declared maturity the holdout ends with the last day that has all its labels', async () => {
    await writeDays(world(), 11);
    await world().write(labelFile(9), labels(9, 'to_hours(20)'));
    const { data } = snapshotRequest(world().folder);
    const undeclared = { ...data, labels: { ...data.labels, maturity: 0 } };
    const dataset = { ...snapshotRequest('').dataset, train: 6 * DAY };
    expect((await take(world(), { data: undeclared, dataset })).holdoutSpan).toEqual(days(6, 9));
    expect((await take(world(), { data: undeclared, asOf: `${dayOf(10)}T20:00:00Z` })).holdoutSpan).toEqual(
      days(7, 10),
    );
  });

  test('a bootstrap learns from what there is, but from no less than `atLeast`', async () => {
    await writeDays(world(), 9);
    const asOf = `${dayOf(8)}T06:00:00Z`;
    await expect(take(world(), { asOf })).rejects.toMatchObject({ code: 'data-missing' });
    expect((await take(world(), { asOf, bootstrap: true })).trainSpan).toEqual(days(0, 5));
    await expect(take(world(), { asOf: `${dayOf(6)}T06:00:00Z`, bootstrap: true })).rejects.toMatchObject({
      code: 'data-missing',
    });
  });

  test('of several labels of one row the latest that was known counts', async () => {
    await writeDays(world(), 11);
    const corrected = `SELECT * FROM (${labels(2)}) UNION ALL
      SELECT '${dayOf(2)}/1', 1, TIMESTAMP '${dayOf(3)}' UNION ALL SELECT '${dayOf(2)}/1', 0, TIMESTAMP '${dayOf(12)}'`;
    await world().write(labelFile(2), corrected);
    const { path } = (await take(world())).train;
    expect(await world().sql(`SELECT y FROM '${path}' WHERE id = '${dayOf(2)}/1'`)).toEqual([{ y: 1 }]);
  });

  test('DA5: a label that only stands in never replaces a real one, and its share of all labels is told', async () => {
    await writeDays(world(), 11);
    const { data } = snapshotRequest(world().folder);
    const marked = { data: { ...data, labels: { ...data.labels, surrogate: 'panel' } } };
    for (let index = 0; index < 11; index += 1)
      await world().write(labelFile(index), `SELECT *, false AS panel FROM (${labels(index)})`);
    const id = `${dayOf(2)}/1`;
    const later = (value: number) =>
      `SELECT '${id}' AS id, ${value} AS y, TIMESTAMP '${dayOf(3)}' AS known_at, true AS panel`;
    const real = `SELECT *, false AS panel FROM (${labels(2)})`;
    const valueAfter = async (selection: string) => {
      await world().write(labelFile(2), selection);
      const { labelSurrogates, train } = await take(world(), marked);
      const [row] = await world().sql(`SELECT y FROM '${train.path}' WHERE id = '${id}'`);
      return { labelSurrogates, y: row?.['y'] };
    };
    const { y } = await valueAfter(real);
    const other = 1 - Number(y);
    expect(await valueAfter(`${real} UNION ALL BY NAME ${later(other)}`)).toEqual({ labelSurrogates: 0, y });
    const only = `SELECT * FROM (${real}) WHERE id <> '${id}' UNION ALL BY NAME ${later(other)}`;
    expect(await valueAfter(only)).toEqual({ labelSurrogates: 1 / 240, y: other });
    expect(await take(world())).not.toHaveProperty('labelSurrogates');
  });

  test('DA2: the same input has the same digests in another folder', async () => {
    await writeDays(world(), 11);
    const first = await take(world());
    const other = join(world().folder, 'elsewhere');
    for (const part of ['observations', 'labels'])
      await cp(join(world().folder, part), join(other, part), { recursive: true });
    const second = await world().store.snapshot(snapshotRequest(other), unwatched);
    expect(second.digest).toBe(first.digest);
    expect(second.sources.map(({ name, sha256 }) => [name, sha256])).toEqual(
      first.sources.map(({ name, sha256 }) => [name, sha256]),
    );
    expect(second.train.path).not.toBe(first.train.path);
  });

  test('DA2: one changed byte of a source is another digest', async () => {
    await writeDays(world(), 11);
    const before = await take(world());
    const path = join(world().folder, observationFile(4));
    const content = await readFile(path, 'latin1');
    await writeFile(path, content.replace('DuckDB version', 'DuckDB versioN'), 'latin1');
    const after = await take(world());
    expect(after.train.sha256).toBe(before.train.sha256);
    expect(after.digest).not.toBe(before.digest);
  });

  test('DA2: another label of one row is another digest', async () => {
    await writeDays(world(), 11);
    const before = await take(world());
    await world().write(
      labelFile(4),
      `SELECT id, CASE WHEN id LIKE '%/7' THEN 1 ELSE y END AS y, known_at FROM (${labels(4)})`,
    );
    expect((await take(world())).digest).not.toBe(before.digest);
  });

  test.each([
    ['grows', (path: string) => appendFileSync(path, 'x')],
    ['is touched', (path: string) => utimesSync(path, 1, 1)],
    ['is replaced', (path: string) => renameSync(path.replace(dayOf(2), dayOf(3)), path)],
    ['vanishes', (path: string) => rmSync(path)],
  ])('DA2: a source that %s while it is read fails the snapshot', async (_, change) => {
    await writeDays(world(), 11);
    const file = join(world().folder, observationFile(2));
    const atStep = new Map([['checking', () => change(file)]]);
    const progress = (step: string) => atStep.get(step)?.();
    const taking = world().store.snapshot(snapshotRequest(world().folder), { ...unwatched, progress });
    await expect(taking).rejects.toMatchObject({ code: 'data-changed', details: { file } });
  });

  test('DA8: rows and labels that came after `asOf` never change the snapshot', async () => {
    await writeDays(world(), 11);
    const before = await take(world());
    const later = fc.record({
      day: fc.integer({ min: 0, max: 9 }),
      hours: fc.integer({ min: 1, max: 500 }),
      y: fc.integer({ min: 0, max: 1 }),
    });
    const future = fc.record({ day: fc.integer({ min: 10, max: 13 }), hour: fc.integer({ min: 7, max: 23 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(later, { maxLength: 5 }), fc.array(future, { maxLength: 5 }), async (late, rows) => {
        await writeDays(world(), 11);
        for (const { day, hours, y } of late)
          await world().write(
            labelFile(day),
            `SELECT * FROM (${labels(day)}) UNION ALL
             SELECT '${dayOf(day)}/3', ${y}, TIMESTAMP '${dayOf(10)} 06:00:00' + to_hours(${hours})`,
          );
        for (const { day, hour } of rows)
          await world().write(
            observationFile(day),
            `SELECT id, seen, amount * 1e9 AS amount, NULL AS colour, hour FROM (${observations(day)}) WHERE hour >= ${hour}
             UNION ALL SELECT * FROM (${observations(10)}) WHERE hour <= 6 AND ${day} = 10`,
          );
        const after = await take(world());
        expect({ ...after, sources: [] }).toEqual({ ...before, sources: [] });
      }),
      { numRuns: 6, seed: 11 },
    );
  });

  test('an abort ends the snapshot with the reason of the signal', async () => {
    await writeDays(world(), 11);
    const controller = new AbortController();
    const progress = () => controller.abort(new Error('the deadline has passed'));
    const taking = world().store.snapshot(snapshotRequest(world().folder), { signal: controller.signal, progress });
    await expect(taking).rejects.toThrow('the deadline has passed');
  });

  test('the features of a span are written without labels', async () => {
    await writeDays(world(), 4);
    const request = { ...snapshotRequest(world().folder), span: { from: `${dayOf(1)}T12:00:00Z`, until: midnight(3) } };
    const file = await world().store.features(request, unwatched);
    expect(file).toMatchObject({ name: 'features.parquet', rows: 36 });
    expect(await columnsIn(file.path)).toEqual(['id', 'seen', 'amount', 'hour', 'colour']);
    const missing = world().store.features({ ...request, span: days(3, 6) }, unwatched);
    await expect(missing).rejects.toMatchObject({ code: 'data-missing', details: { day: dayOf(4) } });
  });
}
