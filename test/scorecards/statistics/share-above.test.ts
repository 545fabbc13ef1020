import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareAbove } from '../../../scorecards/statistics/share-above.ts';
import { wilson } from '../../../scorecards/statistics/wilson.ts';
import { present } from '../../present.ts';

describe('the p-value of a share above a limit', () => {
  test('is at most 0.05 exactly where the whole Wilson interval lies above the limit', () => {
    const counts = fc.integer({ min: 1, max: 5000 }).chain((rows) => fc.tuple(fc.constant(rows), fc.nat(rows)));
    fc.assert(
      fc.property(counts, fc.double({ min: 0.001, max: 0.999, noNaN: true }), ([rows, hits], limit) => {
        const { low, value } = present(wilson(hits, rows));
        // On the very edge the last bit decides.
        fc.pre(Math.abs(low - limit) > 1e-12);
        expect(shareAbove({ value, rows }, limit) <= 0.05).toBe(low > limit);
      }),
    );
  });

  test.each([
    ['a share at its limit', { value: 0.05, rows: 1000 }, 0.05, 1],
    ['a share below it', { value: 0.01, rows: 1000 }, 0.05, 1],
    ['no rows', { value: 1, rows: 0 }, 0.05, 1],
    ['any hit where none is allowed', { value: 0.001, rows: 1000 }, 0, 0],
    ['60 of 1,000 against 5 %, as z² = 1/0.475', { value: 0.06, rows: 1000 }, 0.05, 0.14679999],
  ])('of %s', (_, share, limit, p) => {
    expect(shareAbove(share, limit)).toBeCloseTo(p, 4);
  });
});
