import { describe, expect, test } from '@jest/globals';
import { logAddExp, logMeanExp, logSpaced, logSumExp } from '../../../scorecards/canary/log-space.ts';

describe('arithmetic on logarithms', () => {
  test('sums and means are exact where the numbers themselves would overflow', () => {
    expect(logAddExp(5000, 5000)).toBeCloseTo(5000 + Math.LN2, 12);
    expect(logSumExp([-5000, -5000, -5000])).toBeCloseTo(-5000 + Math.log(3), 12);
    expect(logMeanExp([Math.log(1), Math.log(3)])).toBeCloseTo(Math.LN2, 12);
  });

  test('zero is minus infinity and changes nothing', () => {
    expect(logAddExp(-Infinity, 1.25)).toBe(1.25);
    expect(logAddExp(1.25, -Infinity)).toBe(1.25);
    expect(logAddExp(-Infinity, -Infinity)).toBe(-Infinity);
    expect([logSumExp([]), logSumExp([-Infinity])]).toStrictEqual([-Infinity, -Infinity]);
  });

  test('a grid has both its ends and a constant ratio', () => {
    const [one, ten, hundred] = logSpaced(1, 100, 3);
    expect([one, hundred]).toStrictEqual([1, 100]);
    expect(ten).toBeCloseTo(10, 12);
  });
});
