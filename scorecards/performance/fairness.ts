import { calibrationGap } from '../statistics/calibration-gap.ts';
import type { OverRating } from '../statistics/calibration-gap.ts';
import { gapEstimates } from '../statistics/gap-intervals.ts';
import type { GroupGap } from '../statistics/group-gaps.ts';
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
  const estimate =
    metric === 'calibrationGap'
      ? calibrationGap(groups.map(({ counts }) => overRating(counts)))?.challenger
      : flagGap(metric, groups);
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

/** Moments of score − label; the variance is exact because Σ (score − label)² is. */
function overRating(counts: ScoreCounts): OverRating {
  const { positive, negative } = counts;
  const rows = labelledRows(counts);
  const mean = (sum(positive.scores) + sum(negative.scores) - rowsOf(positive)) / rows;
  const squares = sum(positive.squares) + sum(negative.squares) - 2 * sum(positive.scores) + rowsOf(positive);
  const variance = Math.max(0, squares - rows * mean * mean) / (rows - 1);
  return { rows, challenger: { mean, variance }, covariance: 0 };
}
