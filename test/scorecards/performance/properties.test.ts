import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { estimateMetric, fitEstimator } from '../../../scorecards/performance/estimate.ts';
import type { Estimator } from '../../../scorecards/performance/estimate.ts';
import { measureFairness } from '../../../scorecards/performance/fairness.ts';
import { measureLabelled } from '../../../scorecards/performance/measure.ts';
import type { Measured } from '../../../scorecards/performance/measure.ts';
import { ESTIMATED_METRICS, FAIRNESS_METRICS, LABELLED_METRICS } from '../../../scorecards/performance/metrics.ts';
import { mergeCounts } from '../../../scorecards/performance/score-counts.ts';
import type { ScoreCounts, SliceCounts } from '../../../scorecards/performance/score-counts.ts';
import { fitIsotonic, isotonicAt } from '../../../scorecards/statistics/isotonic.ts';
import { present } from '../../present.ts';
import { countRows } from './scored-rows.ts';

/** Scores with many ties at the edges, where arithmetic breaks first. */
const score = fc.oneof(fc.constantFrom(0, 1, 0.5, 1e-300, 1 - 2 ** -53), fc.double({ min: 0, max: 1, noNaN: true }));
const row = fc.record({ score, label: fc.constantFrom<0 | 1 | null>(0, 1, null) });
const rows = fc.array(row, { maxLength: 60 });
const cut = fc.double({ min: 0, max: 1, noNaN: true });

const numbersIn = (value: unknown): readonly number[] =>
  typeof value === 'number' ? [value] : Object.values(value ?? {}).flatMap(numbersIn);

const measuredIn = (counts: ScoreCounts, k: number) =>
  LABELLED_METRICS.flatMap((metric) => measureLabelled(metric, counts, { k }) ?? []);
const gapsOf = (groups: readonly SliceCounts[]) =>
  FAIRNESS_METRICS.flatMap((metric) => measureFairness(metric, groups) ?? []);
const estimatesOf = (counts: ScoreCounts, estimator: Estimator | undefined) =>
  ESTIMATED_METRICS.flatMap((metric) => (estimator && estimateMetric(metric, counts, estimator)) ?? []);

const lies = (value: number, low: number, high: number): boolean => value >= low - 1e-9 && value <= high + 1e-9;
const isInside = ({ interval, value }: Measured): boolean => !interval || lies(value, interval.low, interval.high);

describe('counts of scores', () => {
  test('of parts add up to the counts of the whole, in any order', () => {
    fc.assert(
      fc.property(rows, rows, rows, (a, b, c) => {
        const [one, two, three] = [a, b, c].map((part) => countRows(part));
        const whole = countRows([...a, ...b, ...c]);
        const counted = (counts: typeof whole) =>
          [counts.positive, counts.negative, counts.unlabelled].map((cells) => [cells.bins, cells.rows, cells.flagged]);
        const left = mergeCounts([mergeCounts([present(one), present(two)]), present(three)]);
        const right = mergeCounts([present(three), mergeCounts([present(two), present(one)])]);
        expect(counted(left)).toEqual(counted(whole));
        expect(counted(right)).toEqual(counted(whole));
      }),
    );
  });

  test('give numbers that are finite, in their range and inside their own interval, or none', () => {
    fc.assert(
      fc.property(rows, cut, fc.integer({ min: 1, max: 70 }), (scored, at, k) => {
        const counts = countRows(scored, at);
        const measured = measuredIn(counts, k);
        expect(numbersIn(measured).every(Number.isFinite)).toBe(true);
        expect(measured.filter((one) => !isInside(one))).toEqual([]);
      }),
    );
  });

  test('of groups give gaps between 0 and 1, or none', () => {
    fc.assert(
      fc.property(rows, rows, cut, (a, b, at) => {
        const groups = [a, b].map((part, index) => ({
          column: 'g',
          value: `${index}`,
          counts: countRows(part, at, 256),
        }));
        const gaps = gapsOf(groups);
        expect(numbersIn(gaps).every(Number.isFinite)).toBe(true);
        expect(gaps.every(({ value }) => lies(value, 0, 2))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('give estimates between 0 and 1 with a band around them, or none', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 4 }), rows, cut, (days, later, at) => {
        const span = { from: '2001-01-01T00:00:00.000Z', until: '2001-01-02T00:00:00.000Z' };
        const estimator = fitEstimator(days.map((day) => ({ bucket: span, all: countRows(day, at), slices: [] })));
        const found = [1024, 256].flatMap((bins) => estimatesOf(countRows(later, at, bins as 1024 | 256), estimator));
        expect(numbersIn(found).every(Number.isFinite)).toBe(true);
        expect(found.every(({ value }) => lies(value, 0, 1))).toBe(true);
      }),
    );
  });
});

test('an isotonic map never falls', () => {
  const point = fc.record({ y: fc.double({ min: 0, max: 1, noNaN: true }), weight: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 50 }), (points) => {
      const fit = present(fitIsotonic(points.map((one, x) => ({ x, ...one }))));
      const values = Array.from({ length: 120 }, (_, place) => isotonicAt(fit, place / 2 - 2));
      expect(values.every((value, place) => value >= present(values[Math.max(0, place - 1)]) - 1e-12)).toBe(true);
    }),
  );
});
