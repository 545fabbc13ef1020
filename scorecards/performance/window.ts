import type { Span } from '../vocabulary.ts';
import type { PerformanceRule } from './criteria.ts';
import { labelledRows, mergeCounts, rowsOf } from './score-counts.ts';
import type { ScoreCounts, ScoredBucket } from './score-counts.ts';
import type { ScoreReference } from './score-grid.ts';

/** The champion on its own holdout, as it was when it was judged: what later windows are held against. */
export interface ReferencePerformance {
  readonly schemaVersion: 1;
  /** Frozen with the scorecard; absent where the task has none. */
  readonly cut?: number;
  readonly span: Span;
  /** Empty where scores are no probabilities; then `scores` is there. */
  readonly buckets: readonly ScoredBucket[];
  readonly scores?: ScoreReference;
}

/** Rows of one window whose every label has had time to come. */
export interface LabelledWindow {
  readonly rule: PerformanceRule;
  /** Column of the score. */
  readonly score: string;
  /** Ends at the last mature bucket, not at as-of. */
  readonly window: Span;
  readonly expectedBuckets: readonly Span[];
  readonly presentBuckets: readonly Span[];
  readonly buckets: readonly ScoredBucket[];
  readonly reference?: ReferencePerformance;
  /** Days of the champion's training and holdout. */
  readonly baselineSpan: Span;
  /** Set where only rows of this version are counted, with the rows of others. */
  readonly version?: { readonly is: string; readonly others: number };
  /** A column that is not there. */
  readonly absent?: string;
}

/** How many of a window's rows can be judged. */
export interface Coverage {
  /** Rows with a score. */
  readonly rows: number;
  readonly labelled: number;
  readonly share: number;
  readonly surrogates: number;
  readonly unscored: number;
}

export function coverageOf(counts: ScoreCounts): Coverage {
  const labelled = labelledRows(counts);
  const rows = labelled + rowsOf(counts.unlabelled);
  const { surrogates, unscored } = counts;
  return { rows, labelled, share: rows === 0 ? 0 : labelled / rows, surrogates, unscored };
}

export const wholeOf = (buckets: readonly ScoredBucket[]): ScoreCounts => mergeCounts(buckets.map(({ all }) => all));
