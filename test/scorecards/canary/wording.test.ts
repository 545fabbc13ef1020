import { describe, expect, test } from '@jest/globals';
import { asEvidence, asPercent, asTime, counted, percentOf } from '../../../scorecards/canary/wording.ts';

describe('numbers in sentences', () => {
  test.each([
    [0, '0 %'],
    [0.001, '0.10 %'],
    [0.0375, '3.8 %'],
    [0.0994, '9.9 %'],
    [0.0996, '10 %'],
    [1, '100 %'],
    [0.000_001_23, '0.00012 %'],
  ])('the share %d reads %s', (share, text) => {
    expect(asPercent(share)).toBe(text);
  });

  test('counts have separators, and a share of nothing is nothing', () => {
    expect([0, 999, 4560, 1_234_567].map(counted)).toStrictEqual(['0', '999', '4,560', '1,234,567']);
    expect(percentOf(0, 0)).toBe('nothing');
  });

  test('evidence is exact where it is small and short where it is not', () => {
    expect([0.04, 3.21, 412.3, 5e7].map(asEvidence)).toStrictEqual(['0.0', '3.2', '412', 'over 1,000,000']);
  });

  test('times have one unit', () => {
    expect([45_000, 600_000, 86_400_000].map(asTime)).toStrictEqual(['45 s', '10 m', '24 h']);
  });
});
