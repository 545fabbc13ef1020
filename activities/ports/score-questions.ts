import type { KpiBucket } from '../../scorecards/performance/divergence.ts';
import type { ScoredBucket } from '../../scorecards/performance/score-counts.ts';
import type { Span } from '../../scorecards/vocabulary.ts';

/** What is asked of rows and their labels about the champion's performance. */
export interface ScoreRequest {
  readonly span: Span;
  readonly bucketMs: number;
  readonly rows: {
    readonly files: readonly string[];
    readonly id: string;
    readonly time: string;
    readonly score: string;
    readonly slices: readonly string[];
    /** Slice columns whose values are counted as digests, as snapshots have them. */
    readonly hashed?: readonly string[];
    /** Only rows that this version answered. */
    readonly version?: { readonly column: string; readonly is: string };
  };
  /** A file of `id, score` that has the scores in place of the rows. */
  readonly predictions?: string;
  readonly labels: {
    readonly files: readonly string[];
    readonly id: string;
    readonly label: string;
    /** Absent: every label counts as known. */
    readonly availableAt?: string;
    /** A column that is true where the label only stands in for the real one. */
    readonly surrogate?: string;
  };
  readonly asOf: string;
  /** The operating point: rows at or above it are counted beside. */
  readonly cut?: number;
}

export interface CountedScores {
  /** Ascending; buckets without rows are left out. */
  readonly buckets: readonly ScoredBucket[];
  /** Rows of the span that another version answered. */
  readonly others: number;
  /** When the newest known label became available. */
  readonly watermark?: string;
  /** A column that is not there: then nothing was counted. */
  readonly absent?: string;
}

export interface SumRequest {
  readonly span: Span;
  readonly bucketMs: number;
  readonly rows: { readonly files: readonly string[]; readonly id: string; readonly time: string };
  readonly column: string;
  /** Set where the column is one of the labels'. */
  readonly labels?: { readonly files: readonly string[]; readonly id: string; readonly availableAt: string };
  readonly asOf: string;
}

export interface BucketSums {
  /** Ascending; buckets without a number are left out. */
  readonly buckets: readonly KpiBucket[];
  /** A column that is not there: then nothing was added. */
  readonly absent?: string;
}
