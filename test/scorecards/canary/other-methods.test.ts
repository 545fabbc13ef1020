import { describe, expect, test } from '@jest/globals';
import {
  harmRatios,
  logEvidence,
  multiply,
  openMixture,
  rateLogRatios,
  shareLogRatios,
} from '../../../scorecards/canary/share-engine.ts';
import { mannWhitney, twoByTwo, wald } from './other-methods.ts';

const digits = (text: string) => text.split('').map(Number);
const STREAMS = [digits('1111110111'), digits('0010100000')] as const;

/** The engine on the same two streams, a pair a look. */
function ours([a, b]: readonly [readonly number[], readonly number[]]): number {
  const grid = harmRatios(1);
  const looks = a.map((bad, index) => ({
    challenger: { requests: 1, bad },
    champion: { requests: 1, bad: b[index] ?? 0 },
  }));
  return logEvidence(
    looks.reduce((mixture, look) => multiply(mixture, shareLogRatios(look, 1, grid)), openMixture(grid)),
  );
}

describe("other people's methods on the same question", () => {
  test('vector F: the 2×2 e-variable, and ours agrees about who is worse', () => {
    expect(twoByTwo(STREAMS[0], STREAMS[1], 0.18)).toBeCloseTo(2.4114659446, 9);
    expect(ours(STREAMS)).toBeGreaterThan(0);
    expect(ours([STREAMS[1], STREAMS[0]])).toBeLessThan(0);
  });

  test('vector G: the sequential probability ratio test, whose steps are those of our one-arm test', () => {
    const test = wald({ low: 0.01, high: 0.05, alpha: 0.01, beta: 0.05 });
    expect(test.upper).toBeCloseTo(4.5538768916, 8);
    expect(test.lower).toBeCloseTo(-2.9856819377, 9);
    expect(test.underLow).toBeCloseTo(117.65, 2);
    expect(test.underHigh).toBeCloseTo(101.16, 2);
    const step = (bad: number) => rateLogRatios({ requests: 1, bad }, 0.01, [0.05])[0];
    expect(step(1)).toBeCloseTo(1.6094379124, 9);
    expect(step(0)).toBeCloseTo(-0.0412429585, 9);
    expect([step(1), step(0)]).toStrictEqual([expect.closeTo(test.hit, 12), expect.closeTo(test.miss, 12)]);
  });

  test('vector H: the rank test sees nothing in eleven values', () => {
    const found = mannWhitney([1.1, 2.2, 3.3, 4.4, 5.5], [2, 3, 4, 5, 6, 7]);
    expect(found.u).toBe(10);
    expect(found.exact).toBeCloseTo(0.4285714286, 9);
  });
});
