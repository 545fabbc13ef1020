import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { present } from '../../../present.ts';
import type { Weights } from '../../../../activities/adapters/httproute/weights.ts';
import { exactWeights, percentOf, rescaledWeights } from '../../../../activities/adapters/httproute/weights.ts';

const percents = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
const sums = fc.integer({ min: 1, max: 1_000_000 });

describe('weights of a rule that is ours', () => {
  test('whole percents add up to 100', () => {
    expect(exactWeights(5)).toEqual({ champion: 95, challenger: 5 });
  });

  test('every percent with two decimals comes back as it was', () => {
    fc.assert(fc.property(percents, (percent) => expect(percentOf(exactWeights(percent))).toBe(percent)));
  });
});

describe("weights in somebody else's rule", () => {
  test.each([
    ['nothing', 0, { champion: 100, challenger: 0 }],
    ['a half that is rounded up', 12.5, { champion: 87, challenger: 13 }],
    ['everything', 100, { champion: 0, challenger: 100 }],
  ])('%s of a sum of 100', (_what, percent, expected) => {
    expect(rescaledWeights({ champion: 60, challenger: 40 }, percent, false)).toEqual(expected);
  });

  test('a 1:1 route of only our two gets a sum of 100', () => {
    expect(rescaledWeights({ champion: 1, challenger: 1 }, 5, true)).toEqual({ champion: 95, challenger: 5 });
  });

  test('a share too fine for 100 gets a sum of 10,000', () => {
    expect(rescaledWeights({ champion: 1, challenger: 1 }, 0.1, true)).toEqual({ champion: 9990, challenger: 10 });
  });

  test('a sum that cannot express the share beside other backends is no answer', () => {
    expect(rescaledWeights({ champion: 1, challenger: 1 }, 5, false)).toBeUndefined();
    expect(rescaledWeights({ champion: 0, challenger: 0 }, 0, false)).toBeUndefined();
  });

  test('the sum is kept beside other backends, and the share is met within half a point', () => {
    fc.assert(
      fc.property(sums, fc.nat(), percents, (sum, part, percent) => {
        const challenger = part % (sum + 1);
        const now = { champion: sum - challenger, challenger };
        expect(brokenPromise(sum, percent, rescaledWeights(now, percent, false))).toBeUndefined();
      }),
    );
  });

  test('a rule of only our two has an answer for every share', () => {
    fc.assert(
      fc.property(sums, percents, (sum, percent) => {
        const next = rescaledWeights({ champion: sum, challenger: 0 }, percent, true);
        expect(Math.abs(percentOf(present(next)) - percent)).toBeLessThanOrEqual(0.51);
      }),
    );
  });

  test('going to a share and back to zero gives the champion all', () => {
    fc.assert(
      fc.property(sums, percents, (sum, percent) => {
        const there = present(rescaledWeights({ champion: sum, challenger: 0 }, percent, true));
        const back = present(rescaledWeights(there, 0, true));
        expect(back).toEqual({ champion: there.champion + there.challenger, challenger: 0 });
      }),
    );
  });
});

/** What a rescaling beside other backends got wrong; no answer is always allowed here. */
function brokenPromise(sum: number, percent: number, next: Weights | undefined): string | undefined {
  if (next === undefined) return undefined;
  if (next.champion + next.challenger !== sum) return 'the sum changed';
  if (Math.abs(next.challenger / sum - percent / 100) > 0.005 + 1e-9) return 'the share is missed';
  return percent > 0 && next.challenger < 1 ? 'the challenger has nothing' : undefined;
}
