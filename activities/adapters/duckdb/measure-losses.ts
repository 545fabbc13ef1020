import { calibrationGap } from '../../../scorecards/statistics/calibration-gap.ts';
import { pairedMeans, pairedRootMeans } from '../../../scorecards/statistics/paired-means.ts';
import type { MomentsRow } from './count-flags.ts';
import type { ScoredRows } from './measure-rows.ts';
import { FEW, measured, measurementOf, perSlice, type Measuring } from './measure-slices.ts';

/** Means of row losses (for `rmse` the root of the mean) with the moments that their intervals need. */
export const measureLosses: Measuring = (rows, criterion) => {
  const through = criterion.metric === 'rmse' ? pairedRootMeans : pairedMeans;
  return perSlice(rows, criterion, rows.moments(criterion), ([moments]) => {
    if (moments === undefined || moments.rows < 2) return { n: moments?.rows ?? 0, why: FEW };
    const estimates = through({ rows: moments.rows, ...pairedOf(rows, moments) }, criterion.confidence);
    return measured(moments.rows, estimates, FEW);
  });
};

const pairedOf = ({ hasChampion }: ScoredRows, moments: MomentsRow) => ({
  challenger: { mean: moments.meanA, variance: moments.varianceA },
  ...(hasChampion ? { champion: { mean: moments.meanB, variance: moments.varianceB } } : {}),
  covariance: moments.covariance,
});

/** How differently the groups of `by` are over-rated: one number, not one per group. n is that of the smallest group. */
export const measureCalibrationGap: Measuring = (rows, criterion) => {
  const { by, confidence, name } = criterion;
  if (by === undefined)
    return [measurementOf(name, null, { n: 0, why: 'the criterion names no column of groups in `by`' })];
  const found = rows.moments(criterion);
  const n = Math.min(
    ...(rows.values.get(by) ?? []).map((value) => found.find(({ slice }) => slice === value)?.rows ?? 0),
  );
  const groups = found.map((moments) => ({ rows: moments.rows, ...pairedOf(rows, moments) }));
  const estimates = n < 2 ? undefined : calibrationGap(groups, confidence);
  return [measurementOf(name, null, measured(n, estimates, `a group of "${by}" has fewer than two rows`))];
};
