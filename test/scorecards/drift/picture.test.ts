import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pictureOf } from '../../../scorecards/drift/picture.ts';
import type { Grid, Sketch } from '../../../scorecards/drift/sketch.ts';
import { softsignBin } from '../../../scorecards/drift/softsign.ts';

const VALUES: Grid = { kind: 'values', id: 'v', feature: 'steps' };
const TEXTS: Grid = { kind: 'categories', id: 'c', feature: 'carrier', known: ['AA', 'UA'] };
const NUMBERS: Grid = { kind: 'softsign', id: 's', feature: 'fare', centre: 10, scale: 4, halfBins: 1024 };

function sketch(grid: Grid, counts: Readonly<Record<string, number>>, more: Partial<Sketch> = {}): Sketch {
  const isText = grid.kind === 'categories';
  const cells = Object.entries(counts).map(([key, count]) => ({ key: isText ? key : Number(key), count }));
  const rest = (more.nulls ?? 0) + (more.nonFinite ?? 0);
  return {
    grid: grid.id,
    rows: cells.reduce((sum, { count }) => sum + count, 0) + rest,
    nulls: 0,
    nonFinite: 0,
    keys: cells.map(({ key }) => key),
    counts: cells.map(({ count }) => count),
    other: 0,
    ...more,
  };
}

/** Counts as the sketch of `NUMBERS` keeps them. */
function drawn(numbers: readonly number[]): Sketch {
  const counts: Record<string, number> = {};
  for (const x of numbers) {
    const bin = String(softsignBin(x, { centre: 10, perScale: 1 / 4, halfBins: 1024 }));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return sketch(NUMBERS, counts);
}

describe('pictureOf', () => {
  test('few values get a bar each, those of one side too, in their order', () => {
    const { as, bars, medians } = pictureOf(VALUES, sketch(VALUES, { 1: 5, 10: 4 }), sketch(VALUES, { 2: 7, 10: 1 }));
    expect(bars).toEqual([
      { label: '1', baseline: 5, current: 0 },
      { label: '2', baseline: 0, current: 7 },
      { label: '10', baseline: 4, current: 1 },
    ]);
    expect({ as, medians }).toEqual({ as: 'numbers', medians: { baseline: 1, current: 2 } });
  });

  test('nulls and what is not finite stand apart, only where there are any', () => {
    const before = sketch(VALUES, { 1: 5 }, { nulls: 2 });
    expect(pictureOf(VALUES, before, sketch(VALUES, { 1: 9 })).bars).toEqual([
      { label: '1', baseline: 5, current: 9 },
      { label: 'nulls', baseline: 2, current: 0, apart: 'nulls' },
    ]);
  });

  test('the ten largest categories of either side are shown, all others are one bar', () => {
    const before = sketch(
      TEXTS,
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`c${index}`, 100 - index])),
    );
    const now = sketch(TEXTS, { c29: 500, new: 400 });
    const { bars, medians } = pictureOf(TEXTS, before, now);
    expect(bars).toHaveLength(11);
    expect(bars.slice(0, 2).map(({ label }) => label)).toEqual(['c0', 'c1']);
    expect(bars).toContainEqual({ label: 'new', baseline: 0, current: 400 });
    expect(bars.at(-1)).toMatchObject({ label: 'others', apart: 'others', current: 0 });
    expect(medians).toBeUndefined();
  });

  test('a moved side stays in the picture, and no outlier stretches it', () => {
    const before = drawn([...Array.from({ length: 1000 }, (_, index) => index / 50), 1e12]);
    const now = drawn(Array.from({ length: 1000 }, (_, index) => 15 + index / 50));
    const { bars, medians } = pictureOf(NUMBERS, before, now);
    expect(bars.length).toBeLessThanOrEqual(20);
    expect(medians?.baseline).toBeCloseTo(10, 0);
    expect(medians?.current).toBeCloseTo(25, 0);
    const [first, last] = [bars.find(({ current }) => current > 0), bars.findLast(({ baseline }) => baseline > 50)];
    expect(first?.label).toMatch(/^1[35](\.\d+)? to /);
    expect(last?.label).toMatch(/^1\d(\.\d+)? to (19|2\d)/);
  });

  test('whatever was counted: every row is in one bar, and every number is finite', () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const [before, now] = [drawn(left), drawn(right)];
        const { bars } = pictureOf(NUMBERS, before, now);
        const sum = (side: 'baseline' | 'current') => bars.reduce((total, bar) => total + bar[side], 0);
        expect(sum('baseline')).toBeCloseTo(left.length, 6);
        expect(sum('current')).toBeCloseTo(right.length, 6);
      }),
      { numRuns: 300 },
    );
  });
});
