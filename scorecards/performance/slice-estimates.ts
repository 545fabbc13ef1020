import type { Slice } from '../vocabulary.ts';
import { estimateMetric, expectedCounts } from './estimate.ts';
import type { EstimatedPerformance, Estimator } from './estimate.ts';
import { LEAST_POSITIVES, LEAST_ROWS } from './groups.ts';
import type { EstimatedMetric } from './metrics.ts';
import { rowsOf, scoredRows } from './score-counts.ts';
import type { ScoreCounts } from './score-counts.ts';

/**
 * What a metric of one slice would be, from the scores of its own rows with the map that was learnt on all rows. Undefined where
 * the slice is too small: with fewer rows, or fewer positives to be expected, than a labelled slice needs, now or on the holdout.
 */
export function estimateSlice(
  metric: EstimatedMetric,
  counts: ScoreCounts,
  { calibration, slices }: Estimator,
  { column, value }: Slice,
): EstimatedPerformance | undefined {
  const own = slices.find((slice) => slice.column === column && slice.value === value);
  if (own === undefined || scoredRows(counts) < LEAST_ROWS) return undefined;
  if (rowsOf(expectedCounts(counts, calibration).positive) < LEAST_POSITIVES) return undefined;
  return estimateMetric(metric, counts, { calibration, spread: own.spread });
}
