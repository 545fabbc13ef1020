import { expect, test } from '@jest/globals';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { WEEK, week } from './worlds.ts';

/** A week of 7 × 1,000 rows in their place, and so many elsewhere in the file of its third day. */
function judged(rows: number, change: Parameters<typeof week>[1] = {}) {
  const { facts } = week(0);
  const strays = { column: 'at', rows, first: '1970-01-01T00:00:00.000Z', last: '2999-01-01T00:00:00.000Z' };
  const strewn = facts.map((fact, index) => (index === 2 ? { ...fact, strays } : fact));
  const findings = judgeWindow(week(0, { facts: strewn, ...change }));
  const stray = findings.find(({ criterion }) => criterion.metric === 'strayRows');
  return { stray, verdict: decideDrift(findings, { share: 0.3, window: WEEK }).verdict };
}

test('rows of another day than their file fail from one in a hundred on, and the sentence says how many, where and when', () => {
  const { stray, verdict } = judged(3000);
  expect(verdict).toBe('drift');
  expect(stray).toMatchObject({ judged: 'fail', level: 'breach', measurement: { value: 0.3, n: { current: 10_000 } } });
  expect(stray?.sentence).toMatch(/^at: 3,000 of 10,000 rows \(30 %\) .* 2001-04-26 \(from 1970-01-01.* to 2999-01-01/);
});

test.each([
  [1, 'warn'],
  [70, 'warn'],
  [71, 'drift'],
])('%d of 7,000 rows and so many more is %s', (rows, word) => {
  expect(judged(rows).verdict).toBe(word);
});

test('an incomplete window is no alarm, whatever stands in its files', () => {
  const presentBuckets = week(0).presentBuckets.slice(1);
  expect(judged(3000, { presentBuckets }).stray).toMatchObject({ judged: 'inconclusive', reason: 'too-few-buckets' });
});

test('where every row is in its place nothing is said', () => {
  expect(judgeWindow(week(0)).map(({ criterion }) => criterion.metric)).not.toContain('strayRows');
});

test('of several days the one with most such rows is named, and a share that is there is never told as none', () => {
  const facts = week(0).facts.map((fact, index) => ({
    ...fact,
    strays: { column: 'at', rows: 1 + Number(index === 4) },
  }));
  const many = facts.map((fact) => ({ ...fact, rows: 100_000 }));
  const stray = judgeWindow(week(0, { facts: many })).find(({ criterion }) => criterion.metric === 'strayRows');
  expect(stray?.sentence).toMatch(
    /^at: 8 of 700,008 rows \(< 0\.01 %\) .* most of them in 2001-04-28 \(without a time\)/,
  );
});

test('one row in a hundred is too many, to the row', () => {
  const facts = week(0).facts.map((fact) => ({ ...fact, rows: 99, strays: { column: 'at', rows: 1 } }));
  const stray = judgeWindow(week(0, { facts })).find(({ criterion }) => criterion.metric === 'strayRows');
  expect(stray).toMatchObject({ judged: 'fail', measurement: { value: 0.01 } });
});
