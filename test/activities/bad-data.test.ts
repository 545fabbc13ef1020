import { readFile, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sketchDay } from '../../activities/sketching.ts';
import type { Partition } from '../../scorecards/drift/sketch.ts';
import { unwatched } from '../contracts/data-store/world.ts';
import { inDuckdb } from '../lifecycle/data.ts';
import { present } from '../present.ts';
import { BASELINE, createDriftWorld, distancesOf, WINDOW } from './drift-world.ts';
import type { DriftWorld } from './drift-world.ts';

const GOOD = '(hash(i) % 10000) / 1e3 as x';
const DAY = 86_400_000;

/** Real files, real DuckDB. Whatever the data are, nothing of them passes as "no drift", and nothing crashes. */
describe('bad data', () => {
  let world: DriftWorld;
  beforeEach(async () => {
    world = await createDriftWorld();
  });
  afterEach(() => world.close());

  const days = (from: string) =>
    [from.slice(0, 10), new Date(Date.parse(from) + DAY).toISOString().slice(0, 10)] as const;
  const writeAll = async (span: { readonly from: string }, rows: number, columns: string) => {
    for (const day of days(span.from)) await world.write(day, rows, columns);
  };
  const judgedOf = async (column = 'x') => distancesOf((await world.judge()).findings, column);

  test('good data pass, so that what follows is not for another reason', async () => {
    await writeAll(BASELINE, 1000, GOOD);
    await writeAll(WINDOW, 1000, GOOD);
    expect((await judgedOf()).map(({ judged }) => judged)).toEqual(['pass', 'pass']);
  });

  test.each([
    ['no rows at all', 0, GOOD, 'inconclusive too-few-rows'],
    ['one row', 1, GOOD, 'inconclusive too-few-rows'],
    ['nothing but nulls', 1000, 'null::double as x', 'missing all-null'],
    ['nothing but NaN', 1000, "'nan'::double as x", 'missing all-null'],
    [
      'nothing but infinities',
      1000,
      "case when i % 2 = 0 then 'inf'::double else '-inf'::double end as x",
      'missing all-null',
    ],
    ['texts where numbers were', 1000, "'a' || i as x", 'missing type-changed'],
    ['no such column', 1000, 'i as other', 'missing column-absent'],
  ])('a window with %s is not judged', async (_, rows, columns, told) => {
    await writeAll(BASELINE, 1000, GOOD);
    await writeAll(WINDOW, rows, columns);
    const found = await judgedOf();
    expect(found.map(({ judged, reason }) => `${judged} ${reason}`)).toEqual([told, told]);
  });

  test.each([
    ['nothing but nulls', 'null::double as x', 'all-null'],
    ['nothing but NaN', "'nan'::double as x", 'all-null'],
  ])('a baseline with %s is no crash: what comes later is counted and not judged', async (_, columns, reason) => {
    await writeAll(BASELINE, 1000, columns);
    await writeAll(WINDOW, 1000, GOOD);
    expect((await judgedOf()).map((one) => [one.judged, one.reason])).toEqual([
      ['missing', reason],
      ['missing', reason],
    ]);
  });

  test('a column with one value is not judged while it keeps it, and drifts when it has another', async () => {
    await writeAll(BASELINE, 1000, '42e0 as x');
    await writeAll(WINDOW, 1000, '42e0 as x');
    expect((await judgedOf()).map((one) => [one.judged, one.reason])).toEqual([
      ['inconclusive', 'constant'],
      ['inconclusive', 'constant'],
    ]);
    await writeAll(WINDOW, 1000, '43e0 as x');
    expect((await judgedOf()).map(({ judged }) => judged)).toEqual(['fail', 'fail']);
  });

  test('numbers among infinities and NaN are judged as numbers, the rest is counted beside them', async () => {
    const wild =
      "case when i % 4 = 0 then 'inf'::double when i % 4 = 1 then 'nan'::double else (hash(i) % 10000) / 1e3 end as x";
    await writeAll(BASELINE, 1000, GOOD);
    await writeAll(WINDOW, 1000, wild);
    const [ks, psi] = await judgedOf();
    expect(ks).toMatchObject({ judged: 'pass', measurement: { n: { current: 1000 } } });
    expect(psi).toMatchObject({ judged: 'fail', measurement: { n: { current: 2000 } } });
  });

  test('a number that suddenly has many values is compared on the grid frozen beside its few', async () => {
    await writeAll(BASELINE, 3000, '(i % 7)::double as x');
    await writeAll(WINDOW, 3000, '(hash(i) % 7000) / 1000e0 as x');
    expect((await world.baseline()).grids[0]?.kind).toBe('values');
    expect((await judgedOf()).map(({ judged }) => judged)).toEqual(['fail', 'fail']);
  });

  test('days of different types: the one that is no number is named', async () => {
    await writeAll(BASELINE, 1000, 'i::bigint as x');
    const [first, second] = days(WINDOW.from);
    await world.write(first, 1000, 'i::bigint as x');
    await world.write(second, 1000, "'a' || i as x");
    const found = await judgedOf();
    expect(found.map(({ judged }) => judged)).toEqual(['missing', 'missing']);
    expect(found[0]?.sentence).toContain(`VARCHAR since ${second}`);
  });

  test('files of one day with different types are one day of the wider type, and texts among numbers are no numbers', async () => {
    await writeAll(BASELINE, 1000, 'i::double as x');
    await writeAll(WINDOW, 1000, 'i::double as x');
    await world.write(days(WINDOW.from)[0], 10, 'i::smallint as x', 'more');
    expect((await judgedOf()).map(({ judged }) => judged)).toEqual(['pass', 'pass']);
    await world.write(days(WINDOW.from)[0], 10, "'a' as x", 'more');
    expect((await judgedOf()).map((one) => [one.judged, one.reason])).toEqual([
      ['missing', 'type-changed'],
      ['missing', 'type-changed'],
    ]);
  });

  test('rows of the future and of the past are not rows of the day', async () => {
    await writeAll(BASELINE, 1000, GOOD);
    await writeAll(WINDOW, 1000, `${GOOD}, timestamp '2999-01-01' as seen2`);
    const found = async () => (await judgedOf())[1]?.measurement?.n.current;
    expect(await found()).toBe(2000);
    for (const day of days(WINDOW.from))
      await inDuckdb((run) =>
        run(`copy (select i as id, case when i < 700 then timestamp '${day}' when i < 800 then timestamp '2999-01-01' else timestamp '1970-01-01' end as seen,
             ${GOOD} from range(1000) t(i)) to '${world.fileOf(day)}' (format parquet)`),
      );
    expect(await found()).toBe(1400);
    const { findings, verdict } = await world.judge();
    expect(verdict).toMatchObject({ verdict: 'drift', byKind: { quality: 'drift' } });
    expect(findings.find(({ criterion }) => criterion.metric === 'strayRows')).toMatchObject({
      judged: 'fail',
      criterion: { column: 'seen' },
      measurement: { value: 0.3 },
      sentence: expect.stringMatching(/600 of 2,000 rows .* \(from 1970-01-01T00:00:00.000Z to 2999-01-01T/),
    });
  });

  test('the night on which clocks change is a day of 24 hours, with or without a time zone', async () => {
    await writeAll(BASELINE, 1000, GOOD);
    const grids = (await world.baseline()).grids;
    for (const [type, zone] of [
      ['timestamp', ''],
      ['timestamptz', '+00'],
    ])
      for (const day of ['2001-03-25', '2001-10-28']) {
        const file = await world.write(day, 1, GOOD);
        await inDuckdb(async (run) => {
          await run("set TimeZone = 'Europe/Berlin'");
          await run(
            `copy (select i as id, ${type} '${day} 00:00:00${zone}' + to_minutes(30 * (i - 4)) as seen, ${GOOD} from range(60) t(i)) to '${file}' (format parquet)`,
          );
        });
        const from = Date.parse(day);
        const partition: Partition = {
          dataset: 'observations',
          bucket: { from: new Date(from).toISOString(), until: new Date(from + DAY).toISOString() },
          files: [{ path: file, bytes: 1 }],
        };
        const sketches = await sketchDay(world.ports, { day: partition, grids, time: 'seen' }, unwatched);
        expect(sketches.get('x')?.rows).toBe(48);
      }
  });

  test.each([
    ['cut in half', async (file: string) => truncate(file, Math.floor((await readFile(file)).length / 2))],
    ['of zero bytes', async (file: string) => truncate(file, 0)],
    ['that is no Parquet', async (file: string) => writeFile(file, 'x,y\n1,2\n')],
  ])('a file %s is a failure that names the file', async (_, damage) => {
    await writeAll(BASELINE, 1000, GOOD);
    await writeAll(WINDOW, 1000, GOOD);
    const file = world.fileOf(days(WINDOW.from)[1]);
    await damage(file);
    await expect(world.judge()).rejects.toMatchObject({ code: 'data-unreadable', details: { file } });
  });

  test('a file whose middle is overwritten is a failure that names the file', async () => {
    await writeAll(BASELINE, 1000, GOOD);
    await writeAll(WINDOW, 20_000, GOOD);
    const file = world.fileOf(days(WINDOW.from)[0]);
    const bytes = await readFile(file);
    bytes.fill(0xff, 20, bytes.length - 2000);
    await writeFile(file, bytes);
    await expect(world.judge()).rejects.toMatchObject({ code: 'data-unreadable', details: { file } });
  });

  test('300,000 categories: the known ones are exact, the rest is capped and counted', async () => {
    await world.close();
    world = await createDriftWorld([{ name: 'x', type: 'categorical' }]);
    await writeAll(BASELINE, 3000, "'k' || i % 3 as x");
    await writeAll(WINDOW, 300_000, "case when i % 2 = 0 then 'k' || i % 3 else 'new' || i end as x");
    expect((await judgedOf())[0]).toMatchObject({ criterion: { metric: 'psi' }, judged: 'fail' });
    const path = world.fileOf(days(WINDOW.from)[0]);
    const partition = {
      dataset: 'observations' as const,
      bucket: { from: WINDOW.from, until: WINDOW.until },
      files: [{ path, bytes: 1 }],
    };
    const { grids } = await world.baseline();
    const sketch = present((await sketchDay(world.ports, { day: partition, grids, time: 'seen' }, unwatched)).get('x'));
    expect(sketch).toMatchObject({
      rows: 300_000,
      nulls: 0,
      other: 149_900,
      beyond: { atLeast: 149_900, atMost: 149_900, cut: 1 },
    });
    expect(sketch.keys).toHaveLength(103);
    expect(sketch.keys.slice(0, 3)).toEqual(['k0', 'k1', 'k2']);
    expect(sketch.counts.slice(0, 3)).toEqual([50_000, 50_000, 50_000]);
  }, 60_000);

  test('names with quotes, emoji and words of SQL are names', async () => {
    const names = [`it's "x"; DROP TABLE y --`, '🛫 delay', 'select', 'key', 'bin', 'x y', 'rows'];
    await world.close();
    world = await createDriftWorld(names.map((name) => ({ name, type: 'continuous' as const })));
    const columns = names
      .map((name, place) => `(hash(i + ${place}) % 10000) / 1e3 as "${name.replaceAll('"', '""')}"`)
      .join(', ');
    await writeAll(BASELINE, 1000, columns);
    await writeAll(WINDOW, 1000, columns);
    const { findings } = await world.judge();
    for (const name of names) expect(distancesOf(findings, name).map(({ judged }) => judged)).toEqual(['pass', 'pass']);
  });

  test('2,000 columns are counted and judged block by block, and nothing that is said of them is no number', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `c${index}`);
    await world.close();
    world = await createDriftWorld(names.map((name) => ({ name, type: 'continuous' as const })));
    const columns = names.map((name, index) => `((i * ${index + 1}) % 97)::float as ${name}`).join(', ');
    for (const day of [days(BASELINE.from)[0], ...days(WINDOW.from)]) await world.write(day, 200, columns);
    const { sketches } = await world.baseline();
    expect(Object.keys(sketches)).toHaveLength(2000);
    expect(Object.values(sketches).every(({ rows }) => rows === 200)).toBe(true);
    const { findings, verdict } = await world.judge();
    // Every 97th column has one value only.
    expect(verdict).toMatchObject({ verdict: 'warn', shares: { breached: 0, warned: 0, unjudged: 20 / 2000 } });
    const judged = names.flatMap((name) => distancesOf(findings, name)).filter((one) => one.judged === 'pass');
    expect(judged).toHaveLength(2 * 1980);
    expect(judged.every(({ measurement }) => Number.isFinite(measurement?.value))).toBe(true);
    expect(findings.map(({ sentence }) => sentence).join()).not.toContain('NaN');
  }, 120_000);
});
