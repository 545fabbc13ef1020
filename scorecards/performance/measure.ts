import { binnedAuc, binnedAveragePrecision, binnedPrecisionAtK } from '../statistics/binned-ranking.ts';
import type { ClassBins } from '../statistics/binned-ranking.ts';
import { binnedCalibrationError } from '../statistics/binned-calibration.ts';
import { flagMetric } from '../statistics/flag-metrics.ts';
import { twoSidedZ } from '../statistics/normal-quantile.ts';
import type { Estimate } from '../vocabulary.ts';
import type { LabelledMetric } from './metrics.ts';
import { labelledRows, perBin, rowsOf, sum } from './score-counts.ts';
import type { ScoreCells, ScoreCounts } from './score-counts.ts';

/** One number of labelled rows. Without an interval it is judged by its value. */
export interface Measured {
  readonly value: number;
  /** 95 % of sampling, widened by what the bins leave open. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** Set where the bins hide the rows' own number: it lies in here. */
  readonly resolution?: { readonly low: number; readonly high: number };
  /** Rows that the number rests on. */
  readonly n: number;
}

export interface TopRows {
  readonly k?: number | undefined;
  readonly top?: number | undefined;
}

const CONFIDENCE = 0.95;
/** A calibration error of fewer rows says more about chance than about the model. */
export const LEAST_FOR_CALIBRATION = 1000;
const DEFAULT_TOP = 0.1;
const CLIP = 1e-15;

type Measuring = (counts: ScoreCounts, topRows: TopRows) => Measured | undefined;

const MEASURING: Readonly<Record<LabelledMetric, Measuring>> = {
  auc: (counts) => widened(binnedAuc(classBins(counts), CONFIDENCE), labelledRows(counts)),
  averagePrecision,
  precisionAtK: (counts, { k, top = DEFAULT_TOP }) => {
    const rows = k ?? Math.ceil(top * labelledRows(counts));
    return widened(binnedPrecisionAtK(classBins(counts), rows, CONFIDENCE), rows);
  },
  brier: (counts) => byValue(brier(counts), counts),
  logLoss,
  ece: (counts) => byValue(binnedCalibrationError(calibrationBins(counts)), counts),
  f1: (counts) => flagged('f1', counts),
  precision: (counts) => flagged('precision', counts),
  recall: (counts) => flagged('recall', counts),
  accuracy: (counts) => flagged('accuracy', counts),
};

/**
 * A metric of labelled rows from their counts; undefined where it does not exist (no positives, no flagged row, fewer than k
 * rows). F1, precision, recall and accuracy are exact at the cut that was counted; Brier is exact; the others are exact up to
 * the order within a bin, and their intervals say so.
 */
export function measureLabelled(
  metric: LabelledMetric,
  counts: ScoreCounts,
  topRows: TopRows = {},
): Measured | undefined {
  return MEASURING[metric](counts, topRows);
}

export const classBins = ({ positive, negative, resolution }: ScoreCounts): ClassBins => ({
  positive: perBin(positive, 'rows', resolution),
  negative: perBin(negative, 'rows', resolution),
});

const byValue = (value: number | undefined, counts: ScoreCounts): Measured | undefined =>
  value === undefined ? undefined : { value, n: labelledRows(counts) };

function widened(estimate: (Estimate & { readonly resolution: number }) | undefined, n: number): Measured | undefined {
  if (estimate === undefined) return undefined;
  const { value, low, high, resolution } = estimate;
  return { value, n, interval: { low: Math.max(0, low - resolution), high: Math.min(1, high + resolution) } };
}

/**
 * With the logit interval of Boyd, Eng and Page (Area under the precision-recall curve, ECML PKDD 2013): normal on the log-odds
 * with variance 1 / (n1 · AP (1 − AP)).
 */
function averagePrecision(counts: ScoreCounts): Measured | undefined {
  const n = rowsOf(counts.positive);
  const found = binnedAveragePrecision(classBins(counts));
  if (found === undefined) return undefined;
  const { value, low, high } = found;
  if (value <= 0 || value >= 1) return { value, n, interval: { low, high } };
  const half = twoSidedZ(CONFIDENCE) / Math.sqrt(n * value * (1 - value));
  const at = (offset: number) => 1 / (1 + Math.exp(-(Math.log(value / (1 - value)) + offset)));
  return {
    value,
    n,
    interval: { low: Math.max(0, at(-half) - (value - low)), high: Math.min(1, at(half) + (high - value)) },
  };
}

function flagged(metric: 'f1' | 'precision' | 'recall' | 'accuracy', counts: ScoreCounts): Measured | undefined {
  const { n, estimates } = flagMetric({ metric, confidence: CONFIDENCE }, flagCells(counts));
  if (estimates === undefined) return undefined;
  const { value, low, high } = estimates.challenger;
  return { value, n, interval: { low, high } };
}

/** The confusion matrix at the counted cut. */
export function flagCells({ positive, negative }: Pick<ScoreCounts, 'positive' | 'negative'>) {
  return [positive, negative].flatMap((cells, index) => {
    const isPositive = index === 0;
    const above = sum(cells.flagged);
    const cell = (challenger: boolean, rows: number) => ({
      positive: isPositive,
      challenger,
      rows,
      labels: isPositive ? rows : 0,
      squares: isPositive ? rows : 0,
    });
    return [cell(true, above), cell(false, rowsOf(cells) - above)];
  });
}

/** (Σ score² − 2 Σ_{label 1} score + n1) / N: exact. */
function brier(counts: ScoreCounts): number | undefined {
  const { positive, negative } = counts;
  const n = labelledRows(counts);
  if (n === 0) return undefined;
  const squares = sum(positive.squares) + sum(negative.squares);
  return Math.max(0, squares - 2 * sum(positive.scores) + rowsOf(positive)) / n;
}

/**
 * −(Σ_b pos_b ln s_b + neg_b ln(1 − s_b)) / N with s_b the mean score of the label's rows in the bin, clipped to
 * [1e−15, 1 − 1e−15]. The logarithm is concave: the rows' own log-loss is never below this, and never above what the rows would
 * give if they stood at the edges of their bins.
 */
function logLoss(counts: ScoreCounts): Measured | undefined {
  const n = labelledRows(counts);
  if (n === 0) return undefined;
  const sides = [lossOf(counts.positive, counts.resolution, false), lossOf(counts.negative, counts.resolution, true)];
  const value = sum(sides.map(({ low }) => low)) / n;
  return { value, n, resolution: { low: value, high: sum(sides.map(({ high }) => high)) / n } };
}

/** Σ −ln of the chance that the rows gave their own label: with all rows of a bin at its mean, and at its edges. */
function lossOf({ bins, rows, scores }: ScoreCells, resolution: number, negative: boolean) {
  const loss = (score: number) => -Math.log(Math.min(1 - CLIP, Math.max(CLIP, negative ? 1 - score : score)));
  const each = bins.map((bin, index) => {
    const count = rows[index] ?? 0;
    const [least, most] = [bin / resolution, Math.min(1, (bin + 1) / resolution)];
    const mean = (scores[index] ?? 0) / count;
    const upper = most === least ? 0 : Math.min(1, Math.max(0, (mean - least) / (most - least)));
    return { low: count * loss(mean), high: count * ((1 - upper) * loss(least) + upper * loss(most)) };
  });
  return { low: sum(each.map(({ low }) => low)), high: sum(each.map(({ high }) => high)) };
}

function calibrationBins({ positive, negative, resolution }: ScoreCounts) {
  const [positives, negatives] = [perBin(positive, 'rows', resolution), perBin(negative, 'rows', resolution)];
  const [highs, lows] = [perBin(positive, 'scores', resolution), perBin(negative, 'scores', resolution)];
  return positives.map((count, bin) => ({
    rows: count + (negatives[bin] ?? 0),
    scores: (highs[bin] ?? 0) + (lows[bin] ?? 0),
    positives: count,
  }));
}
