import { counted } from '../counted.ts';
import { spanText } from '../drift/sentence.ts';
import { overlaps } from '../drift/windows.ts';
import type { DriftCriterion, DriftFinding, DriftReason } from '../drift/verdict.ts';
import type { Slice, Span } from '../vocabulary.ts';
import { boundsOf, driftCriterionOf } from './criteria.ts';
import type { PerformanceBound, PerformanceRule } from './criteria.ts';
import { estimateMetric } from './estimate.ts';
import type { EstimatedPerformance, Estimator } from './estimate.ts';
import { LEAST_ROWS, slicesBy } from './groups.ts';
import { measureLabelled } from './measure.ts';
import type { Measured } from './measure.ts';
import { ESTIMATED_METRICS, needsCut } from './metrics.ts';
import type { EstimatedMetric, PerformanceMetric } from './metrics.ts';
import { scoredRows, sliceOf } from './score-counts.ts';
import type { ScoredBucket } from './score-counts.ts';
import { numberText, rangeText } from './sentence.ts';
import { estimateSlice } from './slice-estimates.ts';
import { wholeOf } from './window.ts';
import type { ReferencePerformance } from './window.ts';

const ESTIMATED: Readonly<Record<EstimatedMetric, PerformanceMetric>> = {
  auc: 'estimatedAuc',
  averagePrecision: 'estimatedAveragePrecision',
  f1: 'estimatedF1',
  precision: 'estimatedPrecision',
  recall: 'estimatedRecall',
  accuracy: 'estimatedAccuracy',
};

/** The newest rows, labels or none, and what their scores are held against. */
export interface EstimateWindow {
  readonly rule: PerformanceRule;
  readonly score: string;
  readonly window: Span;
  readonly buckets: readonly ScoredBucket[];
  readonly reference: ReferencePerformance;
  readonly estimator: Estimator;
  /** Days of the champion's training and holdout: rows of these were answered by another version. */
  readonly baselineSpan: Span;
}

/**
 * What the criteria would say if the labels came as they used to for these scores: of all rows, or of each value of the slice
 * column that a criterion names. An estimate warns when its whole band lies beyond the limit and is never a breach: it stands in
 * for nothing that labels decide.
 */
export function judgeEstimates(input: EstimateWindow): readonly DriftFinding[] {
  const { buckets, reference } = input;
  return boundsOf(input.rule).flatMap((bound) => {
    const { by, metric: asked } = bound.asked;
    const metric = ESTIMATED_METRICS.find((name) => name === asked);
    // Without a cut no row counts as flagged: an estimate would be nought, and no warning.
    if (metric === undefined || (needsCut(metric) && reference.cut === undefined)) return [];
    if (by === undefined) return [judgeEstimate(input, bound, wholeOfRows(input, metric))];
    return slicesBy(by, buckets, reference.buckets).map((slice) =>
      judgeEstimate(input, bound, sliceOfRows(input, metric, slice)),
    );
  });
}

/** What one estimate is made of: all rows, or those of a slice. */
interface Part {
  readonly metric: EstimatedMetric;
  readonly slice?: Slice;
  /** Of the holdout. */
  readonly before: Measured | undefined;
  readonly rows: number;
  /** Absent: there is too little to estimate from, for the reason beside. */
  readonly found?: EstimatedPerformance & Required<Pick<EstimatedPerformance, 'band'>>;
  readonly why: { readonly judged: 'missing' | 'inconclusive'; readonly reason: DriftReason };
}

function wholeOfRows({ buckets, estimator, reference, rule }: EstimateWindow, metric: EstimatedMetric): Part {
  const counts = wholeOf(buckets);
  const rows = scoredRows(counts);
  const estimate = rows < rule.minimum ? undefined : estimateMetric(metric, counts, estimator);
  const before = measureLabelled(metric, wholeOf(reference.buckets));
  return { metric, before, rows, ...withBand(estimate), why: { judged: 'inconclusive', reason: 'too-few-rows' } };
}

function sliceOfRows({ buckets, estimator, reference }: EstimateWindow, metric: EstimatedMetric, slice: Slice): Part {
  const counts = sliceOf(buckets, slice);
  const rows = scoredRows(counts);
  const estimate = estimateSlice(metric, counts, estimator, slice);
  const before = measureLabelled(metric, sliceOf(reference.buckets, slice));
  const why =
    rows === 0
      ? ({ judged: 'missing', reason: 'no-data' } as const)
      : ({ judged: 'inconclusive', reason: 'suppressed-slice' } as const);
  return { metric, slice, before, rows, ...withBand(estimate), why };
}

function withBand(estimate: EstimatedPerformance | undefined): Pick<Part, 'found'> {
  return estimate?.band ? { found: { ...estimate, band: estimate.band } } : {};
}

function judgeEstimate(input: EstimateWindow, bound: PerformanceBound, part: Part): DriftFinding {
  const { baselineSpan, rule, score, window } = input;
  const { before, found, metric, slice } = part;
  const labelled = driftCriterionOf(bound, {
    score,
    minimum: slice ? LEAST_ROWS : rule.minimum,
    ...(slice ? { slice } : {}),
    ...(before ? { reference: before.value } : {}),
  });
  const criterion: DriftCriterion = {
    ...labelled,
    kind: 'prediction',
    metric: ESTIMATED[metric],
    name: `estimated ${labelled.name}`,
  };
  if (!found || !before || overlaps(window, baselineSpan))
    return {
      criterion,
      level: 'none',
      ...part.why,
      sentence: `${criterion.name}: ${counted(part.rows)} scored rows from ${spanText(window)} after the champion's baseline are not enough for an estimate. Not judged.`,
    };
  const level = found.band.high < labelled.limit ? 'warn' : 'none';
  return {
    criterion,
    judged: 'pass',
    level,
    reason: level === 'warn' ? 'warning' : 'within-bound',
    sentence: describeEstimate(criterion, found, window),
    measurement: {
      value: found.value,
      interval: { ...found.band, of: 'sampling' },
      n: { current: found.rows, baseline: before.n },
      marks: ['estimate'],
    },
  };
}

function describeEstimate({ limit, name }: DriftCriterion, found: EstimatedPerformance, window: Span): string {
  const number = `${numberText(found.value)}${rangeText(found.band)}`;
  return `${name}: ${number}, at least ${numberText(limit)}; ${counted(found.rows)} rows from ${spanText(window)}, estimated, assuming calibration holds.`;
}
