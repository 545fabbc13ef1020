import type { Span } from '../vocabulary.ts';
import type { Grid, PartitionFacts, Sketch } from './sketch.ts';
import type { DriftCriterion } from './verdict.ts';

/** One window against the champion's baseline; maps are by column, for a slice by `sketchName`. */
export interface WindowInput {
  readonly criteria: readonly DriftCriterion[];
  /** Frozen with the baseline. */
  readonly grids: readonly Grid[];
  /** Merged over the window's present buckets. */
  readonly current: ReadonlyMap<string, Sketch>;
  /** Merged over the champion's training and holdout. */
  readonly baseline: ReadonlyMap<string, Sketch>;
  /** Of the window's present partitions: their columns tell a schema change. */
  readonly facts: readonly PartitionFacts[];
  /** Columns and types of the champion's training data; without them only absence is noticed. */
  readonly baselineColumns?: readonly { readonly name: string; readonly type: string }[];
  readonly window: Span;
  readonly expectedBuckets: readonly Span[];
  readonly presentBuckets: readonly Span[];
  readonly baselineSpan: Span;
  /** Rows that count as one because they are correlated; default 1. */
  readonly designEffect?: number;
}
