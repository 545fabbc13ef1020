import { calibrationGap } from '../../../scorecards/statistics/calibration-gap.ts';
import type { PairedEstimates } from '../../../scorecards/statistics/paired-estimates.ts';
import { pairedMeans, pairedRootMeans, type LossMoments } from '../../../scorecards/statistics/paired-means.ts';
import type { MomentsRow } from './count-flags.ts';
import { FEW, measured, measurementOf, perSlice, type Measured, type Measuring } from './measure-slices.ts';

/** Means of row losses (for `rmse` the root of the mean) with the moments that their intervals need. */
export const measureLosses: Measuring = (rows, criterion) => {
  const through = criterion.metric === 'rmse' ? pairedRootMeans : pairedMeans;
  return perSlice(rows, criterion, rows.moments(criterion), ([moments]) =>
    ofMoments(moments, rows.hasChampion, (both) => through(both, criterion.confidence)),
  );
};

/** What `through` makes of the moments of one slice; of fewer than two rows nothing. */
export function ofMoments(
  moments: MomentsRow | undefined,
  hasChampion: boolean,
  through: (both: LossMoments) => PairedEstimates | undefined,
): Measured {
  if (moments === undefined || moments.rows < 2) return { n: moments?.rows ?? 0, why: FEW };
  return measured(moments.rows, through(pairedOf(moments, hasChampion)), FEW);
}

const pairedOf = (moments: MomentsRow, hasChampion: boolean) => ({
  rows: moments.rows,
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
  const groups = found.map((moments) => pairedOf(moments, rows.hasChampion));
  const estimates = n < 2 ? undefined : calibrationGap(groups, confidence);
  return [measurementOf(name, null, measured(n, estimates, `a group of "${by}" has fewer than two rows`))];
};
