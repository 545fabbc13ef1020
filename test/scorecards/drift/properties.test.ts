import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fineCounts } from '../../../scorecards/drift/coarse-bins.ts';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { measureDrift } from '../../../scorecards/drift/measure.ts';
import { placesOf } from '../../../scorecards/drift/places.ts';
import { mergeSketches } from '../../../scorecards/drift/sketch.ts';
import type { DriftMetric } from '../../../scorecards/drift/verdict.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { wasserstein } from '../../../scorecards/statistics/wasserstein.ts';
import { present } from '../../present.ts';
import { categories, exactValues, sketchOf, softsign } from './sketches.ts';
import { criterion, week, WEEK } from './worlds.ts';

const COARSE = ['psi', 'cramersV', 'jsDistance', 'kl', 'hellinger', 'totalVariation'] as const;
const FINE = ['ks', 'wasserstein'] as const;

const odd = fc.constantFrom(NaN, Infinity, -Infinity, null, 0, -0, 1e308, -1e308, 5e-324, 1e15, -1);
/** What a column of numbers may hold, however broken. */
const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }), odd), { maxLength: 60 });
const words = fc.array(
  fc.oneof(fc.constantFrom('a', 'b', '', '(other)', 'null', '🙈"'), fc.string(), fc.constant(null)),
  {
    maxLength: 60,
  },
);
const grids = fc.constantFrom(softsign('x'), softsign('x', 1e300, 1e-300), exactValues('x'));

/** The numbers anywhere inside that are no possible distance, probability or count. */
function impossible(value: unknown): readonly unknown[] {
  if (typeof value === 'number') return value >= 0 && value < Infinity ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(impossible) : [];
}

describe('sketches are added', () => {
  const parts = fc.array(numbers, { minLength: 1, maxLength: 6 });

  test('exactly: the sum of the parts is the sketch of the whole, however it was split', () => {
    fc.assert(
      fc.property(grids, parts, (grid, rows) => {
        expect(mergeSketches(rows.map((part) => sketchOf(grid, part)))).toEqual(sketchOf(grid, rows.flat()));
      }),
    );
  });

  test('in any order and any grouping', () => {
    fc.assert(
      fc.property(grids, parts, fc.nat(), (grid, rows, cut) => {
        const each = rows.map((part) => sketchOf(grid, part));
        const whole = mergeSketches(each);
        expect(mergeSketches(each.toReversed())).toEqual(whole);
        const at = 1 + (cut % each.length);
        const halves = [each.slice(0, at), each.slice(at)].filter((half) => half.length > 0);
        expect(mergeSketches(halves.map(mergeSketches))).toEqual(whole);
      }),
    );
  });

  test('exactly for categories too', () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 6 }), (rows) => {
        const grid = categories('x');
        const merged = mergeSketches(rows.map((part) => sketchOf(grid, part)));
        expect(merged).toEqual(sketchOf(grid, rows.flat()));
      }),
    );
  });
});

/** Largest gap between two empirical distribution functions, by merging the sorted samples. */
function exactKs(left: readonly number[], right: readonly number[]): number {
  const gaps = [...left, ...right].map((at) => {
    const share = (side: readonly number[]) => side.filter((value) => value <= at).length / side.length;
    return Math.abs(share(left) - share(right));
  });
  return Math.max(...gaps);
}

/** Mean gap between equal ranks: both sides have equally many rows. */
function exactWasserstein(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [left, right].map((side) => side.toSorted((one, other) => one - other));
  return present(a).reduce((sum, value, rank) => sum + Math.abs(value - present(present(b)[rank])), 0) / left.length;
}

describe('a certified interval', () => {
  /** On a lattice: rounding cannot put a value into the neighbouring bin. */
  const lattice = fc.integer({ min: -(2 ** 22), max: 2 ** 22 }).map((place) => place / 2 ** 20);
  const few = fc.array(lattice, { minLength: 1, maxLength: 40 });

  test('of Kolmogorov–Smirnov always contains the exact distance of the samples', () => {
    fc.assert(
      fc.property(few, few, fc.double({ min: 1e-6, max: 1e3, noNaN: true }), (left, right, scale) => {
        const grid = softsign('x', 0, scale);
        const { low, high } = present(kolmogorovSmirnov(fineCounts(sketchOf(grid, left), sketchOf(grid, right))));
        const exact = exactKs(left, right);
        expect(exact).toBeGreaterThanOrEqual(low - 1e-12);
        expect(exact).toBeLessThanOrEqual(high + 1e-12);
      }),
      { numRuns: 300 },
    );
  });

  test('of Wasserstein always contains the exact distance of the samples', () => {
    const pairs = fc.array(fc.tuple(lattice, lattice), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(pairs, (rows) => {
        const grid = softsign('x');
        const [left, right] = [rows.map(([one]) => one), rows.map(([, other]) => other)];
        const fine = fineCounts(sketchOf(grid, left), sketchOf(grid, right));
        const { low, high } = present(wasserstein(fine, present(placesOf(grid, fine))));
        const exact = exactWasserstein(left, right) / grid.scale;
        expect(exact).toBeGreaterThanOrEqual(low - 1e-9);
        expect(exact).toBeLessThanOrEqual(high + 1e-9);
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever a column holds', () => {
  const metrics = [...COARSE, ...FINE] as readonly DriftMetric[];

  test('every number of every distance is finite and not negative', () => {
    fc.assert(
      fc.property(grids, numbers, numbers, fc.constantFrom(...metrics), (grid, then, now, metric) => {
        const sides = { grid, baseline: sketchOf(grid, then), current: sketchOf(grid, now) };
        expect(impossible(measureDrift(metric, sides, 1))).toEqual([]);
      }),
    );
  });

  test('every number of every distance of categories is finite and not negative', () => {
    fc.assert(
      fc.property(words, words, fc.constantFrom(...COARSE), (then, now, metric) => {
        const grid = categories('x');
        const sides = { grid, baseline: sketchOf(grid, then), current: sketchOf(grid, now) };
        expect(impossible(measureDrift(metric, sides, 1))).toEqual([]);
      }),
    );
  });

  test('fewer rows than asked for are never a pass and never an alarm', () => {
    const asked = [...COARSE, ...FINE, 'nullRate'].map((metric) =>
      criterion({ name: `x ${metric}`, column: 'x', metric: metric as DriftMetric }),
    );
    fc.assert(
      fc.property(grids, numbers, numbers, (grid, then, now) => {
        const sketches = { baseline: sketchOf(grid, then), current: sketchOf(grid, now) };
        const findings = judgeWindow(
          week(0, {
            criteria: asked,
            grids: [grid],
            baseline: new Map([['x', sketches.baseline]]),
            current: new Map([['x', sketches.current]]),
            facts: [],
          }),
        );
        expect(findings.filter(({ judged }) => ['pass', 'fail'].includes(judged))).toEqual([]);
        expect(decideDrift(findings, { share: 0.3, window: WEEK }).verdict).toBe('inconclusive');
      }),
    );
  });
});
