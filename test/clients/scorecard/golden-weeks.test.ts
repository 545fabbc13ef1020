import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFilesToJudge } from './files-to-judge.ts';
import { judgedIn } from './judged.ts';
import type { Asked } from './judged.ts';

let folder = '';
beforeAll(async () => {
  folder = await writeFilesToJudge();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const labels = 'labels.parquet';
const judge = async (asked: Asked) => (await judgedIn(folder, 'weeks', { load: 'fast', ...asked })).verdict;

describe('golden cases of blocks of time', () => {
  test('EV3: a gain over the whole holdout with a collapse in its last week is refused, and the week is named', async () => {
    const models = { challenger: 'tired.parquet', champion: 'poor.parquet', holdout: 'weeks.parquet' };
    const { findings, reasons, verdict } = await judge({ ...models, labels });
    expect(verdict).toBe('fail');
    expect(findings.find(({ criterion }) => criterion === 'ranking')).toMatchObject({ judged: 'pass', slice: null });
    expect(findings.filter(({ criterion }) => criterion === 'ranking over time')).toMatchObject([
      { slice: { column: 'time in blocks of 7d', value: '2024-03-01 … 2024-03-07' }, judged: 'pass' },
      { slice: { value: '2024-03-08 … 2024-03-14' }, judged: 'pass' },
      { slice: { value: '2024-03-15 … 2024-03-21' }, judged: 'pass' },
      { slice: { value: '2024-03-22 … 2024-03-28' }, judged: 'fail' },
    ]);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^Ranking over time \(auc\) in 2024-03-22 … 2024-03-28 fell by 0\.\d+ .* a loss of at most 0\.05/,
      ),
      expect.stringMatching(
        /^Weeks apart \(spread of auc\) is 0\.\d+ .* It is 2024-03-22 … 2024-03-28 \(0\.5.* against /,
      ),
      expect.stringMatching(
        /^Worst week \(worst of auc\) fell by 0\.\d+ .* It is worst in 2024-03-22 … 2024-03-28 \(0\.5/,
      ),
    ]);
  });

  test('EV3: a model that is steady over the weeks passes them, the worst of them and how far they are apart', async () => {
    const models = { challenger: 'good.parquet', champion: 'poor.parquet', holdout: 'weeks.parquet' };
    const { reasons } = await judge({ ...models, labels });
    expect(reasons).toEqual(['All 10 findings of 7 criteria hold.']);
  });

  test('EV3: blocks of time of rows that say no time are missing, and so is all that is made of them', async () => {
    const { findings, verdict } = await judge({
      challenger: 'good.parquet',
      champion: 'poor.parquet',
      labels,
    });
    expect(verdict).toBe('inconclusive');
    expect(findings.filter(({ group }) => group === 'robustness').map(({ judged, slice }) => [judged, slice])).toEqual(
      Array.from({ length: 3 }, () => ['missing', null]),
    );
    expect(findings.find(({ criterion }) => criterion === 'worst week')?.sentence).toContain(
      'no column that says when a row was',
    );
  });
});
