import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { benjaminiHochberg } from '../../../scorecards/statistics/benjamini-hochberg.ts';
import { bhattacharyya } from '../../../scorecards/statistics/bhattacharyya.ts';
import { cramersV } from '../../../scorecards/statistics/cramers-v.ts';
import { hellinger } from '../../../scorecards/statistics/hellinger.ts';
import { jensenShannon } from '../../../scorecards/statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../../../scorecards/statistics/kullback-leibler.ts';
import { lInfinity } from '../../../scorecards/statistics/l-infinity.ts';
import { quantileRanks } from '../../../scorecards/statistics/order-statistics.ts';
import { sumOf } from '../../../scorecards/statistics/paired-counts.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { totalVariation } from '../../../scorecards/statistics/total-variation.ts';
import { wasserstein } from '../../../scorecards/statistics/wasserstein.ts';
import { wilson } from '../../../scorecards/statistics/wilson.ts';
import { present } from '../../present.ts';

type Counts = Parameters<typeof psi>[0];

const count = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(2_000_000));
const paired = fc
  .array(fc.tuple(count, count), { minLength: 1, maxLength: 30 })
  .map((bins) => ({ baseline: bins.map(([left]) => left), current: bins.map(([, right]) => right) }));
const filled = paired.filter(({ baseline, current }) => sumOf(baseline) * sumOf(current) > 0);
const swap = ({ baseline, current }: Counts): Counts => ({ baseline: current, current: baseline });

/** Bins as wide as their number, so that widths differ. */
const edges = ({ baseline }: Counts) => ({
  left: baseline.map((_, bin) => (bin * (bin + 1)) / 2),
  right: baseline.map((_, bin) => ((bin + 1) * (bin + 2)) / 2),
});
const every = (counts: Counts) => [
  psi(counts),
  kullbackLeibler(counts),
  jensenShannon(counts),
  hellinger(counts),
  totalVariation(counts),
  bhattacharyya(counts),
  lInfinity(counts),
  cramersV(counts),
  kolmogorovSmirnov(counts),
  wasserstein(counts, edges(counts)),
];
/** Bhattacharyya's distance, also of sides without a bin in common. */
const apart = (counts: Counts): number => bhattacharyya(counts) ?? Infinity;
/** Each distance with the interval of its population. */
const intervals = (counts: Counts, designEffect = 1) => [
  present(psi(counts, designEffect)),
  present(kullbackLeibler(counts, designEffect)),
  present(hellinger(counts, designEffect)),
  present(totalVariation(counts, designEffect)),
  present(cramersV(counts, designEffect)),
  { ...present(jensenShannon(counts, designEffect)), value: present(jensenShannon(counts, designEffect)).distance },
];
const numbersIn = (value: unknown): readonly number[] =>
  typeof value === 'number' ? [value] : Object.values(value ?? {}).flatMap(numbersIn);

describe('for any counts', () => {
  test('no statistic is ever NaN, infinite or negative', () => {
    fc.assert(
      fc.property(paired, (counts) => {
        const numbers = numbersIn(every(counts));
        expect(numbers.filter((number) => !Number.isFinite(number))).toEqual([]);
        expect(Math.min(0, ...numbers)).toBe(0);
      }),
    );
  });

  test('every p-value is a probability and every bounded distance stays in its range', () => {
    fc.assert(
      fc.property(filled, (counts) => {
        const [index, table, ks] = [
          present(psi(counts)),
          present(cramersV(counts)),
          present(kolmogorovSmirnov(counts)),
        ];
        const js = present(jensenShannon(counts));
        const shares = [index.p, table.p, ks.p, js.divergence, js.distance, table.value, ks.low, ks.high];
        expect(shares.filter((share) => share > 1)).toEqual([]);
        expect(ks.low).toBeLessThanOrEqual(ks.high);
      }),
    );
  });

  test('every sampling interval holds its value and widens with the design effect', () => {
    fc.assert(
      fc.property(filled, (counts) => {
        const [plain, clustered] = [intervals(counts), intervals(counts, 5)];
        plain.forEach(({ value, interval }, place) => {
          const wider = present(clustered[place]).interval;
          expect(interval.low).toBeLessThanOrEqual(value);
          expect(interval.high).toBeGreaterThanOrEqual(value);
          expect(wider.low).toBeLessThanOrEqual(interval.low);
          expect(wider.high).toBeGreaterThanOrEqual(interval.high);
        });
      }),
    );
  });

  test('swapping the sides changes no symmetric distance', () => {
    fc.assert(
      fc.property(filled, (counts) => {
        const back = swap(counts);
        expect(psi(back)?.value).toBeCloseTo(present(psi(counts)).value, 12);
        expect(jensenShannon(back)?.divergence).toBeCloseTo(present(jensenShannon(counts)).divergence, 12);
        expect(kolmogorovSmirnov(back)).toEqual(kolmogorovSmirnov(counts));
        expect(cramersV(back)?.value).toBeCloseTo(present(cramersV(counts)).value, 10);
        expect(hellinger(back)?.value).toBeCloseTo(present(hellinger(counts)).value, 12);
        expect(totalVariation(back)?.value).toBeCloseTo(present(totalVariation(counts)).value, 12);
        expect(apart(back)).toBeCloseTo(apart(counts), 12);
        expect(lInfinity(back)).toBe(lInfinity(counts));
        expect(wasserstein(back, edges(back))).toEqual(wasserstein(counts, edges(counts)));
      }),
    );
  });

  test('a side compared with itself has no distance and nothing significant', () => {
    fc.assert(
      fc.property(filled, ({ baseline }) => {
        const counts = { baseline, current: baseline };
        expect(psi(counts)).toMatchObject({ value: 0, p: 1 });
        expect(kullbackLeibler(counts)?.value).toBe(0);
        expect(jensenShannon(counts)).toMatchObject({ divergence: 0, distance: 0 });
        expect(hellinger(counts)?.value).toBe(0);
        expect(totalVariation(counts)?.value).toBe(0);
        expect(bhattacharyya(counts)).toBeCloseTo(0, 12);
        expect(lInfinity(counts)).toBe(0);
        expect(wasserstein(counts, edges(counts))).toMatchObject({ value: 0, low: 0 });
        expect(kolmogorovSmirnov(counts)).toMatchObject({ low: 0, p: 1 });
        expect(cramersV(counts)?.value).toBeCloseTo(0, 6);
      }),
    );
  });

  test('adjusted p-values never fall below their own and keep their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (ps) => {
        const adjusted = benjaminiHochberg(ps);
        const pairs = ps.map((p, index) => ({ p, q: adjusted.at(index) })).toSorted((a, b) => a.p - b.p);
        const inOrder = pairs.map(({ q }) => present(q));
        expect(pairs.filter(({ p }, index) => present(inOrder[index]) < p)).toEqual([]);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
        expect(Math.max(0, ...inOrder)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a Wilson interval holds its own share', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (k, rest) => {
        fc.pre(k + rest > 0);
        const { value, low, high } = present(wilson(k, k + rest));
        expect([low, value, high]).toEqual([low, value, high].toSorted((a, b) => a - b));
      }),
    );
  });

  test('the places of a quantile lie around it and inside one step of the sample', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.constantFrom(0.5, 0.95, 0.99), (n, share) => {
        const { at, lower, upper } = quantileRanks(n, share);
        const places = [0, lower, at, upper, n + 1];
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('at the edge of the data', () => {
  const one = { baseline: [1], current: [1] };

  test.each([
    ['an empty baseline', { baseline: [0, 0], current: [3, 4] }],
    ['an empty window', { baseline: [3, 4], current: [0, 0] }],
    ['no bins at all', { baseline: [], current: [] }],
  ])('%s is unmeasurable, not a distance of zero', (_, counts) => {
    expect(every(counts)).toEqual(Array.from({ length: 10 }, () => undefined));
  });

  test('a constant column on both sides has no distance and p 1', () => {
    expect(psi(one)).toEqual({ value: 0, interval: { low: 0, high: 0 }, bins: 1, floor: 0, p: 1 });
    expect(cramersV(one)).toMatchObject({ value: 0, p: 1 });
    expect(kolmogorovSmirnov(one)).toMatchObject({ low: 0, p: 1 });
  });

  test('an empty bin on one side does not blow PSI up', () => {
    expect(psi({ baseline: [1000, 0], current: [990, 10] })?.value).toBeLessThan(0.1);
  });

  test('no rows have no share', () => expect(wilson(0, 0)).toBeUndefined());

  test('bins of unequal number are an error', () => {
    expect(() => psi({ baseline: [1, 2], current: [1] })).toThrow('2 baseline bins cannot be compared with 1');
  });

  test('a design effect of four counts every fourth row', () => {
    const plain = present(psi({ baseline: [400, 600], current: [500, 500] }));
    const clustered = present(psi({ baseline: [400, 600], current: [500, 500] }, 4));
    expect(clustered.value).toBe(plain.value);
    expect(clustered.floor).toBeCloseTo(4 * plain.floor, 12);
    expect(clustered.p).toBeGreaterThan(plain.p);
  });
});
