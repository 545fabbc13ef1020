import { bhattacharyya } from '../statistics/bhattacharyya.ts';
import { cramersV } from '../statistics/cramers-v.ts';
import { hellinger } from '../statistics/hellinger.ts';
import { jensenShannon } from '../statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../statistics/kullback-leibler.ts';
import { lInfinity } from '../statistics/l-infinity.ts';
import type { PairedCounts } from '../statistics/paired-counts.ts';
import { psi } from '../statistics/psi.ts';
import type { SamplingInterval } from '../statistics/sampling-interval.ts';
import { totalVariation } from '../statistics/total-variation.ts';
import { wasserstein } from '../statistics/wasserstein.ts';
import { coarseCounts, fineCounts } from './coarse-bins.ts';
import { placesOf } from './places.ts';
import type { Grid, Sketch } from './sketch.ts';
import type { CoarseDistance, DriftMeasurement, DriftMetric, FineDistance } from './verdict.ts';

export interface Sides {
  readonly grid: Grid;
  readonly baseline: Sketch;
  readonly current: Sketch;
}
export type Measured = Omit<DriftMeasurement, 'p'> & { readonly p: number };

/**
 * One distance of two sketches with rows on both sides, and the p-value of no difference. Undefined where the sketches do not
 * tell: Wasserstein with rows beyond the grid's outermost edges. Throws for a distance that the kind of grid does not have.
 */
export function measureDrift(metric: DriftMetric, sides: Sides, designEffect: number): Measured | undefined {
  const { grid } = sides;
  const isFine = metric === 'ks' || metric === 'wasserstein';
  if (isFine && grid.kind !== 'categories') return measureFine(metric, sides, designEffect);
  if (isCoarse(metric)) return measureCoarse(metric, sides, designEffect);
  throw new Error(`${grid.feature}: ${metric} cannot be measured on a ${grid.kind} sketch`);
}

/** Whether a metric says how far two sides lie apart; all else that is watched has rules of its own. */
export const isDistance = (metric: DriftMetric): boolean =>
  metric === 'ks' || metric === 'wasserstein' || isCoarse(metric);

const isCoarse = (metric: DriftMetric): metric is CoarseDistance => Object.hasOwn(DISTANCES, metric);

function measureFine(
  metric: FineDistance,
  { grid, baseline, current }: Sides,
  designEffect: number,
): Measured | undefined {
  const fine = fineCounts(baseline, current);
  const places = placesOf(grid, fine);
  const moved = places && wasserstein(fine, places);
  const ks = kolmogorovSmirnov(fine, { exact: grid.kind === 'values', designEffect });
  if (!ks) return undefined;
  const n = { current: finiteRows(current), baseline: finiteRows(baseline) };
  if (metric === 'ks') {
    const interval = { low: ks.low, high: ks.high, of: 'resolution' as const };
    return { value: ks.low, interval, n, p: ks.p, ...(moved && { also: { wasserstein: moved.value } }) };
  }
  // Wasserstein has no simple null distribution of its own: that of the largest gap decides significance.
  if (!moved) return undefined;
  const interval = { low: moved.low, high: moved.high, of: 'resolution' as const };
  return { value: moved.value, interval, n, p: ks.p };
}

interface Distance {
  readonly value: number;
  readonly interval: SamplingInterval;
  readonly p?: number;
  readonly noise?: NonNullable<DriftMeasurement['noise']>;
}
type Measure = (counts: PairedCounts, designEffect: number) => Distance | undefined;

const DISTANCES: Readonly<Record<CoarseDistance, Measure>> = {
  psi: (counts, designEffect) => {
    const index = psi(counts, designEffect);
    return index && { ...index, noise: { floor: index.floor, bins: index.bins } };
  },
  cramersV,
  jsDistance: (counts, designEffect) => {
    const js = jensenShannon(counts, designEffect);
    return js && { value: js.distance, interval: js.interval };
  },
  kl: kullbackLeibler,
  hellinger,
  totalVariation,
};

function measureCoarse(
  metric: CoarseDistance,
  { grid, baseline, current }: Sides,
  designEffect: number,
): Measured | undefined {
  const counts = coarseCounts(grid, baseline, current);
  const distance = DISTANCES[metric](counts, designEffect);
  if (!distance) return undefined;
  const { value, interval, noise } = distance;
  return {
    value,
    interval: { ...interval, of: 'sampling' },
    n: { current: current.rows, baseline: baseline.rows },
    ...(noise && { noise }),
    ...(metric === 'psi' && { also: shownBeside(counts) }),
    // JS, KL and their like have no simple null distribution of their own: the chi-square of the same bins decides.
    p: distance.p ?? cramersV(counts, designEffect)?.p ?? 1,
  };
}

function shownBeside(counts: PairedCounts): NonNullable<DriftMeasurement['also']> {
  const [js, kl] = [jensenShannon(counts), kullbackLeibler(counts)];
  const [root, variation] = [hellinger(counts), totalVariation(counts)];
  const [far, most] = [bhattacharyya(counts), lInfinity(counts)];
  return {
    ...(js && { jsDistance: js.distance, jsDivergence: js.divergence }),
    ...(kl && { kl: kl.value }),
    ...(root && { hellinger: root.value }),
    ...(far !== undefined && { bhattacharyya: far }),
    ...(variation && { totalVariation: variation.value }),
    ...(most !== undefined && { lInfinity: most }),
  };
}

/** Rows with a number that can be ordered. */
export const finiteRows = ({ rows, nulls, nonFinite }: Sketch): number => rows - nulls - nonFinite;
