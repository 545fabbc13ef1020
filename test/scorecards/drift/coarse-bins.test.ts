import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coarseCounts, fineCounts, quantileCuts } from '../../../scorecards/drift/coarse-bins.ts';
import { mergeSketches } from '../../../scorecards/drift/sketch.ts';
import { softsignBin, softsignEdge } from '../../../scorecards/drift/softsign.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { present } from '../../present.ts';
import { categories, exactValues, sketchFrom, sketchOf, softsign } from './sketches.ts';
import { normals } from './worlds.ts';

describe('the softsign grid', () => {
  const grid = { centre: 3.7, perScale: 1 / 0.13, halfBins: 1024 };

  test.each([
    [3.7, 0],
    [3.83, 512],
    [3.44, -683],
    [3.7001, 1],
    [1e6, 1024],
    [-1e6, -1024],
    [1e308, undefined],
    [Number.NaN, undefined],
    [Infinity, undefined],
  ])('puts %d into the bin that the SQL gives it', (x, bin) => {
    expect(softsignBin(x, grid)).toBe(bin);
  });

  test.each([
    [-1024, -2047],
    [-513, -1.0019550342130987],
    [-1, -0.0004885197850512946],
    [0, 0.0004885197850512946],
    [511, 0.9980487804878049],
    [1023, 2047],
  ])('has the right edge of bin %d at %d scales', (bin, edge) => {
    expect(Math.abs(softsignEdge(bin, 1024) / edge - 1)).toBeLessThan(1e-12);
  });

  test('rounds ties to even, as DuckDB does', () => {
    // At one scale from the centre u is exactly ½, so an odd number of half-bins puts it between two bins.
    const binOf = (x: number, halfBins: number) => softsignBin(x, { centre: 0, perScale: 1, halfBins });
    expect([binOf(1, 1), binOf(1, 3), binOf(1, 5), binOf(-1, 1), binOf(-1, 3)]).toEqual([0, 2, 2, 0, -2]);
  });
});

describe('coarse bins', () => {
  const grid = softsign('fare');

  test('of a continuous column are ten near-equal parts of the baseline, then nulls, then non-finite values', () => {
    const baseline = sketchOf(grid, [...normals(1, 10_000), null, null, Infinity]);
    const { baseline: counts } = coarseCounts(grid, baseline, baseline);
    expect(counts).toHaveLength(12);
    expect(counts.slice(10)).toEqual([2, 1]);
    expect(Math.max(...counts.slice(0, 10).map((count) => Math.abs(count - 1000)))).toBeLessThan(10);
  });

  test('collapse where one value takes several deciles, which then has a bin of its own', () => {
    const zeroes = Array.from({ length: 6000 }, () => 0);
    const cuts = quantileCuts(sketchOf(grid, [...zeroes, ...normals(1, 4000, 3)]));
    expect(cuts).toHaveLength(5);
    expect(cuts.filter((cut) => cut <= 0)).toEqual([-106, 0]);
  });

  test('are decided by the baseline alone', () => {
    const baseline = sketchOf(grid, normals(1, 5000));
    const [calm, wild] = [normals(2, 5000), normals(2, 5000, 4)].map((values) =>
      coarseCounts(grid, baseline, sketchOf(grid, values)),
    );
    expect(present(wild).baseline).toEqual(present(calm).baseline);
  });

  test('of a column with few values are the values and one for the unseen', () => {
    const hours = exactValues('hour');
    const counts = coarseCounts(hours, sketchFrom(hours, { 6: 10, 7: 20 }), sketchFrom(hours, { 7: 5, 8: 9 }));
    expect(counts).toEqual({ baseline: [10, 20, 0, 0, 0], current: [0, 5, 9, 0, 0] });
  });

  test('of a column with more than twenty values are quantiles', () => {
    const minutes = exactValues('minute');
    const sixty = sketchFrom(minutes, Object.fromEntries(Array.from({ length: 60 }, (_, minute) => [minute, 100])));
    expect(coarseCounts(minutes, sixty, sixty).baseline).toEqual([...Array.from({ length: 10 }, () => 600), 0, 0]);
  });

  test('of categories pool the rare ones, keep the unseen apart and never mix them with an empty text', () => {
    const origin = categories('origin');
    const baseline = sketchFrom(origin, { ATL: 900, BOS: 95, XNA: 2, YUM: 2, '': 1 });
    const current = sketchFrom(origin, { ATL: 800, BOS: 100, JFK: 90 }, { nulls: 7, other: 3 });
    const counts = coarseCounts(origin, baseline, current);
    // ATL, BOS, unseen (JFK and what the cap cut off), rare, nulls, non-finite.
    expect(counts).toEqual({ baseline: [900, 95, 0, 5, 0, 0], current: [800, 100, 93, 0, 7, 0] });
  });

  test('of more than a thousand categories list the most frequent, equal ones by name', () => {
    const id = categories('id');
    const many = Object.fromEntries(Array.from({ length: 1002 }, (_, place) => [`c${10_000 + place}`, 50]));
    const sketch = sketchFrom(id, many);
    const { baseline } = coarseCounts(id, sketch, sketch);
    expect(baseline.slice(1000)).toEqual([100, 0, 0, 0]);
  });

  test('keep every row exactly once', () => {
    const value = fc.oneof(fc.constant(null), fc.double({ min: -50, max: 50 }), fc.constantFrom(0, 1, Infinity));
    const values = fc.array(value, { minLength: 1, maxLength: 200 });
    const kinds = fc.constantFrom(grid, exactValues('fare'));
    fc.assert(
      fc.property(kinds, values, values, (kind, then, now) => {
        const counts = coarseCounts(kind, sketchOf(kind, then), sketchOf(kind, now));
        const sum = (side: readonly number[]) => side.reduce((total, count) => total + count, 0);
        expect([sum(counts.baseline), sum(counts.current)]).toEqual([then.length, now.length]);
      }),
    );
  });
});

describe('the certified interval of D', () => {
  const exactD = (one: readonly number[], other: readonly number[]): number =>
    Math.max(
      ...[...one, ...other].map((edge) => {
        const shareBelow = (side: readonly number[]) => side.filter((value) => value <= edge).length / side.length;
        return Math.abs(shareBelow(one) - shareBelow(other));
      }),
    );

  test('contains the exact distance, whatever is drawn', () => {
    // On a lattice, so that no value lies within rounding of a bin's edge.
    const lattice = fc.array(fc.integer({ min: -4_000_000, max: 4_000_000 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(lattice, lattice, fc.constantFrom(0.001, 1, 1000), (then, now, scale) => {
        const grid = softsign('x', 0, scale);
        const [one, other] = [then.map((step) => step * 2 ** -20), now.map((step) => step * 2 ** -20)];
        const ks = present(kolmogorovSmirnov(fineCounts(sketchOf(grid, one), sketchOf(grid, other))));
        const exact = exactD(one, other);
        expect(ks.low).toBeLessThanOrEqual(exact + 1e-12);
        expect(ks.high).toBeGreaterThanOrEqual(exact - 1e-12);
      }),
    );
  });

  test('is exact where every bin holds one value', () => {
    const hours = exactValues('hour');
    const [then, now] = [
      [1, 1, 2, 3, 5],
      [2, 2, 3, 9],
    ];
    const counts = fineCounts(sketchOf(hours, present(then)), sketchOf(hours, present(now)));
    const ks = present(kolmogorovSmirnov(counts, { exact: true }));
    expect([ks.low, ks.high]).toEqual([0.4, 0.4]);
    expect(exactD(present(then), present(now))).toBeCloseTo(0.4, 12);
  });
});

describe('merging sketches', () => {
  const grid = softsign('fare');
  const sketch = fc
    .array(fc.oneof(fc.constant(null), fc.double({ min: -9, max: 9, noNaN: true })), { maxLength: 60 })
    .map((values) => sketchOf(grid, values));

  test('is associative and commutative', () => {
    fc.assert(
      fc.property(sketch, sketch, sketch, (a, b, c) => {
        const all = mergeSketches([a, b, c]);
        expect(mergeSketches([mergeSketches([a, b]), c])).toEqual(all);
        expect(mergeSketches([a, mergeSketches([c, b])])).toEqual(all);
        expect(mergeSketches([c, a, b])).toEqual(all);
      }),
    );
  });

  test('days one by one gives the numbers of the whole, bit for bit', () => {
    const values = normals(9, 7000, 0.2);
    const baseline = sketchOf(grid, normals(1, 9000));
    const days = Array.from({ length: 7 }, (_, day) => sketchOf(grid, values.slice(day * 1000, (day + 1) * 1000)));
    const [merged, whole] = [mergeSketches(days), sketchOf(grid, values)];
    expect(psi(coarseCounts(grid, baseline, merged))).toEqual(psi(coarseCounts(grid, baseline, whole)));
  });

  test('refuses sketches of different grids', () => {
    const one = sketchOf(grid, [1]);
    expect(() => mergeSketches([one, { ...one, grid: 'other' }])).toThrow('cannot add sketches of grid other');
  });
});
