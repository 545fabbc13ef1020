import type { Slice } from '../vocabulary.ts';
import { estimateError } from './estimate.ts';
import type { Estimator } from './estimate.ts';
import { isSmall, slicesBy } from './groups.ts';
import { measureLabelled } from './measure.ts';
import { ESTIMATED_METRICS, needsCut } from './metrics.ts';
import type { EstimatedMetric } from './metrics.ts';
import type { PerformanceLine } from './performance-line.ts';
import { labelledRows, scoredRows, sliceOf } from './score-counts.ts';
import type { ScoreCounts, ScoredBucket } from './score-counts.ts';
import { estimateSlice } from './slice-estimates.ts';
import type { ReferencePerformance } from './window.ts';

/** One value of a slice column. Numbers that rest on too few rows are left out, the rows themselves are always told. */
export interface SlicePerformance extends Slice {
  /** Rows of the newest window with a score. */
  readonly rows: number;
  /** Rows of the labelled window with a label. */
  readonly labelled: number;
  readonly lines: readonly PerformanceLine[];
}

export interface SliceSources {
  /** Of the labelled window. */
  readonly buckets: readonly ScoredBucket[];
  readonly newest: { readonly buckets: readonly ScoredBucket[]; readonly estimator?: Estimator };
  readonly reference: ReferencePerformance | undefined;
}

/**
 * The values of slice columns that the window or the holdout has, the largest fall of the AUC of all first, values without one
 * last.
 */
export function reportSlices(columns: readonly string[], of: SliceSources): readonly SlicePerformance[] {
  const known = of.reference?.buckets ?? [];
  const seen = [...of.buckets, ...of.newest.buckets];
  const found = columns.flatMap((column) => slicesBy(column, seen, known).map((slice) => sliceRow(slice, of)));
  return found.toSorted((a, b) => fallOf(a) - fallOf(b) || b.rows - a.rows || (nameOf(a) < nameOf(b) ? -1 : 1));
}

function sliceRow(slice: Slice, of: SliceSources): SlicePerformance {
  const rows: RowsOf = {
    slice,
    labelled: sliceOf(of.buckets, slice),
    newest: sliceOf(of.newest.buckets, slice),
    holdout: sliceOf(of.reference?.buckets ?? [], slice),
  };
  const measurable = ESTIMATED_METRICS.filter((metric) => !needsCut(metric) || of.reference?.cut !== undefined);
  const lines = measurable.map((metric) => lineOf(metric, rows, of.newest.estimator));
  return {
    ...slice,
    rows: scoredRows(rows.newest),
    labelled: labelledRows(rows.labelled),
    lines: lines.filter(({ realised, estimate }) => realised !== undefined || estimate !== undefined),
  };
}

interface RowsOf extends Readonly<Record<'labelled' | 'newest' | 'holdout', ScoreCounts>> {
  readonly slice: Slice;
}

function lineOf(
  metric: EstimatedMetric,
  { slice, ...rows }: RowsOf,
  estimator: Estimator | undefined,
): PerformanceLine {
  const valueOf = (counts: ScoreCounts) => (isSmall(counts) ? undefined : measureLabelled(metric, counts));
  const [realised, holdout] = [valueOf(rows.labelled), valueOf(rows.holdout)];
  const estimate = estimator && estimateSlice(metric, rows.newest, estimator, slice);
  const error = estimator && realised && estimateError(metric, { counts: rows.labelled, realised }, estimator);
  return {
    metric,
    ...(realised ? { realised } : {}),
    ...(holdout ? { holdout } : {}),
    ...(estimate ? { estimate } : {}),
    ...(error === undefined ? {} : { estimateError: error }),
  };
}

/** By the labels where they are known, else by the estimate. */
function fallOf({ lines }: SlicePerformance): number {
  const auc = lines.find(({ metric }) => metric === 'auc');
  const now = auc?.realised ?? auc?.estimate;
  return now && auc?.holdout ? now.value - auc.holdout.value : 2;
}

const nameOf = ({ column, value }: Slice): string => `${column} ${value ?? ''}`;
