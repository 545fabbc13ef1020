import { binnedAuc, binnedAveragePrecision } from '../statistics/binned-ranking.ts';
import { binnedCalibrationError } from '../statistics/binned-calibration.ts';
import { fitIsotonic, isotonicAt } from '../statistics/isotonic.ts';
import type { IsotonicFit } from '../statistics/isotonic.ts';
import type { Slice } from '../vocabulary.ts';
import { isSmall } from './groups.ts';
import { measureLabelled } from './measure.ts';
import type { Measured } from './measure.ts';
import { ESTIMATED_METRICS } from './metrics.ts';
import type { EstimatedMetric } from './metrics.ts';
import {
  allCells,
  emptyCounts,
  labelledOf,
  labelledRows,
  mergeCounts,
  perBin,
  rowsOf,
  scoredRows,
  sliceOf,
  sum,
} from './score-counts.ts';
import type { ScoreCells, ScoreCounts, ScoredBucket } from './score-counts.ts';

/** What turns a score into the chance of a positive label; without a fit the score itself is taken for it. */
export interface Calibration {
  readonly fit?: IsotonicFit;
}

/** Per metric the standard deviation of what was realised on the days, and their mean rows. */
export type Spread = Readonly<Partial<Record<EstimatedMetric, { readonly sd: number; readonly meanRows: number }>>>;

interface SliceSpread extends Slice {
  readonly spread: Spread;
}

/** The champion's labelled rows, day by day: what estimates rest on. */
export interface Estimator {
  readonly calibration: Calibration;
  readonly spread: Spread;
  /** Of each slice that has enough rows and positives to be judged by; the calibration is that of all rows. */
  readonly slices: readonly SliceSpread[];
}

export interface EstimatedPerformance {
  readonly value: number;
  /** Three standard deviations of the days, scaled to as many rows; absent with fewer than two days. */
  readonly band?: { readonly low: number; readonly high: number };
  readonly rows: number;
}

/**
 * Confidence-based performance estimation: an isotonic map from score bin to the share of positives, fitted on labelled rows.
 * The map is used where, fitted on every other day, it lowers the calibration error of the days between; else the score is
 * taken as it is. Undefined without labelled rows.
 */
export function fitEstimator(days: readonly ScoredBucket[]): Estimator | undefined {
  const labelled = days.filter(({ all }) => labelledRows(all) > 0);
  const fit = fitTo(labelled);
  if (fit === undefined) return undefined;
  const halves = [0, 1].map((rest) => labelled.filter((_, index) => index % 2 === rest));
  const isBetter = improves(fitTo(halves[0] ?? []), halves[1] ?? []);
  return {
    calibration: isBetter ? { fit } : {},
    spread: spreadOf(labelled.map(({ all }) => all)),
    slices: spreadsOf(labelled),
  };
}

function spreadsOf(days: readonly ScoredBucket[]): readonly SliceSpread[] {
  const found = days.flatMap(({ slices }) =>
    slices.map(({ column, value }) => [JSON.stringify([column, value]), { column, value }] as const),
  );
  const large = [...new Map(found).values()].filter((slice) => !isSmall(sliceOf(days, slice)));
  return large.map((slice) => {
    const own = days.map((day) => sliceOf([day], slice)).filter((counts) => labelledRows(counts) > 0);
    return { ...slice, spread: spreadOf(own) };
  });
}

function fitTo(days: readonly ScoredBucket[]): IsotonicFit | undefined {
  const { positive, negative, resolution } = mergeCounts(days.map(({ all }) => all));
  const negatives = perBin(negative, 'rows', resolution);
  const points = perBin(positive, 'rows', resolution).map((positives, bin) => {
    const weight = positives + (negatives[bin] ?? 0);
    return { x: bin, y: weight === 0 ? 0 : positives / weight, weight };
  });
  return fitIsotonic(points);
}

function improves(fit: IsotonicFit | undefined, days: readonly ScoredBucket[]): boolean {
  const { positive, negative, resolution } = mergeCounts(days.map(({ all }) => all));
  const dense = (cells: ScoreCells, field: 'rows' | 'scores') => perBin(cells, field, resolution);
  const [negatives, lows, highs] = [dense(negative, 'rows'), dense(negative, 'scores'), dense(positive, 'scores')];
  const errorOf = (scoresOf: (bin: number, rows: number) => number) =>
    binnedCalibrationError(
      dense(positive, 'rows').map((positives, bin) => {
        const rows = positives + (negatives[bin] ?? 0);
        return { rows, positives, scores: scoresOf(bin, rows) };
      }),
    );
  const raw = errorOf((bin) => (highs[bin] ?? 0) + (lows[bin] ?? 0));
  const fitted = fit && errorOf((bin, rows) => rows * isotonicAt(fit, bin));
  return raw !== undefined && fitted !== undefined && fitted < raw;
}

function spreadOf(days: readonly ScoreCounts[]): Spread {
  const meanRows = sum(days.map(labelledRows)) / days.length;
  const found = ESTIMATED_METRICS.flatMap((metric) => {
    const values = days.flatMap((counts) => measureLabelled(metric, counts)?.value ?? []);
    return values.length < 2 ? [] : [[metric, { sd: deviation(values), meanRows }] as const];
  });
  return Object.fromEntries(found);
}

function deviation(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}

/**
 * What a metric would be if P(label | score) were still that of the estimator's rows, from the score histogram alone: expected
 * positives and negatives per bin, in raw score order. It cannot see concept drift. Undefined without rows, or where the
 * metric does not exist.
 */
export function estimateMetric(
  metric: EstimatedMetric,
  counts: ScoreCounts,
  { calibration, spread }: Pick<Estimator, 'calibration' | 'spread'>,
): EstimatedPerformance | undefined {
  const rows = scoredRows(counts);
  if (rows === 0) return undefined;
  const value = expectedValue(metric, expectedCounts(counts, calibration));
  if (value === undefined) return undefined;
  const own = spread[metric];
  if (own === undefined) return { value, rows };
  const half = 3 * own.sd * Math.sqrt(own.meanRows / rows);
  return { value, rows, band: { low: Math.max(0, value - half), high: Math.min(1, value + half) } };
}

/** What the estimate would have been for the labelled rows, had their labels not come, minus what they say. */
export function estimateError(
  metric: EstimatedMetric,
  { counts, realised }: { readonly counts: ScoreCounts; readonly realised: Pick<Measured, 'value'> },
  { calibration }: Estimator,
): number | undefined {
  // Of the same rows: that labels are still to come for others must not count as an error.
  const before = estimateMetric(metric, labelledOf(counts), { calibration, spread: {} });
  return before && before.value - realised.value;
}

/**
 * Rows, labelled or not, split into expected positives and negatives; flagged rows of a bin that the cut divides share its
 * chance. The map is one of 1,024 bins: a coarser bin takes the chance of the fine one in which the mean of its scores lies.
 */
export function expectedCounts(counts: ScoreCounts, { fit }: Calibration): ScoreCounts {
  const { resolution } = counts;
  const cells = allCells(counts);
  const chance = cells.bins.map((bin, index) => {
    const mean = (cells.scores[index] ?? 0) / (cells.rows[index] ?? 1);
    if (!fit) return mean;
    return isotonicAt(fit, resolution === FULL ? bin : Math.floor(FULL * mean));
  });
  const split = (share: (chance: number) => number): ScoreCells => ({
    ...cells,
    rows: cells.rows.map((rows, index) => rows * share(chance[index] ?? 0)),
    flagged: cells.flagged.map((rows, index) => rows * share(chance[index] ?? 0)),
  });
  return { ...emptyCounts(resolution), positive: split((p) => p), negative: split((p) => 1 - p) };
}

const FULL = 1024;

function expectedValue(metric: EstimatedMetric, { positive, negative, resolution }: ScoreCounts): number | undefined {
  const bins = { positive: perBin(positive, 'rows', resolution), negative: perBin(negative, 'rows', resolution) };
  if (metric === 'auc') return binnedAuc(bins)?.value;
  if (metric === 'averagePrecision') return binnedAveragePrecision(bins)?.value;
  const [tp, fp] = [sum(positive.flagged), sum(negative.flagged)];
  const [fn, tn] = [rowsOf(positive) - tp, rowsOf(negative) - fp];
  const [over, under] = {
    precision: [tp, tp + fp],
    recall: [tp, tp + fn],
    f1: [2 * tp, 2 * tp + fp + fn],
    accuracy: [tp + tn, tp + fp + fn + tn],
  }[metric];
  return under === undefined || over === undefined || under <= 0 ? undefined : over / under;
}
