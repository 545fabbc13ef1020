import { describe, expect, test } from '@jest/globals';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import type { WindowInput } from '../../../scorecards/drift/window-input.ts';
import { bucketsOf } from '../../../scorecards/drift/windows.ts';
import { present } from '../../present.ts';
import { sketchFrom } from './sketches.ts';
import { read, DAY, fareGrid, WEEK, week } from './worlds.ts';

const one = (input: WindowInput) => present(judgeWindow(input)[0]);
const days = bucketsOf(WEEK, DAY);

describe('what is not there', () => {
  const withoutFare = (day: number) => ({
    bucket: present(days[day]),
    rows: 1000,
    columns: [{ name: 'tip', type: 'DOUBLE' }],
  });

  test('an absent column is missing since its first day without it', () => {
    const facts = [...week(0).facts.slice(0, 3), ...[3, 4, 5, 6].map(withoutFare)];
    const found = one(week(0, { facts, current: new Map() }));
    expect(read(found)).toEqual(['missing', 'none', 'column-absent']);
    expect(found.sentence).toBe('fare: the column is absent since 2001-04-27. Not judged.');
  });

  test('a window without any day is missing', () => {
    const found = one(week(0, { presentBuckets: [], facts: [], current: new Map() }));
    expect(read(found)).toEqual(['missing', 'none', 'no-data']);
  });

  test('a column of nulls is missing, not steady', () => {
    const nulls = sketchFrom(fareGrid, {}, { nulls: 7000 });
    expect(read(one(week(0, { current: new Map([['fare', nulls]]) })))).toEqual(['missing', 'none', 'all-null']);
  });

  test('a feature that the champion never saw is missing', () => {
    expect(read(one(week(0, { baseline: new Map() })))).toEqual(['missing', 'none', 'no-data']);
  });

  test('a window without rows is inconclusive', () => {
    const empty = sketchFrom(fareGrid, {});
    expect(read(one(week(0, { current: new Map([['fare', empty]]) })))).toEqual([
      'inconclusive',
      'none',
      'too-few-rows',
    ]);
  });

  test('a column that got stuck on one value drifts', () => {
    const stuck = sketchFrom(fareGrid, { 3: 7000 });
    expect(judgeWindow(week(0, { current: new Map([['fare', stuck]]) })).map(({ judged }) => judged)).toEqual([
      'fail',
      'fail',
    ]);
  });
});
