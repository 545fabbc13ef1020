import type { Span } from '../vocabulary.ts';
import type { BucketVolume } from './baseline.ts';
import type { Grid, PartitionFacts, Sketch } from './sketch.ts';
import type { DriftCriterion } from './verdict.ts';

/** What a policy and a baseline say of how rows arrive. */
export interface Arrival {
  /** Column of the rows' time. */
  readonly time: string;
  readonly freshWithinMs: number;
  /** How many times the usual rows a bucket may have; `warn` tells of it only. */
  readonly volume: { readonly atLeast: number; readonly atMost: number; readonly severity: 'warn' | 'fail' };
  /** Rows of each of the baseline's buckets. */
  readonly usual: readonly BucketVolume[];
}

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
  /** When rows come and how many; absent: neither is judged. */
  readonly arrival?: Arrival;
  /** Rows that count as one because they are correlated; default 1. */
  readonly designEffect?: number;
}
