import { binnedAuc, binnedAveragePrecision } from '../statistics/binned-ranking.ts';
import { binnedCalibrationError } from '../statistics/binned-calibration.ts';
import { fitIsotonic, isotonicAt } from '../statistics/isotonic.ts';
import type { IsotonicFit } from '../statistics/isotonic.ts';
import { measureLabelled } from './measure.ts';
import { ESTIMATED_METRICS } from './metrics.ts';
import type { EstimatedMetric } from './metrics.ts';
import { mergeCounts, perBin, rowsOf } from './score-counts.ts';
import type { ScoreCells, ScoreCounts, ScoredBucket } from './score-counts.ts';

/** What turns a score into the chance of a positive label; without a fit the score itself is taken for it. */
export interface Calibration {
  readonly fit?: IsotonicFit;
}

/** The champion's labelled rows, day by day: what estimates rest on. */
export interface Estimator {
  readonly calibration: Calibration;
  /** Per metric the standard deviation of what was realised on the days, and their mean rows. */
  readonly spread: Readonly<Partial<Record<EstimatedMetric, { readonly sd: number; readonly meanRows: number }>>>;
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
  const labelled = days.filter(({ all }) => rowsOf(all.positive) + rowsOf(all.negative) > 0);
  const fit = fitTo(labelled);
  if (fit === undefined) return undefined;
  const halves = [0, 1].map((rest) => labelled.filter((_, index) => index % 2 === rest));
  const isBetter = improves(fitTo(halves[0] ?? []), halves[1] ?? []);
  return { calibration: isBetter ? { fit } : {}, spread: spreadOf(labelled) };
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

function spreadOf(days: readonly ScoredBucket[]): Estimator['spread'] {
  const meanRows =
    days.reduce((total, { all }) => total + rowsOf(all.positive) + rowsOf(all.negative), 0) / days.length;
  const found = ESTIMATED_METRICS.flatMap((metric) => {
    const values = days.flatMap(({ all }) => measureLabelled(metric, all)?.value ?? []);
    return values.length < 2 ? [] : [[metric, { sd: deviation(values), meanRows }] as const];
  });
  return Object.fromEntries(found);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1));
}

/**
 * What a metric would be if P(label | score) were still that of the estimator's rows, from the score histogram alone: expected
 * positives and negatives per bin, in raw score order. It cannot see concept drift. Undefined without rows, or where the
 * metric does not exist.
 */
export function estimateMetric(
  metric: EstimatedMetric,
  cells: ScoreCells,
  { calibration, spread }: Estimator,
): EstimatedPerformance | undefined {
  const rows = rowsOf(cells);
  if (rows === 0) return undefined;
  const value = expectedValue(metric, expectedCounts(cells, calibration));
  if (value === undefined) return undefined;
  const own = spread[metric];
  if (own === undefined) return { value, rows };
  const half = 3 * own.sd * Math.sqrt(own.meanRows / rows);
  return { value, rows, band: { low: Math.max(0, value - half), high: Math.min(1, value + half) } };
}

/** Rows split into expected positives and negatives; flagged rows of a bin that the cut divides share its chance. */
export function expectedCounts(cells: ScoreCells, { fit }: Calibration): Pick<ScoreCounts, 'positive' | 'negative'> {
  const chance = cells.bins.map((bin, index) =>
    fit ? isotonicAt(fit, bin) : (cells.scores[index] ?? 0) / (cells.rows[index] ?? 1),
  );
  const split = (share: (chance: number) => number): ScoreCells => ({
    ...cells,
    rows: cells.rows.map((rows, index) => rows * share(chance[index] ?? 0)),
    flagged: cells.flagged.map((rows, index) => rows * share(chance[index] ?? 0)),
  });
  return { positive: split((p) => p), negative: split((p) => 1 - p) };
}

const FULL = 1024;

function expectedValue(
  metric: EstimatedMetric,
  { positive, negative }: Pick<ScoreCounts, 'positive' | 'negative'>,
): number | undefined {
  const bins = { positive: perBin(positive, 'rows', FULL), negative: perBin(negative, 'rows', FULL) };
  if (metric === 'auc') return binnedAuc(bins)?.value;
  if (metric === 'averagePrecision') return binnedAveragePrecision(bins)?.value;
  const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
  const [tp, fp] = [total(positive.flagged), total(negative.flagged)];
  const [fn, tn] = [rowsOf(positive) - tp, rowsOf(negative) - fp];
  const [over, under] = {
    precision: [tp, tp + fp],
    recall: [tp, tp + fn],
    f1: [2 * tp, 2 * tp + fp + fn],
    accuracy: [tp + tn, tp + fp + fn + tn],
  }[metric];
  return under === undefined || over === undefined || under <= 0 ? undefined : over / under;
}
