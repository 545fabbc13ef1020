import { cramersV } from '../statistics/cramers-v.ts';
import { jensenShannon } from '../statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../statistics/kullback-leibler.ts';
import { psi } from '../statistics/psi.ts';
import { coarseCounts, fineCounts } from './coarse-bins.ts';
import type { Grid, Sketch } from './sketch.ts';
import type { DriftMeasurement, DriftMetric } from './verdict.ts';

export interface Sides {
  readonly grid: Grid;
  readonly baseline: Sketch;
  readonly current: Sketch;
}
type Measured = Omit<DriftMeasurement, 'p'> & { readonly p: number };

/** One distance of two sketches with rows on both sides, and the p-value of no difference. */
export function measureDrift(metric: DriftMetric, sides: Sides, designEffect: number): Measured {
  const measured = metric === 'ks' ? measureKs(sides, designEffect) : measureCoarse(metric, sides, designEffect);
  if (!measured) throw new Error(`${sides.grid.feature}: ${metric} cannot be measured on a ${sides.grid.kind} sketch`);
  return measured;
}

function measureKs({ grid, baseline, current }: Sides, designEffect: number): Measured | undefined {
  if (grid.kind === 'categories') return undefined;
  const ks = kolmogorovSmirnov(fineCounts(baseline, current), { exact: grid.kind === 'values', designEffect });
  if (!ks) return undefined;
  return {
    value: ks.low,
    interval: { low: ks.low, high: ks.high, of: 'resolution' },
    n: { current: finiteRows(current), baseline: finiteRows(baseline) },
    p: ks.p,
  };
}

function measureCoarse(
  metric: DriftMetric,
  { grid, baseline, current }: Sides,
  designEffect: number,
): Measured | undefined {
  const counts = coarseCounts(grid, baseline, current);
  const [index, table] = [psi(counts, designEffect), cramersV(counts, designEffect)];
  const [js, kl] = [jensenShannon(counts), kullbackLeibler(counts)];
  if (!index || !table || !js || kl === undefined) return undefined;
  const n = { current: current.rows, baseline: baseline.rows };
  if (metric === 'psi') {
    const noise = { floor: index.floor, bins: index.bins };
    return { value: index.value, n, noise, p: index.p, also: { jsDistance: js.distance, kl } };
  }
  if (metric === 'cramersV') return { value: table.value, n, p: table.p };
  // JS and KL have no simple null distribution of their own: the chi-square of the same bins decides significance.
  if (metric === 'jsDistance') return { value: js.distance, n, p: table.p };
  return metric === 'kl' ? { value: kl, n, p: table.p } : undefined;
}

/** Rows with a number that can be ordered. */
export const finiteRows = ({ rows, nulls, nonFinite }: Sketch): number => rows - nulls - nonFinite;
