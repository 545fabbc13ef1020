import { describe, expect, test } from '@jest/globals';
import { upperRate } from '../../../scorecards/canary/confidence-sequence.ts';
import { seededDraws } from '../../seeded-draws.ts';

describe('the upper end of a confidence sequence of a rate', () => {
  test.each([
    [700, 1000, 100, 0.745949],
    [15, 50, 50, 0.511896],
    [5, 50, 50, 0.269264],
    [1, 50, 50, 0.13489],
    [1, 2, 50, 1],
  ])('%d of %d agrees with the published tests of confseq', (bad, n, tunedTo, expected) => {
    expect(upperRate(bad, n, 0.05, tunedTo)).toBeCloseTo(expected, 5);
  });

  test.each([
    [700, 1000, 100, 0.651629],
    [15, 50, 50, 0.129556],
    [5, 50, 50, 0.013021],
    [1, 50, 50, 0],
    [1, 2, 50, 0],
  ])('%d of %d: so do the lower ends, which are the upper ends of what was not bad', (bad, n, tunedTo, expected) => {
    expect(1 - upperRate(n - bad, n, 0.05, tunedTo)).toBeCloseTo(expected, 5);
  });

  test('without events, or with bad ones only, nothing is excluded', () => {
    expect([upperRate(0, 0), upperRate(7, 7)]).toStrictEqual([1, 1]);
  });

  test('zero errors still leave room, and less of it the more was served', () => {
    const ends = [100, 1000, 10_000, 100_000, 1_000_000].map((n) => upperRate(0, n));
    expect(ends.toSorted((a, b) => b - a)).toStrictEqual(ends);
    expect(ends.at(-1)).toBeGreaterThan(0);
  });

  test('it covers the true rate at every stop in at least 99 % of runs', () => {
    const { uniform } = seededDraws(31);
    const runs = Array.from({ length: 300 }, () => coveredThroughout(uniform, 0.02));
    expect(runs.filter((covered) => !covered).length).toBeLessThanOrEqual(3);
  });
});

/** One run of 1,000 events, with a look at every fiftieth. */
function coveredThroughout(uniform: () => number, rate: number): boolean {
  let bad = 0;
  let covered = true;
  for (let n = 1; n <= 1000; n++) {
    if (uniform() < rate) bad += 1;
    if (n % 50 === 0) covered &&= upperRate(bad, n, 0.01, 1000) >= rate;
  }
  return covered;
}
