import { counted } from '../counted.ts';
import { spanText } from '../drift/sentence.ts';
import { overlaps } from '../drift/windows.ts';
import type { DriftCriterion, DriftFinding } from '../drift/verdict.ts';
import type { Span } from '../vocabulary.ts';
import { boundsOf, driftCriterionOf } from './criteria.ts';
import type { PerformanceBound, PerformanceRule } from './criteria.ts';
import { estimateMetric } from './estimate.ts';
import type { EstimatedPerformance, Estimator } from './estimate.ts';
import { measureLabelled } from './measure.ts';
import { ESTIMATED_METRICS } from './metrics.ts';
import type { EstimatedMetric, PerformanceMetric } from './metrics.ts';
import { allCells } from './score-counts.ts';
import type { ScoredBucket } from './score-counts.ts';
import { numberText, rangeText } from './sentence.ts';
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
 * What the criteria on all rows would say if the labels came as they used to for these scores. An estimate warns when its whole
 * band lies beyond the limit and is never a breach: it stands in for nothing that labels decide.
 */
export function judgeEstimates(input: EstimateWindow): readonly DriftFinding[] {
  return boundsOf(input.rule).flatMap((bound) => {
    const metric = ESTIMATED_METRICS.find((name) => name === bound.asked.metric);
    return metric === undefined || bound.asked.by !== undefined ? [] : [judgeEstimate(input, bound, metric)];
  });
}

function judgeEstimate(input: EstimateWindow, bound: PerformanceBound, metric: EstimatedMetric): DriftFinding {
  const { rule, score, reference, window } = input;
  const before = measureLabelled(metric, wholeOf(reference.buckets));
  const of = { score, minimum: rule.minimum, ...(before ? { reference: before.value } : {}) };
  const labelled = driftCriterionOf(bound, of);
  const criterion: DriftCriterion = {
    ...labelled,
    kind: 'prediction',
    metric: ESTIMATED[metric],
    name: `estimated ${labelled.name}`,
  };
  const found = estimateMetric(metric, allCells(wholeOf(input.buckets)), input.estimator);
  if (!found?.band || found.rows < rule.minimum || !before || overlaps(window, input.baselineSpan))
    return {
      criterion,
      judged: 'inconclusive',
      level: 'none',
      reason: 'too-few-rows',
      sentence: `${criterion.name}: ${counted(found?.rows ?? 0)} scored rows from ${spanText(window)} after the champion's baseline are not enough for an estimate. Not judged.`,
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
