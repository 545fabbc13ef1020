import { expect, test } from '@jest/globals';
import type { SumRequest } from '../../../activities/ports/score-questions.ts';
import { DAY, days, midnight, unwatched, type World } from './world.ts';

export function sumTests(world: () => World): void {
  const ROWS = `SELECT 'r' || i AS id, TIMESTAMP '2024-01-01' + to_hours(i) AS seen,
    CASE i WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE ELSE 2e0 END AS paid FROM range(48) t(i)`;
  const LABELS = `SELECT 'r' || i AS id, 3e0 AS spent, TIMESTAMP '2024-01-01' + to_hours(i + 30) AS known_at FROM range(48) t(i)`;
  const ask = async (more: Partial<SumRequest> = {}) => {
    const file = await world().write('rows.parquet', ROWS);
    const rows = { files: [file], id: 'id', time: 'seen' };
    return await world().store.sums(
      { span: days(0, 3), bucketMs: DAY, rows, column: 'paid', asOf: midnight(3), ...more },
      unwatched,
    );
  };

  test('DA9: a column is counted and added by bucket, without nulls and what is not finite', async () => {
    expect(await ask()).toEqual({
      buckets: [
        { bucket: days(0, 1), rows: 22, sum: 44 },
        { bucket: days(1, 2), rows: 24, sum: 48 },
      ],
    });
    expect((await ask({ span: days(1, 2) })).buckets).toHaveLength(1);
  });

  test('a column of the labels is joined by id: the latest value known at as-of, in the bucket of the row', async () => {
    const corrected = `${LABELS} UNION ALL SELECT 'r0', 5e0, TIMESTAMP '2024-01-02 12:00'`;
    const labels = { files: [await world().write('labels.parquet', corrected)], id: 'id', availableAt: 'known_at' };
    const early = await ask({ column: 'spent', labels, asOf: '2024-01-02T08:00:00Z' });
    expect(early).toEqual({ buckets: [{ bucket: days(0, 1), rows: 3, sum: 9 }] });
    const late = await ask({ column: 'spent', labels, asOf: midnight(9) });
    expect(late.buckets).toEqual([
      { bucket: days(0, 1), rows: 24, sum: 74 },
      { bucket: days(1, 2), rows: 24, sum: 72 },
    ]);
  });

  test('a column that is not there is named, and no files are no buckets', async () => {
    expect(await ask({ column: 'gone' })).toEqual({ buckets: [], absent: 'gone' });
    const labels = { files: [], id: 'id', availableAt: 'known_at' };
    expect(await ask({ column: 'spent', labels })).toEqual({ buckets: [], absent: 'spent' });
    expect(await ask({ rows: { files: [], id: 'id', time: 'seen' } })).toEqual({ buckets: [] });
  });
}
