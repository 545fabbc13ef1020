import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gapEstimates, largestGap } from '../../../scorecards/statistics/gap-intervals.ts';
import type { GroupGap } from '../../../scorecards/statistics/group-gaps.ts';
import { independentDifference } from '../../../scorecards/statistics/independent-difference.ts';
import { independentRatio } from '../../../scorecards/statistics/independent-ratio.ts';
import { wilson } from '../../../scorecards/statistics/wilson.ts';
import type { Estimate } from '../../../scorecards/vocabulary.ts';
import { present } from '../../present.ts';
import { seededDraws } from '../../seeded-draws.ts';

/** Flags of groups with these rates, 200 rows each, half of them positive. */
function drawn(rates: readonly number[], uniform: () => number) {
  return rates.flatMap((rate, group) =>
    [true, false].flatMap((positive) => {
      const flagged = Array.from({ length: 100 }, uniform).filter((u) => u < rate).length;
      const of = { group: `g${group}`, positive };
      return [
        { ...of, challenger: true, rows: flagged },
        { ...of, challenger: false, rows: 100 - flagged },
      ];
    }),
  );
}

const holds = ({ low, high }: Estimate, truth: number): boolean => low <= truth + 1e-12 && truth <= high + 1e-12;

describe('the interval of a largest gap', () => {
  test.each<readonly [GroupGap, number, readonly number[]]>([
    ['demographicParity', 0, [0.3, 0.3]],
    ['demographicParity', 0, [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]],
    ['demographicParity', 0.05, [0.3, 0.35, 0.3, 0.35, 0.3, 0.35]],
    ['equalizedOdds', 0, [0.3, 0.3]],
    ['equalizedOdds', 0, [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]],
    ['demographicParityRatio', 1, [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]],
    ['equalOpportunityRatio', 6 / 7, [0.3, 0.35, 0.3, 0.35, 0.3, 0.35]],
    ['equalizedOddsRatio', 6 / 7, [0.3, 0.35, 0.3, 0.35, 0.3, 0.35]],
  ])('EV8: of %s holds its true value of %f in 95 of 100 samples of groups at %p', (metric, truth, rates) => {
    const { uniform } = seededDraws(11);
    const held = Array.from({ length: 200 }, () =>
      holds(present(gapEstimates(metric, drawn(rates, uniform))).challenger, truth),
    ).filter(Boolean);
    // Three standard errors of 95 % over 200 samples.
    expect(held.length / 200).toBeGreaterThan(0.95 - 0.046);
  });

  test('of two groups is Newcombe’s interval of their difference', () => {
    const [most, least] = [present(wilson(70, 200)), present(wilson(50, 200))];
    const cells = [
      { group: 'a', positive: true, challenger: true, rows: 70 },
      { group: 'a', positive: true, challenger: false, rows: 130 },
      { group: 'b', positive: true, challenger: true, rows: 50 },
      { group: 'b', positive: true, challenger: false, rows: 150 },
    ];
    expect(gapEstimates('demographicParity', cells)).toEqual({ challenger: independentDifference(most, least) });
    expect(largestGap([most, least])).toEqual(independentDifference(most, least));
  });

  test('always holds the gap itself', () => {
    const rows = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 12, maxLength: 12 });
    const metrics = fc.constantFrom<GroupGap>(
      'demographicParity',
      'equalizedOdds',
      'equalOpportunity',
      'equalizedOddsRatio',
    );
    fc.assert(
      fc.property(rows, metrics, (counts, metric) => {
        const cells = counts.map((count, place) => ({
          group: `g${place % 3}`,
          positive: Math.floor(place / 3) % 2 === 0,
          challenger: place >= 6,
          rows: count,
        }));
        const found = present(gapEstimates(metric, cells)).challenger;
        expect(holds(found, found.value)).toBe(true);
        expect(found.low).toBeGreaterThanOrEqual(0);
        expect(found.high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40, seed: 3 },
    );
  });
});

test('a ratio’s ends are where the interval of one − ratio × other ends at 0', () => {
  const [one, other] = [present(wilson(30, 100)), present(wilson(90, 200))];
  const { value, low, high } = independentRatio(one, other);
  const times = (factor: number): Estimate => ({
    value: other.value * factor,
    low: other.low * factor,
    high: other.high * factor,
  });
  expect(value).toBeCloseTo(2 / 3, 12);
  expect(independentDifference(one, times(low)).low).toBeCloseTo(0, 12);
  expect(independentDifference(one, times(high)).high).toBeCloseTo(0, 12);
  expect(independentRatio(present(wilson(0, 9)), other).low).toBe(0);
  expect(independentRatio(one, present(wilson(1, 2))).high).toBeGreaterThan(value);
});
