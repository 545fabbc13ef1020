import { describe, expect, test } from '@jest/globals';
import { calibrationGap, type OverRating } from '../../../scorecards/statistics/calibration-gap.ts';
import type { Estimate } from '../../../scorecards/vocabulary.ts';
import { present } from '../../present.ts';
import { seededDraws } from '../../seeded-draws.ts';

const group = (rows: number, mean: number, variance: number): OverRating => ({
  rows,
  challenger: { mean, variance },
  covariance: 0,
});

/** Moments of two models' errors in one group; the champion's are the challenger's and some more noise. */
function drawn(rows: number, mean: number, normal: (mean: number, deviation: number) => number): OverRating {
  const a = Array.from({ length: rows }, () => normal(mean, 0.4));
  const b = a.map((one) => one + normal(0, 0.2));
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const moment = (one: readonly number[], other: readonly number[]) =>
    one.reduce((sum, x, row) => sum + (x - meanOf(one)) * (present(other[row]) - meanOf(other)), 0) / (rows - 1);
  return {
    rows,
    challenger: { mean: meanA, variance: moment(a, a) },
    champion: { mean: meanB, variance: moment(b, b) },
    covariance: moment(a, b),
  };
}
const holds = ({ low, high }: Estimate, truth: number): boolean => low <= truth && truth <= high;
const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

describe('the gap of calibration between groups', () => {
  test('MO13: of two groups is the difference of two independent means, by hand', () => {
    // 0.05 − (−0.03), standard error √(0.16 / 100 + 0.09 / 400).
    const { challenger } = present(calibrationGap([group(100, 0.05, 0.16), group(400, -0.03, 0.09)]));
    const half = 1.959963984540054 * Math.sqrt(0.16 / 100 + 0.09 / 400);
    expect(challenger.value).toBeCloseTo(0.08, 12);
    expect(challenger.low).toBe(0);
    expect(challenger.high).toBeCloseTo(0.08 + half, 12);
  });

  test('is none with one group, or with one row in a group', () => {
    expect(calibrationGap([group(100, 0, 1)])).toBeUndefined();
    expect(calibrationGap([group(100, 0, 1), group(1, 0, 1)])).toBeUndefined();
  });

  test.each([
    [[0, 0, 0, 0, 0, 0], 0],
    [[0.1, 0, 0.05, 0.1], 0.1],
  ])('EV8: in groups over-rated by %j the interval holds %f in 95 of 100 samples', (means, truth) => {
    const { normal } = seededDraws(23);
    const held = Array.from({ length: 200 }, () => {
      const found = present(calibrationGap(means.map((mean) => drawn(60, mean, normal))));
      const difference = present(found.difference);
      return [holds(found.challenger, truth), holds(difference, 0)];
    });
    for (const which of [0, 1]) expect(held.filter((one) => one[which]).length / 200).toBeGreaterThan(0.904);
  });

  test('a model against itself differs by nothing', () => {
    const { normal } = seededDraws(5);
    const same = [0, 0.1, 0.3].map((mean) => {
      const one = drawn(50, mean, normal);
      return { ...one, champion: one.challenger, covariance: one.challenger.variance };
    });
    expect(calibrationGap(same)?.difference).toEqual({ value: 0, low: 0, high: 0 });
  });
});
