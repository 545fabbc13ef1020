import { describe, expect, test } from '@jest/globals';
import { cramersV } from '../../../scorecards/statistics/cramers-v.ts';
import { hellinger } from '../../../scorecards/statistics/hellinger.ts';
import { jensenShannon } from '../../../scorecards/statistics/jensen-shannon.ts';
import { kullbackLeibler } from '../../../scorecards/statistics/kullback-leibler.ts';
import type { PairedCounts } from '../../../scorecards/statistics/paired-counts.ts';
import { psi } from '../../../scorecards/statistics/psi.ts';
import { totalVariation } from '../../../scorecards/statistics/total-variation.ts';
import { present } from '../../present.ts';
import { seededDraws } from '../../seeded-draws.ts';

/** So many rows that the counts are the population itself. */
const POPULATION = 1e12;
const RUNS = 200;

const DISTANCES = {
  psi: (counts: PairedCounts) => present(psi(counts)),
  kl: (counts: PairedCounts) => present(kullbackLeibler(counts)),
  jsDistance: (counts: PairedCounts) => {
    const { distance, interval } = present(jensenShannon(counts));
    return { value: distance, interval };
  },
  hellinger: (counts: PairedCounts) => present(hellinger(counts)),
  totalVariation: (counts: PairedCounts) => present(totalVariation(counts)),
  cramersV: (counts: PairedCounts) => present(cramersV(counts)),
};

/** Ten equal bins, tilted: the last holds (1 + tilt) / (1 − tilt) times the rows of the first. */
const shares = (tilt: number) => Array.from({ length: 10 }, (_, bin) => (1 + tilt * ((2 * bin) / 9 - 1)) / 10);

function drawCounts(population: readonly number[], rows: number, uniform: () => number): readonly number[] {
  const counts = population.map(() => 0);
  for (let row = 0; row < rows; row += 1) {
    let rest = uniform();
    const bin = population.findIndex((share) => (rest -= share) < 0);
    counts[Math.max(0, bin)] = (counts[Math.max(0, bin)] ?? 0) + 1;
  }
  return counts;
}

/** How often the interval of each distance holds the distance of the populations. */
function coverage(world: { readonly tilt: number; readonly n: number; readonly m: number }) {
  const { tilt, n, m } = world;
  const { uniform } = seededDraws(n + m + Math.round(tilt * 100));
  // V depends on how large the sides are: the population keeps their proportion.
  const truth = {
    baseline: shares(0).map((share) => share * POPULATION * (n / (n + m))),
    current: shares(tilt).map((share) => share * POPULATION * (m / (n + m))),
  };
  const drawn = Array.from({ length: RUNS }, () => ({
    baseline: drawCounts(shares(0), n, uniform),
    current: drawCounts(shares(tilt), m, uniform),
  }));
  return Object.entries(DISTANCES).map(([name, measure]) => {
    const exact = measure(truth).value;
    const held = drawn.map(measure).filter(({ interval }) => interval.low <= exact && exact <= interval.high);
    return { name, held: held.length / RUNS };
  });
}

describe('the sampling intervals hold the distance of the populations', () => {
  test.each([
    { tilt: 0, n: 2000, m: 500 },
    { tilt: 0.1, n: 2000, m: 500 },
    { tilt: 0.3, n: 2000, m: 1000 },
    { tilt: 0.6, n: 1000, m: 500 },
    { tilt: 0.9, n: 3000, m: 600 },
  ])('at least 92 times in a hundred: %j', (world) => {
    expect(coverage(world).filter(({ held }) => held < 0.92)).toEqual([]);
  });
});

test('a hundred times the rows make the intervals ten times narrower', () => {
  const world = (rows: number) => ({
    baseline: shares(0).map((share) => share * rows),
    current: shares(0.6).map((share) => share * rows),
  });
  for (const measure of Object.values(DISTANCES)) {
    const [few, many] = [measure(world(10_000)).interval, measure(world(1_000_000)).interval];
    const ratio = (few.high - few.low) / (many.high - many.low);
    expect(ratio).toBeGreaterThan(9);
    expect(ratio).toBeLessThan(14);
  }
});
