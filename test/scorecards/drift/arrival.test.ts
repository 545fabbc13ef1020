import { describe, expect, test } from '@jest/globals';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { judgeVolumes } from '../../../scorecards/drift/volume.ts';
import type { Arrival, WindowInput } from '../../../scorecards/drift/window-input.ts';
import type { DriftMetric } from '../../../scorecards/drift/verdict.ts';
import { bucketsOf } from '../../../scorecards/drift/windows.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { DAY, TRAINING, week, WEEK } from './worlds.ts';

const HOUR = 3_600_000;
const DAYS = bucketsOf(WEEK, DAY);
const COLUMNS = ['fare', 'at'].map((name) => ({ name, type: 'DOUBLE' }));
const weekday = ({ from }: { readonly from: string }): number => new Date(from).getUTCDay();
/** Half as many rows on Sundays. */
const usualRows = (bucket: { readonly from: string }): number => (weekday(bucket) === 0 ? 500 : 1000);
const usual = bucketsOf(TRAINING, DAY).map((bucket, index) => ({
  bucket,
  rows: Math.round(usualRows(bucket) * (1 + 0.02 * Math.sin(index))),
}));

const arrival: Arrival = {
  time: 'at',
  freshWithinMs: 48 * HOUR,
  volume: { atLeast: 0.5, atMost: 2, severity: 'warn' },
  usual,
};

/** A usual week, with so many rows on some of its days, and its newest row so many hours before its end. */
function factsOf(rows: Readonly<Record<number, number>> = {}, hours = 0.5): WindowInput['facts'] {
  const newest = Date.parse(WEEK.until) - hours * HOUR;
  return DAYS.map((bucket, index) => {
    const here = Math.min(newest, Date.parse(bucket.until) - HOUR / 2);
    const isThere = here >= Date.parse(bucket.from);
    const count = rows[index] ?? usualRows(bucket);
    const event = isThere ? { newestEvent: new Date(here).toISOString() } : {};
    return { bucket, rows: isThere ? count : 0, columns: COLUMNS, ...event };
  });
}

function judged(metric: DriftMetric, facts: WindowInput['facts'], given: Partial<WindowInput> = {}) {
  const findings = judgeWindow(week(0, { facts, arrival, ...given }));
  const { verdict } = decideDrift(findings, { share: 0.3, window: WEEK });
  return { found: findings.find(({ criterion }) => criterion.metric === metric), verdict };
}

const hourOf = (index: number) => {
  const from = Date.parse(TRAINING.from) + index * HOUR;
  return { from: new Date(from).toISOString(), until: new Date(from + HOUR).toISOString() };
};

test('a usual week has nothing to say of when rows came and how many', () => {
  const metrics = judgeWindow(week(0, { facts: factsOf(), arrival })).map(({ criterion }) => criterion.metric);
  expect(metrics).toEqual(['psi', 'ks']);
});

describe('freshness of a window', () => {
  test('FE4: rows that stopped more than 48 hours before the end are a breach of quality, with their age', () => {
    const { found, verdict } = judged('freshness', factsOf({}, 60));
    expect(found).toMatchObject({
      judged: 'fail',
      criterion: { kind: 'quality', column: 'at' },
      measurement: { value: 60 },
    });
    expect(found?.sentence).toMatch(
      /^at: the newest of [\d,]+ rows is of 2001-04-28T12:00:00.000Z, 60 hours before the end of the window from 2001-04-24 until 2001-05-01; at most 48 are allowed\.$/,
    );
    expect(verdict).toBe('drift');
  });

  test.each([
    [48, 48 * HOUR, false],
    [48.01, 48 * HOUR, true],
    [24, HOUR, false],
    [24.01, HOUR, true],
  ])('%d hours within %d ms: late is %s; a bound shorter than a bucket is a bucket', (hours, freshWithinMs, isLate) => {
    const { found } = judged('freshness', factsOf({}, hours), { arrival: { ...arrival, freshWithinMs, usual: [] } });
    expect(found !== undefined).toBe(isLate);
  });

  test('a complete window without a single row is late by its whole length', () => {
    const { found } = judged('freshness', factsOf({}, 24 * 7 + 1));
    expect(found).toMatchObject({ judged: 'fail', measurement: { value: 168 } });
    expect(found?.sentence).toContain('there is no row in 7 days of the window');
  });

  test('without the column of times nobody knows, which is never a pass', () => {
    const facts = factsOf().map((fact) => ({ ...fact, columns: [{ name: 'fare', type: 'DOUBLE' }] }));
    expect(judged('freshness', facts).found).toMatchObject({ judged: 'missing', reason: 'column-absent' });
  });

  test('an incomplete window is no alarm, and without files there is nothing to say', () => {
    const part = { presentBuckets: DAYS.slice(0, -1) };
    expect(judged('freshness', factsOf({}, 60).slice(0, -1), part).found).toBeUndefined();
    expect(judged('freshness', [], { presentBuckets: [] }).found).toBeUndefined();
  });
});

describe('volume of a window', () => {
  test('a day with a tenth of its usual rows warns, against its own weekday', () => {
    const { found, verdict } = judged('volume', factsOf({ 2: 100 }));
    expect(found).toMatchObject({ judged: 'pass', level: 'warn', reason: 'warning', criterion: { kind: 'quality' } });
    expect(found?.sentence).toMatch(
      /^at: 2001-04-26 has 100 rows, 0\.0999 times the 1,00\d that are usual then in the baseline; expected 0\.5 to 2 times\.$/,
    );
    expect(verdict).toBe('warn');
  });

  test('where the policy says fail it is drift of quality', () => {
    const volume = { ...arrival.volume, severity: 'fail' } as const;
    expect(judged('volume', factsOf({ 2: 100 }), { arrival: { ...arrival, volume } })).toMatchObject({
      found: { judged: 'fail', level: 'breach' },
      verdict: 'drift',
    });
  });

  test.each([
    ['no rows on one day', { 1: 0 }, true],
    ['thrice as many', { 1: 3000 }, true],
    ['a little less than half', { 1: 480 }, true],
    ['a little more than half', { 1: 520 }, false],
    ['as many on a Sunday as on other days', { 5: 1100 }, true],
    ['half as many on a Sunday, as ever', { 5: 500 }, false],
  ])('%s', (_, rows, isFar) => {
    expect(judged('volume', factsOf(rows)).found !== undefined).toBe(isFar);
  });

  test('the farthest day is told, and how many more are out of bounds', () => {
    const { found } = judged('volume', factsOf({ 1: 300, 2: 0, 3: 2500 }));
    expect(found?.sentence).toMatch(/^at: 2001-04-26 has 0 rows, 0 times .*, as 2 more of 7 are\.$/);
  });

  test('a baseline whose days differ wildly makes a wild day no outlier', () => {
    const draws = seededDraws(4);
    const wild = usual.map(({ bucket }) => ({ bucket, rows: Math.round(1000 * Math.exp(draws.normal())) }));
    expect(judged('volume', factsOf({ 2: 250 }), { arrival: { ...arrival, usual: wild } }).found).toBeUndefined();
    expect(judged('volume', factsOf({ 2: 0 }), { arrival: { ...arrival, usual: wild } }).found).toBeDefined();
  });

  test('a handful of rows is not told from chance', () => {
    const few = usual.map(({ bucket }) => ({ bucket, rows: 4 }));
    const rows = { 0: 4, 1: 4, 2: 1, 3: 4, 4: 4, 5: 4, 6: 4 };
    expect(judged('volume', factsOf(rows), { arrival: { ...arrival, usual: few } }).found).toBeUndefined();
  });

  test.each([
    ['fewer than 8 days are known', usual.slice(0, 7)],
    ['the days known are of another length', usual.map(({ rows }, index) => ({ bucket: hourOf(index), rows }))],
    ['a weekday usually has no rows', usual.map((one) => ({ ...one, rows: 1000 * Number(weekday(one.bucket) !== 4) }))],
  ])('nothing is said where %s', (_, known) => {
    const rows = { 2: 0, 5: 1000 };
    expect(judged('volume', factsOf(rows), { arrival: { ...arrival, usual: known } }).found).toBeUndefined();
  });

  test('an incomplete window is no alarm', () => {
    const part = { presentBuckets: DAYS.slice(1) };
    expect(judged('volume', factsOf({ 2: 0 }).slice(1), part).found).toBeUndefined();
  });

  test('ten years of weeks whose days have a hundred rows by chance warn once at most', () => {
    const draws = seededDraws(7);
    const around = (bucket: { readonly from: string }) => {
      const mean = usualRows(bucket) / 10;
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * draws.normal()));
    };
    const quiet = { ...arrival, usual: usual.map(({ bucket }) => ({ bucket, rows: around(bucket) })) };
    const base = week(0, { arrival: quiet });
    const alarms = Array.from({ length: 520 }, () => {
      const facts = DAYS.map((bucket) => ({ bucket, rows: around(bucket), columns: COLUMNS }));
      return judgeVolumes({ ...base, facts });
    });
    expect(alarms.flat().length).toBeLessThanOrEqual(1);
  });
});
