import { expect, test } from '@jest/globals';
import { estimateText, exactText, unitOf } from '../../../clients/report/quantity.ts';
import type { CriterionMetric } from '../../../scorecards/scorecard-schema.ts';

const of = (value: number, low: number, high: number) => ({ value, low, high });

test.each([
  ['auc', of(0.72123, 0.7042, 0.7402), '0.721 [0.704, 0.740]'],
  ['auc', of(0.72123, 0.72103, 0.72143), '0.72123 [0.72103, 0.72143]'],
  ['p99', of(41.327, 40.11, 42.6), '41.3 ms [40.1, 42.6]'],
  ['bytes', of(12_345_678, 12_345_678, 12_345_678), '12.3 MB'],
  ['bytes', of(1, 1, 1), '0.000001 MB'],
  ['cost', of(1234.4, 1100, 1400), '1234 [1100, 1400]'],
  ['mae', of(-0.5, -0.6, -0.4), '−0.50 [−0.60, −0.40]'],
  ['recall', of(0, 0, 0), '0'],
  ['recall', of(0, 0, 0.004), '0.0000 [0.0000, 0.0040]'],
] as const)(
  'a number of %s has its unit, and as many decimals as its interval allows: %j',
  (metric, estimate, text) => {
    expect(estimateText(estimate, unitOf(metric))).toBe(text);
  },
);

test('a change has a sign, and none at zero', () => {
  const change = (value: number, low: number, high: number) =>
    estimateText(of(value, low, high), unitOf('p99'), { isChange: true });
  expect(change(3, 1, 5)).toBe('+3.0 ms [+1.0, +5.0]');
  expect(change(-0.001, -2, 2)).toBe('0.0 ms [−2.0, +2.0]');
  expect(exactText(-0.002, unitOf('auc'), { isChange: true })).toBe('−0.002');
  expect(exactText(0.1 + 0.2, unitOf('auc'))).toBe('0.3');
});

test('a metric of another version has no unit, and nothing measured is nothing', () => {
  expect(estimateText(of(5, 4, 6), unitOf('novel' as CriterionMetric))).toBe('5.0 [4.0, 6.0]');
  expect(estimateText(undefined, unitOf('auc'))).toBe('');
});
