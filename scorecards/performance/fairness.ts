import { confidenceOfEach, gapEstimates, largestGap } from '../statistics/gap-intervals.ts';
import type { GroupGap } from '../statistics/group-gaps.ts';
import { twoSidedZ } from '../statistics/normal-quantile.ts';
import type { Estimate } from '../vocabulary.ts';
import type { Measured } from './measure.ts';
import { flagCells } from './measure.ts';
import type { FairnessMetric } from './metrics.ts';
import { labelledRows, rowsOf, sum } from './score-counts.ts';
import type { ScoreCounts, SliceCounts } from './score-counts.ts';

/**
 * A gap between the groups of one slice column, from their labelled rows; n is that of the smallest group. Undefined with fewer than two groups or when a group lacks the
 * rows that a rate needs.
 */
export function measureFairness(metric: FairnessMetric, groups: readonly SliceCounts[]): Measured | undefined {
  const n = Math.min(...groups.map(({ counts }) => labelledRows(counts)));
  const estimate = metric === 'calibrationGap' ? calibrationGap(groups) : flagGap(metric, groups);
  if (estimate === undefined || groups.length < 2) return undefined;
  const { value, low, high } = estimate;
  return { value, n, interval: { low, high } };
}

function flagGap(metric: GroupGap, groups: readonly SliceCounts[]): Estimate | undefined {
  const found = groups.flatMap(({ counts, value }) =>
    flagCells(counts).map((cell) => ({ ...cell, group: JSON.stringify(value) })),
  );
  const counted = found.filter(({ rows }) => rows > 0);
  return gapEstimates(metric, counted)?.challenger;
}

/**
 * Largest minus smallest (mean score − share of positives) of the groups: how differently they are over-rated. The two extremes
 * are picked among g groups, so each interval is taken at level 1 − 0.05 / (g (g − 1) / 2).
 */
function calibrationGap(groups: readonly SliceCounts[]): Estimate | undefined {
  const each = confidenceOfEach(0.95, groups.length);
  const gaps = groups.flatMap(({ counts }) => overRating(counts, each) ?? []);
  return gaps.length < Math.max(2, groups.length) ? undefined : largestGap(gaps);
}

/** Mean of score − label with its normal interval; the variance is exact because Σ (score − label)² is. */
function overRating(counts: ScoreCounts, confidence: number): Estimate | undefined {
  const { positive, negative } = counts;
  const n = labelledRows(counts);
  if (n < 2) return undefined;
  const scores = sum(positive.scores) + sum(negative.scores);
  const value = (scores - rowsOf(positive)) / n;
  const squares = sum(positive.squares) + sum(negative.squares) - 2 * sum(positive.scores) + rowsOf(positive);
  const half = twoSidedZ(confidence) * Math.sqrt(Math.max(0, squares - n * value * value) / (n - 1) / n);
  return { value, low: value - half, high: value + half };
}
