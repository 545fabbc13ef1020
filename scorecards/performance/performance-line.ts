import type { EstimatedPerformance } from './estimate.ts';
import type { Measured } from './measure.ts';
import type { FairnessMetric, LabelledMetric } from './metrics.ts';

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
