import { beforeAll, describe, expect, test } from '@jest/globals';
import { coarseCounts, fineCounts } from '../../../scorecards/drift/coarse-bins.ts';
import { placesOf } from '../../../scorecards/drift/places.ts';
import { benjaminiHochberg } from '../../../scorecards/statistics/benjamini-hochberg.ts';
import { bhattacharyya } from '../../../scorecards/statistics/bhattacharyya.ts';
import { cramersV } from '../../../scorecards/statistics/cramers-v.ts';
import { hellinger } from '../../../scorecards/statistics/hellinger.ts';
import { jensenShannon } from '../../../scorecards/statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../../../scorecards/statistics/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../../../scorecards/statistics/kullback-leibler.ts';
import { lInfinity } from '../../../scorecards/statistics/l-infinity.ts';
import type { PairedCounts } from '../../../scorecards/statistics/paired-counts.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { totalVariation } from '../../../scorecards/statistics/total-variation.ts';
import { wasserstein } from '../../../scorecards/statistics/wasserstein.ts';
import { wilson } from '../../../scorecards/statistics/wilson.ts';
import { present } from '../../present.ts';
import { askPython } from '../../python-oracle.ts';
import { seededDraws } from '../../seeded-draws.ts';
import { exactValues, sketchOf, softsign } from '../drift/sketches.ts';

const draws = seededDraws(20);
const upTo = (most: number) => Math.floor(draws.uniform() * most);
const list = <T>(length: number, make: (place: number) => T): readonly T[] => Array.from({ length }, (_, i) => make(i));

interface Samples {
  readonly of: 'samples';
  readonly baseline: readonly number[];
  readonly current: readonly number[];
}
const WORLDS = [
  () => draws.normal(),
  () => Math.round(draws.normal(0, 3)),
  () => Math.exp(draws.normal(0, 2)),
  () => upTo(4),
  () => draws.normal(1e6, 1e-3),
] as const;

/** Two samples of one world, the second moved and stretched; from one row a side to a few hundred. */
const samples = list(150, (place): Samples => {
  const world = present(WORLDS[place % WORLDS.length]);
  const [shift, stretch] = [draws.normal(0, 0.4), 1 + draws.uniform()];
  return {
    of: 'samples',
    baseline: list(1 + upTo(400), world),
    current: list(1 + upTo(300), () => world() * stretch + shift),
  };
});
/** Bins from one to sixty, among them empty ones, rare ones and large ones; never an empty side. */
const counts = list(150, (place) => {
  const most = present([3, 20, 400, 100_000][place % 4]);
  const side = (bins: number) => [1 + upTo(most), ...list(bins, () => Math.max(0, upTo(most) - Math.floor(most / 4)))];
  const bins = upTo(60);
  return { of: 'counts', baseline: side(bins), current: side(bins) } as const;
});
const shares = list(50, () => {
  const rows = 1 + upTo(3000);
  return { of: 'shares', rows, hits: upTo(rows + 1) } as const;
});
const ps = list(50, () => ({ of: 'ps', ps: list(1 + upTo(60), () => draws.uniform() ** 3) }) as const);

type Answer = Readonly<Record<string, number>> & { readonly adjusted?: readonly number[] };
let answers: readonly Answer[] = [];
beforeAll(async () => {
  answers = await askPython<Answer>('statistics/distances.py', [...samples, ...counts, ...shares, ...ps]);
}, 60_000);
const answered = <T>(cases: readonly T[], before: number) =>
  cases.map((asked, place) => ({ asked, said: present(answers[before + place]) }));

/** The largest error, relative above one and absolute below. */
const off = (pairs: readonly (readonly [ours: number | undefined, theirs: number | undefined])[]): number =>
  Math.max(...pairs.map(([ours, theirs]) => Math.abs(present(ours) - present(theirs)) / Math.max(1, present(theirs))));
const EXACT = 1e-12;
const TAIL = 1e-9;

describe("ours from raw samples equal SciPy's", () => {
  const exact = ({ baseline, current }: Samples) => {
    const grid = exactValues('x');
    return fineCounts(sketchOf(grid, baseline), sketchOf(grid, current));
  };

  test('Kolmogorov–Smirnov: distance and limiting p', () => {
    const found = answered(samples, 0).map(({ asked, said }) => ({
      ours: present(kolmogorovSmirnov(exact(asked), { exact: true })),
      said,
    }));
    expect(off(found.map(({ ours, said }) => [ours.low, said['ks']]))).toBeLessThan(EXACT);
    expect(off(found.map(({ ours, said }) => [ours.high, said['ks']]))).toBeLessThan(EXACT);
    expect(off(found.map(({ ours, said }) => [ours.p, said['ksP']]))).toBeLessThan(TAIL);
  });

  test('Wasserstein, in the unit of the column', () => {
    const pairs = answered(samples, 0).map(({ asked, said }) => {
      const fine = exact(asked);
      return [wasserstein(fine, { left: fine.keys, right: fine.keys })?.value, said['wasserstein']] as const;
    });
    expect(off(pairs)).toBeLessThan(1e-9);
  });

  const distances: Readonly<Record<string, (counts: PairedCounts) => number | undefined>> = {
    psi: (counted) => psi(counted)?.value,
    kl: (counted) => kullbackLeibler(counted)?.value,
    jsDistance: (counted) => jensenShannon(counted)?.distance,
    hellinger: (counted) => hellinger(counted)?.value,
    bhattacharyya,
    lInfinity,
    totalVariation: (counted) => totalVariation(counted)?.value,
    cramersV: (counted) => cramersV(counted)?.value,
    chiSquare: (counted) => cramersV(counted)?.chiSquare,
    floor: (counted) => psi(counted)?.floor,
    psiP: (counted) => psi(counted)?.p,
    chiSquareP: (counted) => cramersV(counted)?.p,
  };
  test.each(Object.entries(distances))('%s of the same counts', (name, measure) => {
    const pairs = answered(counts, samples.length).map(({ asked, said }) => [measure(asked), said[name]] as const);
    expect(off(pairs)).toBeLessThan(TAIL);
  });

  test("Wilson's interval", () => {
    const found = answered(shares, samples.length + counts.length).map(({ asked, said }) => ({
      ours: present(wilson(asked.hits, asked.rows)),
      said,
    }));
    expect(off(found.map(({ ours, said }) => [ours.low, said['low']]))).toBeLessThan(EXACT);
    expect(off(found.map(({ ours, said }) => [ours.high, said['high']]))).toBeLessThan(EXACT);
  });

  test('Benjamini–Hochberg', () => {
    const pairs = answered(ps, samples.length + counts.length + shares.length).flatMap(({ asked, said }) =>
      benjaminiHochberg(asked.ps).map((p, place) => [p, said.adjusted?.[place]] as const),
    );
    expect(off(pairs)).toBeLessThan(EXACT);
  });
});

/** How far a value lies outside its interval. */
const outside = ({ low, high, exact }: { readonly low: number; readonly high: number; readonly exact: number }) =>
  Math.max(0, low - exact, exact - high);

/** The samples on a grid of 2,048 bins around one of their own values. */
function sketched() {
  return answered(samples, 0).map(({ asked, said }) => {
    const grid = softsign('x', present(asked.baseline[0]), 1 + Math.abs(present(asked.baseline.at(-1))));
    const [baseline, current] = [sketchOf(grid, asked.baseline), sketchOf(grid, asked.current)];
    return { grid, fine: fineCounts(baseline, current), baseline, current, said };
  });
}

/** In scales of the grid; left out where a row lies beyond its outermost edge. */
function sketchedWasserstein({ grid, fine, said }: ReturnType<typeof sketched>[number]) {
  const places = placesOf(grid, fine);
  const found = places && wasserstein(fine, places);
  return found ? [{ ...found, exact: present(said['wasserstein']) / grid.scale }] : [];
}

describe("a sketch's value lies within its stated interval of SciPy's", () => {
  test('Kolmogorov–Smirnov on 2,048 bins', () => {
    const found = sketched().map(({ fine, said }) => ({
      ...present(kolmogorovSmirnov(fine)),
      exact: present(said['ks']),
    }));
    expect(Math.max(...found.map(outside))).toBeLessThan(EXACT);
  });

  test('Wasserstein on 2,048 bins, in scales of the grid', () => {
    const found = sketched().flatMap(sketchedWasserstein);
    expect(found.length).toBeGreaterThan(0.9 * samples.length);
    expect(Math.max(...found.map(outside))).toBeLessThan(TAIL);
  });

  test('the ten coarse bins hold every row of both samples once', () => {
    const sum = (side: readonly number[]) => side.reduce((total, count) => total + count, 0);
    for (const { grid, baseline, current } of sketched()) {
      const coarse = coarseCounts(grid, baseline, current);
      expect([sum(coarse.baseline), sum(coarse.current)]).toEqual([baseline.rows, current.rows]);
    }
  });
});
