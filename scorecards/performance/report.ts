import type { Span } from '../vocabulary.ts';
import { estimateError, estimateMetric } from './estimate.ts';
import type { Estimator } from './estimate.ts';
import { measureFairness } from './fairness.ts';
import { largeGroups } from './groups.ts';
import { measureLabelled } from './measure.ts';
import type { Measured } from './measure.ts';
import { ESTIMATED_METRICS, FAIRNESS_METRICS, LABELLED_METRICS, needsCut } from './metrics.ts';
import type { EstimatedMetric, FairnessMetric, LabelledMetric } from './metrics.ts';
import type { PerformanceLine } from './performance-line.ts';
import type { ScoredBucket } from './score-counts.ts';
import { reportSlices } from './slice-report.ts';
import type { SlicePerformance } from './slice-report.ts';
import { coverageOf, wholeOf } from './window.ts';
import type { Coverage, LabelledWindow, ReferencePerformance } from './window.ts';

/** How the champion does around one drift window: numbers for people, judged or not. */
export interface WindowPerformance {
  /** Of the newest rows, which estimates are about. */
  readonly window: Span;
  /** Ends earlier: at the last bucket whose every label had time to come. */
  readonly labelled: Span;
  readonly coverage: Coverage;
  /** When the newest known label became available. */
  readonly watermark?: string;
  readonly lines: readonly PerformanceLine[];
  /** Of all declared slice columns, worst first; absent where none is declared. */
  readonly slices?: readonly SlicePerformance[];
  /** Slices that are left out here; the report of the window holds all. */
  readonly moreSlices?: number;
}

/** Every metric that the counts give, for the labelled rows and, where it can be estimated, for the newest ones. */
export function reportPerformance(
  labelled: LabelledWindow,
  newest: { readonly window: Span; readonly buckets: readonly ScoredBucket[]; readonly estimator?: Estimator },
  more: { readonly slices: readonly string[]; readonly watermark?: string },
): WindowPerformance {
  const { buckets, reference } = labelled;
  const slices = reportSlices(more.slices, { buckets, newest, reference });
  const lines = [
    ...LABELLED_METRICS.map((metric) => lineOf(metric, { labelled, newest })),
    ...more.slices.flatMap((by) => FAIRNESS_METRICS.map((metric) => fairnessLine(metric, by, { buckets, reference }))),
  ];
  return {
    window: newest.window,
    labelled: labelled.window,
    coverage: coverageOf(wholeOf(buckets)),
    ...(more.watermark === undefined ? {} : { watermark: more.watermark }),
    lines: lines.filter(({ realised, estimate }) => realised !== undefined || estimate !== undefined),
    ...(slices.length === 0 ? {} : { slices }),
  };
}

interface Sources {
  readonly labelled: LabelledWindow;
  readonly newest: { readonly buckets: readonly ScoredBucket[]; readonly estimator?: Estimator };
}

function lineOf(metric: LabelledMetric, { labelled, newest }: Sources): PerformanceLine {
  const { buckets, reference } = labelled;
  if (needsCut(metric) && reference?.cut === undefined) return { metric };
  const realised = measureLabelled(metric, wholeOf(buckets));
  const holdout = reference && measureLabelled(metric, wholeOf(reference.buckets));
  const estimable = ESTIMATED_METRICS.find((name) => name === metric);
  return {
    metric,
    ...(realised ? { realised } : {}),
    ...(holdout ? { holdout } : {}),
    ...(estimable && newest.estimator ? estimates(estimable, { buckets, newest, realised }, newest.estimator) : {}),
  };
}

function estimates(
  metric: EstimatedMetric,
  of: {
    readonly buckets: readonly ScoredBucket[];
    readonly newest: Sources['newest'];
    readonly realised: Measured | undefined;
  },
  estimator: Estimator,
): Pick<PerformanceLine, 'estimate' | 'estimateError'> {
  const { realised } = of;
  const estimate = estimateMetric(metric, wholeOf(of.newest.buckets), estimator);
  const error = realised && estimateError(metric, { counts: wholeOf(of.buckets), realised }, estimator);
  return { ...(estimate ? { estimate } : {}), ...(error === undefined ? {} : { estimateError: error }) };
}

function fairnessLine(
  metric: FairnessMetric,
  by: string,
  of: { readonly buckets: readonly ScoredBucket[]; readonly reference: ReferencePerformance | undefined },
): PerformanceLine {
  if (metric !== 'calibrationGap' && of.reference?.cut === undefined) return { metric, by };
  const realised = measureFairness(metric, largeGroups(by, of.buckets));
  const holdout = of.reference && measureFairness(metric, largeGroups(by, of.reference.buckets));
  return { metric, by, ...(realised ? { realised } : {}), ...(holdout ? { holdout } : {}) };
}
