import { describe, expect, test } from '@jest/globals';
import { growthPerMinute, quantile } from '../../../bench/jobs/statistics.ts';

describe('quantile', () => {
  test('lies between neighbours, by distance', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5, 9);
  });

  test('of one sample is that sample, of none is no number', () => {
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('growth per minute', () => {
  test('is the slope, whatever the beginning', () => {
    const samples = [0, 1, 2, 3].map((second) => ({ at: 5_000 + second * 1000, value: 300 + second * 2 }));
    expect(growthPerMinute(samples)).toBeCloseTo(120, 9);
  });

  test('is none for what goes up and down around one value', () => {
    const samples = [300, 310, 310, 300].map((value, second) => ({ at: second * 1000, value }));
    expect(growthPerMinute(samples)).toBeCloseTo(0, 9);
  });
});
