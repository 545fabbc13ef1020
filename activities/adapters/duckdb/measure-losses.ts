import type { CriterionMetric, ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { bootstrapCounts } from '../../../scorecards/statistics/count-bootstrap.ts';
import { calibrationGap } from '../../../scorecards/statistics/calibration-gap.ts';
import { calibrationError } from '../../../scorecards/statistics/calibration-error.ts';
import { NOT_NEGATIVE } from '../../../scorecards/statistics/paired-estimates.ts';
import { pairedMeans, pairedRootMeans } from '../../../scorecards/statistics/paired-means.ts';
import type { ScoredRows } from './measure-rows.ts';
import { measured, measurementOf, perSlice, sliceColumn, type OfSlice, type Measuring } from './measure-slices.ts';
import { doubleLiteral } from './sql-text.ts';

const FEW = 'fewer than two rows can be measured';
/** Bins of equal counts of each model's own scores. */
const CALIBRATION_BINS = 10;
/** A certain score that is wrong must not cost infinity. */
const CLIP = '1e-15';

/** What a row's score `s` costs against its label y; NULL where it cannot be said. */
const LOSSES: Partial<Record<CriterionMetric, (s: string, criterion: ScorecardCriterion) => string>> = {
  logLoss: (s) =>
    `-(y * ln(least(greatest(${s}, ${CLIP}), 1e0 - ${CLIP})) + (1e0 - y) * ln(1e0 - least(greatest(${s}, ${CLIP}), 1e0 - ${CLIP})))`,
  brier: (s) => `(${s} - y) * (${s} - y)`,
  mae: (s) => `abs(${s} - y)`,
  rmse: (s) => `(${s} - y) * (${s} - y)`,
  // A share of nothing is not a number: rows whose label is 0 do not count, and n says so.
  mape: (s) => `CASE WHEN y <> 0 THEN abs(${s} - y) / abs(y) END`,
  // The larger of both products is the one that is not negative; without `quantile` (lint asks for it) half of mae.
  quantileLoss: (s, { quantile = 0.5 }) =>
    `greatest(${doubleLiteral(quantile)} * (y - ${s}), (${doubleLiteral(quantile)} - 1e0) * (y - ${s}))`,
};

interface MomentsRow extends OfSlice {
  readonly rows: number;
  readonly meanA: number;
  readonly varianceA: number;
  readonly meanB: number;
  readonly varianceB: number;
  readonly covariance: number;
}

/** Means of row losses (for `rmse` the root of the mean) with the moments that their intervals need. */
export const measureLosses: Measuring = async (rows, criterion) => {
  const loss = LOSSES[criterion.metric];
  if (loss === undefined) return [];
  const found = await momentsOf(rows, criterion, (score) => loss(score, criterion));
  const through = criterion.metric === 'rmse' ? pairedRootMeans : pairedMeans;
  return perSlice(rows, criterion, found, ([moments]) => {
    if (moments === undefined || moments.rows < 2) return { n: moments?.rows ?? 0, why: FEW };
    const estimates = through({ rows: moments.rows, ...pairedOf(rows, moments) }, criterion.confidence);
    return measured(moments.rows, estimates, FEW);
  });
};

/** Moments of what each row costs, by slice. */
async function momentsOf(
  rows: ScoredRows,
  criterion: ScorecardCriterion,
  loss: (score: string) => string,
): Promise<readonly MomentsRow[]> {
  return await rows.session.rows<MomentsRow>(
    `SELECT slice, count(a)::DOUBLE AS rows, avg(a) AS "meanA", coalesce(var_samp(a), 0) AS "varianceA", avg(b) AS "meanB",
            coalesce(var_samp(b), 0) AS "varianceB", coalesce(covar_samp(a, b), 0) AS covariance
     FROM (SELECT ${sliceColumn(rows, criterion)} AS slice, ${loss('a')} AS a, ${loss('b')} AS b FROM scored)
     GROUP BY 1`,
  );
}

const pairedOf = ({ hasChampion }: ScoredRows, moments: MomentsRow) => ({
  challenger: { mean: moments.meanA, variance: moments.varianceA },
  ...(hasChampion ? { champion: { mean: moments.meanB, variance: moments.varianceB } } : {}),
  covariance: moments.covariance,
});

/** How differently the groups of `by` are over-rated: one number, not one per group. n is that of the smallest group. */
export const measureCalibrationGap: Measuring = async (rows, criterion) => {
  const { by, confidence, name } = criterion;
  if (by === undefined)
    return [measurementOf(name, null, { n: 0, why: 'the criterion names no column of groups in `by`' })];
  const found = await momentsOf(rows, criterion, (score) => `(${score} - y)`);
  const n = Math.min(
    ...(rows.values.get(by) ?? []).map((value) => found.find(({ slice }) => slice === value)?.rows ?? 0),
  );
  const groups = found.map((moments) => ({ rows: moments.rows, ...pairedOf(rows, moments) }));
  const estimates = n < 2 ? undefined : calibrationGap(groups, confidence);
  return [measurementOf(name, null, measured(n, estimates, `a group of "${by}" has fewer than two rows`))];
};

interface BinRow extends OfSlice {
  readonly positive: boolean;
  readonly binA: number;
  readonly binB: number;
  readonly rows: number;
  readonly meanA: number;
  readonly meanB: number;
}

/** Expected calibration error; rows with equal scores share a bin. */
export const measureCalibration: Measuring = async (rows, criterion) => {
  const bin = (score: 'a' | 'b') =>
    `${CALIBRATION_BINS} * (rank() OVER (PARTITION BY slice ORDER BY ${score}) - 1) // count(*) OVER (PARTITION BY slice)`;
  const found = await rows.session.rows<BinRow>(
    `SELECT slice, y > 0 AS positive, "binA", "binB", count(*)::DOUBLE AS rows, avg(a) AS "meanA", avg(b) AS "meanB"
     FROM (SELECT slice, y, a, b, (${bin('a')})::DOUBLE AS "binA", (${bin('b')})::DOUBLE AS "binB"
           FROM (SELECT ${sliceColumn(rows, criterion)} AS slice, y, a, b FROM scored))
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  );
  return perSlice(rows, criterion, found, (ofSlice) => {
    const cells = ofSlice.map((cell) => ({
      rows: cell.rows,
      positive: cell.positive,
      challenger: { bin: cell.binA, meanScore: cell.meanA },
      ...(rows.hasChampion ? { champion: { bin: cell.binB, meanScore: cell.meanB } } : {}),
    }));
    const counts = cells.map((cell) => cell.rows);
    const n = counts.reduce((sum, count) => sum + count, 0);
    if (n < 2) return { n, why: FEW };
    const options = { confidence: criterion.confidence, limits: NOT_NEGATIVE };
    return measured(n, bootstrapCounts(counts, calibrationError(cells), options), FEW);
  });
};
