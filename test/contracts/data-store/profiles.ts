import { expect, test } from '@jest/globals';
import type { ProfileRequest } from '../../../activities/ports/data-profile.ts';
import type { Partition } from '../../../scorecards/drift/sketch.ts';
import { days, observationFile, observations, unwatched, type World } from './world.ts';

/** What files hold, from their footers and by a scan; both must say the same. */
export function profileTests(world: () => World): void {
  const partition = (index: number, ...files: readonly string[]): Partition => ({
    dataset: 'observations',
    bucket: days(index, index + 1),
    files: files.map((path) => ({ path, bytes: 1 })),
  });
  const profile = async (partitions: readonly Partition[], more: Partial<ProfileRequest> = {}) =>
    world().store.profile(
      {
        partitions,
        time: 'seen',
        columns: ['amount', 'colour'],
        verify: 'footer',
        sets: [],
        unique: [],
        fresh: [],
        ...more,
      },
      unwatched,
    );

  test('DA3: rows, nulls, ranges and the newest event come from the footers', async () => {
    const file = await world().write(
      observationFile(0),
      observations(0, "CASE WHEN i > 3 THEN i / 4e0 END AS amount, 'c' AS colour"),
    );
    const { files } = await profile([partition(0, file)]);
    expect(files).toMatchObject([
      { path: file, day: days(0, 1), rows: 24, scanned: false, newestEvent: '2024-01-01T23:00:00.000Z' },
    ]);
    expect(files[0]?.columns).toEqual([
      { name: 'id', type: 'VARCHAR' },
      { name: 'seen', type: 'TIMESTAMP' },
      { name: 'amount', type: 'DOUBLE', nulls: 4, min: 1, max: 5.75 },
      { name: 'colour', type: 'VARCHAR', nulls: 0 },
    ]);
  });

  test.each([
    ['numbers and nulls', 'CASE WHEN i > 3 THEN i / 4e0 END'],
    ['nothing but nulls', 'NULL::DOUBLE'],
    ['decimals', '(i * 1.25)::DECIMAL(9, 2)'],
    ['whole numbers', 'i - 12'],
    ['texts', "'a' || i"],
  ])('a scan counts what the footer says of %s', async (_, amount) => {
    const file = await world().write(observationFile(0), observations(0, `${amount} AS amount, 'c' AS colour`));
    const [footer] = (await profile([partition(0, file)])).files;
    const [scanned] = (await profile([partition(0, file)], { verify: 'scan' })).files;
    expect(scanned).toEqual({ ...footer, scanned: true });
  });

  test.each([
    ['TIMESTAMP', '2024-01-01T23:00:00.000Z'],
    ['TIMESTAMPTZ', '2024-01-01T23:00:00.000Z'],
    ['TIMESTAMP_NS', '2024-01-01T23:00:00.000Z'],
    ['TIMESTAMP_S', '2024-01-01T23:00:00.000Z'],
    ['DATE', '2024-01-01T00:00:00.000Z'],
  ])('the newest event of a %s is the same by footer and by scan, in UTC', async (type, newest) => {
    const select = `SELECT * REPLACE (seen::${type} AS seen) FROM (${observations(0)})`;
    const file = await world().write(observationFile(0), select);
    for (const verify of ['footer', 'scan'] as const) {
      const [found] = (await profile([partition(0, file)], { verify })).files;
      expect(found?.newestEvent).toBe(newest);
    }
  });

  test('a column that is a number in one file and a text in another has a range where it is a number', async () => {
    const first = await world().write(observationFile(0), observations(0, 'i AS amount, 1 AS colour'));
    const second = await world().write(observationFile(1), observations(1, "'x' || i AS amount, 1 AS colour"));
    const found = await profile([partition(0, first), partition(1, second)], { unique: ['amount'] });
    const amounts = found.files.map(({ columns }) => columns.find(({ name }) => name === 'amount'));
    expect(amounts).toEqual([
      { name: 'amount', type: 'BIGINT', nulls: 0, min: 0, max: 23 },
      { name: 'amount', type: 'VARCHAR', nulls: 0 },
    ]);
    expect(found.duplicates).toEqual([{ column: 'amount', rows: 48, repeated: 0 }]);
  });

  test('FE4: the file with the most values that are too old is named', async () => {
    const aged = (index: number, hours: number) =>
      `SELECT *, seen - to_minutes(${hours * 60} + 1) AS made FROM (${observations(index)})`;
    const first = await world().write(observationFile(0), aged(0, 0));
    const second = await world().write(observationFile(1), aged(1, 2));
    const fresh = [{ feature: 'amount', at: 'made', withinMs: 3_600_000 }];
    const found = await profile([partition(0, first), partition(1, second)], { fresh });
    expect(found.ages).toEqual([{ feature: 'amount', file: second, rows: 24, stale: 24, unknown: 0 }]);
  });

  test('a column with a NaN has no range in its footer, so it is scanned', async () => {
    const amount = "CASE i WHEN 3 THEN 'nan'::DOUBLE WHEN 4 THEN '-inf'::DOUBLE ELSE i END";
    const file = await world().write(observationFile(0), observations(0, `${amount} AS amount, 'c' AS colour`));
    const [found] = (await profile([partition(0, file)])).files;
    expect(found).toMatchObject({ scanned: true, rows: 24 });
    expect(found?.columns.find(({ name }) => name === 'amount')).toMatchObject({ min: 0, max: 23, nulls: 0 });
  });

  test('values outside of a set are counted for the worst file, whatever the width of the number', async () => {
    const first = await world().write(observationFile(0), observations(0, 'i % 3 AS amount, 1 AS colour'));
    const second = await world().write(observationFile(1), observations(1, 'i::DOUBLE AS amount, 1 AS colour'));
    const sets = [{ column: 'amount', oneOf: [0, 1, 2] }];
    const { outside } = await profile([partition(0, first), partition(1, second)], { sets });
    expect(outside).toEqual([{ column: 'amount', file: second, rows: 21, examples: expect.anything() }]);
    expect(outside[0]?.examples).toHaveLength(3);
  });

  test('a name with quotes and emoji is a column like any other', async () => {
    const name = `it's "x"; --🛫`;
    const file = await world().write(observationFile(0), observations(0, `i AS "${name.replaceAll('"', '""')}"`));
    const asked = { columns: [name], sets: [{ column: name, oneOf: ["it's"] }], unique: [name] };
    const found = await profile([partition(0, file)], asked);
    expect(found.files[0]?.columns.at(-1)).toMatchObject({ name, min: 0, max: 23 });
    expect(found.duplicates).toEqual([{ column: name, rows: 24, repeated: 0 }]);
  });

  test('no partition is an empty profile, a file without rows has no range', async () => {
    expect(await profile([])).toEqual({ files: [], outside: [], duplicates: [], ages: [] });
    const file = await world().write(observationFile(0), `${observations(0)} LIMIT 0`);
    const [empty] = (await profile([partition(0, file)])).files;
    expect(empty).toMatchObject({ rows: 0 });
    expect(empty?.columns.find(({ name }) => name === 'amount')).not.toHaveProperty('min');
  });
}
