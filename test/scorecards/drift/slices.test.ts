import { describe, expect, test } from '@jest/globals';
import { driftCriteria } from '../../../scorecards/drift/criteria.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { tellBeyond } from '../../../scorecards/drift/slices-beyond.ts';
import { frequentSlices, rowsBeyond, sketchName } from '../../../scorecards/drift/slices.ts';
import { decides } from '../../../scorecards/performance/decides.ts';
import { fareGrid, criterion, normals, rules, week, WEEK } from './worlds.ts';
import { sketchOf } from './sketches.ts';
import { present } from '../../present.ts';

const MONDAY = { column: 'weekday', value: '1' };
const inMonday = criterion({ name: 'fare psi where weekday is 1', slice: [MONDAY] });
const name = sketchName('fare', MONDAY);
const days = (nulls: number, counts: Readonly<Record<string, number>>) => ({
  grid: 'g',
  rows: Object.values(counts).reduce((sum, count) => sum + count, nulls),
  nulls,
  nonFinite: 0,
  other: 0,
  keys: Object.keys(counts),
  counts: Object.values(counts),
});
const judged = (baseline: readonly number[], current: readonly number[] | undefined) => {
  const plain = week(0);
  const sides = [
    new Map([...plain.baseline, [name, sketchOf(fareGrid, baseline)] as const]),
    new Map([...plain.current, ...(current ? [[name, sketchOf(fareGrid, current)] as const] : [])]),
  ] as const;
  const facts = plain.facts.map((day) => ({ ...day, columns: [...day.columns, { name: 'weekday', type: 'INTEGER' }] }));
  const criteria = [criterion(), inMonday];
  return present(judgeWindow({ ...plain, facts, criteria, baseline: sides[0], current: sides[1] })[1]);
};

describe('drift of a feature in slices', () => {
  test('is judged on the rows of the slice, and named with it', () => {
    const found = judged(normals(3, 3000), normals(4, 1000, 0.8));
    expect(found).toMatchObject({
      judged: 'fail',
      reason: 'breach',
      measurement: { n: { current: 1000, baseline: 3000 } },
    });
    expect(found.sentence).toMatch(/^fare where weekday is 1: PSI /);
  });

  test.each([
    ['too few rows now', normals(3, 3000), normals(4, 499, 0.8)],
    ['no row now', normals(3, 3000), []],
    ['too few rows in the baseline', normals(3, 499), normals(4, 1000, 0.8)],
    ['one value only', [1, 1, 1, ...Array.from({ length: 600 }, () => 1)], Array.from({ length: 600 }, () => 1)],
  ])('N10: a slice with %s is shown as too small to be judged and decides nothing', (_, baseline, current) => {
    const found = judged(baseline, current);
    expect(found).toMatchObject({ judged: 'inconclusive', level: 'none', reason: 'suppressed-slice' });
    expect(found.sentence).toMatch(/^fare where weekday is 1: .* Not judged\.$/);
    expect(decides(found)).toBe(false);
  });

  test('a slice whose values all became null is missing, which is never calm', () => {
    const found = judged(
      normals(3, 3000),
      Array.from({ length: 700 }, () => Number.NaN),
    );
    expect(found).toMatchObject({ judged: 'missing', reason: 'all-null' });
    expect(decides(found)).toBe(true);
  });

  test('a slice column that is gone is named, not the feature', () => {
    const slice = [{ column: 'branch', value: 'x' }];
    const found = present(judgeWindow(week(0, { criteria: [criterion({ slice })] }))[0]);
    expect(found).toMatchObject({ judged: 'missing', reason: 'column-absent' });
    expect(found.sentence).toMatch(/^branch: the column is absent since /);
  });
});

describe('which slices there are', () => {
  test('are the most frequent of the baseline, null among them; of equally frequent ones the first by name', () => {
    const counted = days(30, { d: 20, b: 40, c: 20, a: 5 });
    expect(frequentSlices('g', counted, 3)).toEqual({ column: 'g', values: ['b', null, 'c'] });
    expect(rowsBeyond(frequentSlices('g', counted, 3), counted)).toBe(25);
    expect(rowsBeyond({ column: 'g', values: ['b'] }, counted)).toBe(75);
  });

  test('MO9: rows beyond them are counted and told, not judged', () => {
    const list = frequentSlices('g', days(0, { a: 900, b: 100 }), 1);
    const [told] = tellBeyond([list], new Map([['g', days(50, { a: 500, z: 450 })]]), WEEK);
    expect(told).toMatchObject({ judged: 'pass', level: 'none', measurement: { value: 0.5 } });
    expect(present(told).sentence).toBe(
      'g: 500 of 1,000 rows in 7 days (50 %) lie in none of the 1 slices that are counted by themselves.',
    );
    expect(tellBeyond([list], new Map([['g', days(0, { a: 500 })]]), WEEK)).toEqual([]);
  });

  test('a feature is not told apart by its own values, and weighs in a slice what it weighs anywhere', () => {
    const features = [
      { name: 'fare', type: 'continuous', importance: 3, critical: true },
      { name: 'weekday', type: 'categorical' },
    ] as const;
    const lists = [{ column: 'weekday', values: ['1', null] }];
    const asked = driftCriteria(rules({}, { features }), {
      features,
      inSlices: { features: ['fare', 'weekday'], lists },
    }).filter(({ slice }) => slice.length > 0);
    expect(asked.map((one) => one.name)).toEqual([
      'fare ks where weekday is 1',
      'fare psi where weekday is 1',
      'fare ks where weekday is null',
      'fare psi where weekday is null',
    ]);
    expect(asked.map(({ critical, weight }) => [critical, weight])).toEqual(asked.map(() => [true, 3]));
  });
});
