import { describe, expect, test } from '@jest/globals';
import { driftCriteria } from '../../../scorecards/drift/criteria.ts';
import { judgeDistance } from '../../../scorecards/drift/judge.ts';
import { dayToDay, distancesOfDay, widened } from '../../../scorecards/drift/learned.ts';
import { criterion, fareGrid, normals, rules, week } from './worlds.ts';
import { sketchOf } from './sketches.ts';

const EIGHT = [0.1, 0.12, 0.08, 0.1, 0.11, 0.09, 0.13, 0.07];

describe('bounds that know what is usual', () => {
  test('NannyML/nannyml#250: lie three deviations above the mean of the days, by hand', () => {
    const taught = dayToDay(new Map([['fare psi', EIGHT]]));
    expect(taught['fare psi']).toEqual({ mean: expect.closeTo(0.1, 12), sd: expect.closeTo(0.02, 12), days: 8 });
    expect(widened(criterion({ warn: 0.02, limit: 0.1 }), taught['fare psi'])).toMatchObject({
      warn: 0.16,
      limit: 0.16,
      learnedFrom: 8,
    });
  });

  test('are never below those of the policy: seven days, or calm ones, change nothing', () => {
    expect(dayToDay(new Map([['fare psi', EIGHT.slice(1)]]))).toEqual({});
    expect(widened(criterion(), undefined)).toEqual(criterion());
    expect(widened(criterion(), { mean: 0.01, sd: 0.01, days: 30 })).toEqual(criterion());
    expect(widened(criterion(), { mean: 0.06, sd: 0.03, days: 30 })).toEqual(criterion({ warn: 0.15 }));
  });

  test('are given to the feature over all rows, not to its slices', () => {
    const features = [{ name: 'fare', type: 'continuous' }] as const;
    const inSlices = { features: ['fare'], lists: [{ column: 'g', values: ['a'] }] };
    const learned = { 'fare psi': { mean: 0.2, sd: 0.1, days: 9 } };
    const limits = driftCriteria(rules(), { features, inSlices, learned })
      .filter(({ metric }) => metric === 'psi')
      .map(({ name, limit }) => [name, limit]);
    expect(limits).toEqual([
      ['fare psi', 0.5],
      ['fare psi where g is a', 0.2],
    ]);
  });

  test('N1: what lies beyond the written bound and below the learned one does not fire, and the sentence says from what', () => {
    const usual = widened(criterion(), { mean: 0.15, sd: 0.05, days: 41 });
    const measurement = { value: 0.25, n: { current: 7000, baseline: 20_000 }, p: { raw: 0, adjusted: 0 } };
    expect(judgeDistance(criterion(), measurement)).toMatchObject({ judged: 'fail' });
    expect(judgeDistance(usual, measurement)).toMatchObject({ judged: 'pass', level: 'none' });
    const found = judgeDistance(usual, { ...measurement, value: 0.31 });
    expect(found).toMatchObject({ judged: 'fail' });
    expect(found.sentence).toContain('PSI 0.310, limit 0.30, learned from 41 days (');
  });

  test('a day with too few rows teaches nothing', () => {
    const { baseline, grids } = week(0);
    const of = { grids, baseline: Object.fromEntries(baseline) };
    const distancesFor = (rows: number) =>
      distancesOfDay([criterion()], { ...of, day: new Map([['fare', sketchOf(fareGrid, normals(9, rows, 0.5))]]) });
    expect(distancesFor(499)).toEqual([]);
    expect(distancesFor(500)).toEqual([['fare psi', expect.closeTo(0.25, 1)]]);
  });
});
