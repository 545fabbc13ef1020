import { expect, test } from '@jest/globals';
import type { ScoreRequest } from '../../../activities/ports/score-questions.ts';
import {
  allCells,
  perBin,
  type ScoreCells,
  type ScoreCounts,
  type ScoredBucket,
} from '../../../scorecards/performance/score-counts.ts';
import { DAY, days, midnight, unwatched, type World } from './world.ts';

const total = (cells: ScoreCells, field: 'rows' | 'scores' | 'squares' | 'flagged') =>
  cells[field].reduce((sum, value) => sum + value, 0);

export function scoreTests(world: () => World): void {
  const request = (rows: string, labels: readonly string[], more: Partial<ScoreRequest> = {}): ScoreRequest => ({
    span: days(0, 3),
    bucketMs: DAY,
    rows: { files: [rows], id: 'id', time: 'seen', score: 'score', slices: ['g'] },
    labels: { files: labels, id: 'id', label: 'y', availableAt: 'known_at', surrogate: 'panel' },
    asOf: midnight(3),
    cut: 0.5,
    ...more,
  });
  const ROWS = `SELECT 'r' || i AS id, TIMESTAMP '2024-01-01' + to_hours(i) AS seen, (i % 10) / 10e0 AS score,
    CASE WHEN i % 3 = 0 THEN 'a' WHEN i % 3 = 1 THEN 'b' END AS g, CASE WHEN i < 60 THEN '7' ELSE '8' END AS version
    FROM range(72) t(i)`;
  const LABELS = `SELECT 'r' || i AS id, i % 2 AS y, TIMESTAMP '2024-01-01' + to_hours(i + 5) AS known_at, i % 8 = 0 AS panel
    FROM range(72) t(i)`;
  const count = async (more: Partial<ScoreRequest> = {}, rows = ROWS, labels = LABELS) => {
    const files = [await world().write('rows.parquet', rows), await world().write('labels.parquet', labels)] as const;
    return await world().store.scores(request(files[0], [files[1]], more), unwatched);
  };

  test('MO6: one scan counts rows by bucket, slice, label and score bin, and rows above the cut exactly', async () => {
    const { buckets } = await count();
    expect(buckets.map(({ bucket }) => bucket)).toEqual([days(0, 1), days(1, 2), days(2, 3)]);
    const [first] = buckets;
    const expected = await world().sql(
      `SELECT count_if(i % 2 = 1)::INT AS pos, count_if(i % 2 = 0)::INT AS neg, sum(i % 10)::INT AS tenths,
              count_if(i % 10 >= 5 AND i % 2 = 1)::INT AS flagged FROM range(24) t(i)`,
    );
    const { positive, negative, unlabelled } = all(buckets, 0);
    expect([
      { pos: total(positive, 'rows'), neg: total(negative, 'rows'), flagged: total(positive, 'flagged') },
    ]).toEqual([{ pos: 12, neg: 12, flagged: Number(expected[0]?.['flagged']) }]);
    expect((total(positive, 'scores') + total(negative, 'scores')) * 10).toBeCloseTo(
      Number(expected[0]?.['tenths']),
      9,
    );
    expect(total(unlabelled, 'rows')).toBe(0);
    expect(perBin(positive, 'rows', 1024)[Math.floor(1024 * 0.3)]).toBe(3);
    const slices = first?.slices.map(({ column, value, counts }) => [column, value, counts.resolution]);
    expect(slices).toEqual([
      ['g', 'a', 256],
      ['g', 'b', 256],
      ['g', null, 256],
    ]);
  });

  test('DA5: a label that became known after as-of is no label, and the watermark is the newest one that was', async () => {
    const { buckets, watermark } = await count({ asOf: '2024-01-02T00:00:00.000Z' });
    const [first] = buckets;
    // Row i is known at hour i + 5: of the first day rows 0 to 19, of the second none.
    expect(total(all(buckets, 0).unlabelled, 'rows')).toBe(4);
    expect(total(all(buckets, 1).unlabelled, 'rows')).toBe(24);
    expect(watermark).toBe('2024-01-02T00:00:00.000Z');
    const slices = first?.slices.map(({ counts }) => total(counts.unlabelled, 'rows'));
    expect(slices?.reduce((sum, rows) => sum + rows, 0)).toBe(4);
  });

  test('DA5: surrogate labels are counted as such, and a real label of the same id replaces them', async () => {
    const real = `${LABELS} UNION ALL SELECT 'r0', 1, TIMESTAMP '2024-01-01 01:00', false`;
    const [before, after] = [await count(), await count({}, ROWS, real)];
    expect(before.buckets[0]?.all.surrogates).toBe(3);
    expect(after.buckets[0]?.all.surrogates).toBe(2);
    expect(total(all(after.buckets, 0).positive, 'rows')).toBe(13);
  });

  test('of several labels of an id the latest known one counts', async () => {
    const corrected = `${LABELS} UNION ALL SELECT 'r1', 0, TIMESTAMP '2024-01-02 12:00', false`;
    expect(total(all((await count({}, ROWS, corrected)).buckets, 0).negative, 'rows')).toBe(13);
    const early = await count({ asOf: '2024-01-02T06:00:00Z' }, ROWS, corrected);
    expect(total(all(early.buckets, 0).negative, 'rows')).toBe(12);
  });

  test('only the asked version is counted, and rows of others are told', async () => {
    const rows = { ...request('', []).rows, files: [await world().write('versions.parquet', ROWS)] };
    const found = await count({ rows: { ...rows, version: { column: 'version', is: '7' } } });
    expect(found.others).toBe(12);
    expect(found.buckets).toHaveLength(3);
    const [none, seen] = [
      await count({ rows: { ...rows, version: { column: 'version', is: '9' } } }),
      found.buckets.flatMap((bucket) => [total(bucket.all.positive, 'rows'), total(bucket.all.negative, 'rows')]),
    ];
    expect(none).toMatchObject({ buckets: [], others: 72 });
    expect(seen.reduce((sum, rowsOf) => sum + rowsOf, 0)).toBe(60);
  });

  test('scores may stand in a file of their own, joined by id, and labels without a time are all known', async () => {
    const predictions = await world().write('p.parquet', `SELECT 'r' || i AS id, 0.75e0 AS score FROM range(71) t(i)`);
    const labels = await world().write('l.parquet', `SELECT 'r' || i AS id, 1 AS y FROM range(72) t(i)`);
    const found = await count({ predictions, labels: { files: [labels], id: 'id', label: 'y' } });
    expect(found.buckets.map((bucket) => [total(bucket.all.positive, 'rows'), bucket.all.unscored])).toEqual([
      [24, 0],
      [24, 0],
      [23, 1],
    ]);
    expect(found.watermark).toBeUndefined();
  });

  test('a score that is null, NaN or infinite is no score', async () => {
    const wild = ROWS.replace(
      '(i % 10) / 10e0',
      `CASE i WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE WHEN 2 THEN NULL ELSE 1e0 END`,
    );
    const [first] = (await count({}, wild)).buckets;
    expect(first?.all.unscored).toBe(3);
    expect(first?.all.positive.bins).toEqual([1024]);
  });

  test.each([
    ['a score outside of 0 and 1', ROWS.replace('(i % 10) / 10e0', 'i / 10e0'), LABELS, 'score'],
    ['a label that is neither 0 nor 1', ROWS, LABELS.replace('i % 2', 'i % 3'), 'y'],
  ])('%s is refused by name', async (_, rows, labels, column) => {
    await expect(count({}, rows, labels)).rejects.toMatchObject({ code: 'data-invalid', details: { column } });
  });

  test('a column that is not there is named, and no files are no buckets', async () => {
    expect(await count({}, ROWS.replace('AS score', 'AS other'))).toMatchObject({ buckets: [], absent: 'score' });
    expect(
      await world().store.scores(request('', [], { rows: { ...request('', []).rows, files: [] } }), unwatched),
    ).toEqual({
      buckets: [],
      others: 0,
    });
  });

  test('without slice columns all rows are counted, and only those', async () => {
    const rows = { ...request('', []).rows, files: [await world().write('plain.parquet', ROWS)], slices: [] };
    const [first] = (await count({ rows })).buckets;
    expect(first).toMatchObject({ bucket: days(0, 1), slices: [] });
    expect((await count()).buckets[0]?.all).toEqual(first?.all);
  });

  test('GV10: a hashed slice column is counted by its digest, as snapshots have it', async () => {
    const file = await world().write('hashed.parquet', ROWS);
    const found = await count({ rows: { ...request('', []).rows, files: [file], hashed: ['g'] } });
    const [digests] = await world().sql("SELECT sha256('a') AS a, sha256('b') AS b");
    const values = found.buckets[0]?.slices.map(({ value }) => value);
    expect(new Set(values)).toEqual(new Set([digests?.['a'], digests?.['b'], null]));
  });

  test('labels that are not there at all leave every row unlabelled', async () => {
    const found = await count({ labels: { ...request('', []).labels, files: [] } });
    expect(total(all(found.buckets, 0).unlabelled, 'rows')).toBe(24);
  });

  test('MO5: rows of a slice without a label are counted by score, too, and above the cut: estimates rest on them', async () => {
    const unlabelled = await count({ labels: { ...request('', []).labels, files: [] } });
    const labelled = await count();
    const scoresOf = ({ buckets }: typeof labelled) =>
      buckets.flatMap(({ slices }) =>
        slices.map(({ column, counts, value }) => {
          const cells = allCells(counts);
          return [
            column,
            value,
            perBin(cells, 'rows', 256),
            total(cells, 'flagged'),
            total(cells, 'scores').toFixed(9),
          ];
        }),
      );
    expect(scoresOf(unlabelled)).toEqual(scoresOf(labelled));
    expect(unlabelled.buckets[0]?.slices[0]?.counts.unlabelled.bins.length).toBeGreaterThan(1);
  });

  test('beyond a hundred values of a slice the rarest are left out', async () => {
    const many = ROWS.replace("CASE WHEN i % 3 = 0 THEN 'a' WHEN i % 3 = 1 THEN 'b' END AS g", "'v' || j AS g").replace(
      'range(72) t(i)',
      'range(72) t(i), range(102) s(j) WHERE j >= i % 24',
    );
    const [first] = (await count({}, many)).buckets;
    expect(first?.slices).toHaveLength(100);
    expect(first?.slices.map(({ value }) => value)).not.toContain('v0');
  });
}

/** The counts of a bucket that must be there. */
function all(buckets: readonly ScoredBucket[], index: number): ScoreCounts {
  const found = buckets[index];
  if (found === undefined) throw new Error(`there is no bucket ${index}`);
  return found.all;
}
