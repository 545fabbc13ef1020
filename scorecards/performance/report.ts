import type { Span } from '../vocabulary.ts';
import { estimateMetric } from './estimate.ts';
import type { EstimatedPerformance, Estimator } from './estimate.ts';
import { measureFairness } from './fairness.ts';
import { largeGroups } from './groups.ts';
import { measureLabelled } from './measure.ts';
import type { Measured } from './measure.ts';
import { ESTIMATED_METRICS, FAIRNESS_METRICS, LABELLED_METRICS } from './metrics.ts';
import type { EstimatedMetric, FairnessMetric, LabelledMetric } from './metrics.ts';
import { allCells } from './score-counts.ts';
import type { ScoredBucket } from './score-counts.ts';
import { coverageOf, wholeOf } from './window.ts';
import type { Coverage, LabelledWindow, ReferencePerformance } from './window.ts';

/** One number of the champion, before and after its labels are known. */
export interface PerformanceLine {
  readonly metric: LabelledMetric | FairnessMetric;
  /** The column whose groups a fairness metric compares. */
  readonly by?: string;
  /** On rows with mature labels; absent where it does not exist. */
  readonly realised?: Measured;
  /** On the champion's holdout. */
  readonly holdout?: Measured;
  /** Of the newest window, from scores alone. */
  readonly estimate?: EstimatedPerformance;
  /** What the same estimate would have been for the labelled rows, minus what was realised. */
  readonly estimateError?: number;
}

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
}

/** Every metric that the counts give, for the labelled rows and, where it can be estimated, for the newest ones. */
export function reportPerformance(
  labelled: LabelledWindow,
  newest: { readonly window: Span; readonly buckets: readonly ScoredBucket[]; readonly estimator?: Estimator },
  more: { readonly slices: readonly string[]; readonly watermark?: string },
): WindowPerformance {
  const { buckets, reference } = labelled;
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
  };
}

interface Sources {
  readonly labelled: LabelledWindow;
  readonly newest: { readonly buckets: readonly ScoredBucket[]; readonly estimator?: Estimator };
}

const NEEDS_CUT: ReadonlySet<LabelledMetric> = new Set(['f1', 'precision', 'recall', 'accuracy']);

function lineOf(metric: LabelledMetric, { labelled, newest }: Sources): PerformanceLine {
  const { buckets, reference } = labelled;
  if (NEEDS_CUT.has(metric) && reference?.cut === undefined) return { metric };
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
  const estimate = estimateMetric(metric, allCells(wholeOf(of.newest.buckets)), estimator);
  // Labelled rows only: else the error would be that of other rows.
  const { positive, negative, resolution } = wholeOf(of.buckets);
  const known = { positive, negative, unlabelled: NO_CELLS, resolution, surrogates: 0, unscored: 0 };
  const before = estimateMetric(metric, allCells(known), estimator);
  return {
    ...(estimate ? { estimate } : {}),
    ...(before && of.realised ? { estimateError: before.value - of.realised.value } : {}),
  };
}

const NO_CELLS = { bins: [], rows: [], scores: [], squares: [], flagged: [] };

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
