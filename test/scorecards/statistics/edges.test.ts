import { describe, expect, test } from '@jest/globals';
import { bhattacharyya } from '../../../scorecards/statistics/bhattacharyya.ts';
import { hellinger } from '../../../scorecards/statistics/hellinger.ts';
import { jensenShannon } from '../../../scorecards/statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../../../scorecards/statistics/kullback-leibler.ts';
import { lInfinity } from '../../../scorecards/statistics/l-infinity.ts';
import { nullRate } from '../../../scorecards/statistics/null-rate.ts';
import { psiNoise } from '../../../scorecards/statistics/psi-noise.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { totalVariation } from '../../../scorecards/statistics/total-variation.ts';
import { unseenShare } from '../../../scorecards/statistics/unseen-share.ts';
import { wasserstein } from '../../../scorecards/statistics/wasserstein.ts';
import { present } from '../../present.ts';

describe('one row a side', () => {
  const apart = { baseline: [1, 0], current: [0, 1] };

  test('is as far apart as anything for bounded distances', () => {
    expect(hellinger(apart)?.value).toBe(1);
    expect(totalVariation(apart)?.value).toBe(1);
    expect(lInfinity(apart)).toBe(1);
    expect(jensenShannon(apart)).toMatchObject({ divergence: 1, distance: 1 });
    expect(kolmogorovSmirnov(apart)?.low).toBe(1);
  });

  test('lies infinitely far apart for Bhattacharyya, which is no number', () => {
    expect(bhattacharyya(apart)).toBeUndefined();
    expect(bhattacharyya({ baseline: [1], current: [1] })).toBe(0);
  });

  test('never exceeds the noise of PSI, and says nothing certain', () => {
    const { floor, interval, value } = present(psi(apart));
    expect(value).toBeLessThan(floor);
    expect(interval.low).toBe(0);
    expect(kullbackLeibler(apart)?.interval.low).toBe(0);
  });

  test('lies as far apart as its two values', () => {
    const places = { left: [2, 7], right: [2, 7] };
    expect(wasserstein(apart, places)).toEqual({ value: 5, low: 5, high: 5 });
  });
});

describe('places', () => {
  test('whose distance is not a finite number have none', () => {
    const counts = { baseline: [1, 0], current: [0, 1] };
    expect(wasserstein(counts, { left: [-1e308, 1e308], right: [-1e308, 1e308] })).toBeUndefined();
    expect(wasserstein(counts, { left: [0], right: [0] })).toBeUndefined();
  });

  test('of equal shares at opposite ends of one bin are within its error', () => {
    const found = wasserstein({ baseline: [10], current: [10] }, { left: [0], right: [1] });
    expect(found).toEqual({ value: 0, low: 0, high: 1 });
  });
});

describe('a share of nulls', () => {
  const rows = (nulls: number, of: number) => ({ nulls, rows: of });

  test('is an estimate at none and at all of them', () => {
    expect(nullRate(rows(0, 20), rows(0, 20))?.current).toEqual({
      value: 0,
      low: 0,
      high: expect.closeTo(0.16112515805281938, 12),
    });
    expect(nullRate(rows(20, 20), rows(0, 20))?.current).toMatchObject({ value: 1, high: 1 });
    expect(nullRate(rows(0, 0), rows(0, 20))).toBeUndefined();
  });

  test('has risen with certainty when the lower end of its change is above zero', () => {
    expect(present(nullRate(rows(300, 10_000), rows(200, 10_000))).change.low).toBeGreaterThan(0);
    expect(present(nullRate(rows(300, 10_000), rows(200, 10_000), 20)).change.low).toBeLessThan(0);
  });
});

describe('a share of unseen categories', () => {
  test('of one row excludes little, and of none says nothing', () => {
    const { current } = present(unseenShare({ unseen: 1, rows: 1 }, { unseen: 0, rows: 100 }));
    expect(current).toMatchObject({ value: 1, high: 1 });
    expect(current.low).toBeLessThan(0.25);
    expect(unseenShare({ unseen: 0, rows: 0 }, { unseen: 0, rows: 100 })).toBeUndefined();
  });
});

test('one bin has no noise', () => {
  expect(psiNoise(0, 1, 0.01)).toEqual({ floor: 0, p: 1, mean: 0 });
});
