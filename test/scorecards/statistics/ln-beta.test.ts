import { describe, expect, test } from '@jest/globals';
import { lnBeta } from '../../../scorecards/statistics/ln-beta.ts';

describe('ln B(a, b)', () => {
  test.each([
    [1, 1, 0],
    [0.5, 0.5, Math.log(Math.PI)],
    [2, 3, -Math.log(12)],
    [10, 1, -Math.log(10)],
    [0.01, 1, -Math.log(0.01)],
    [1e6, 1, -Math.log(1e6)],
  ])('of %d and %d', (a, b, expected) => {
    expect(lnBeta(a, b)).toBeCloseTo(expected, 8);
    expect(lnBeta(b, a)).toBeCloseTo(expected, 8);
  });
});
