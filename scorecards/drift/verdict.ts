import type { PerformanceMetric } from '../performance/metrics.ts';
import type { Judged, Slice, Span } from '../vocabulary.ts';

export type DriftKind =
  | 'data'
  | 'prediction'
  | 'concept'
  | 'fairness'
  | 'schema'
  | 'quality'
  | 'skew'
  /** The business falls while the model's own numbers hold: told to people, never an answer of the policy (DA9). */
  | 'divergence';
/** How far two samples lie apart: of ordered numbers, and of counts in bins. */
export type FineDistance = 'ks' | 'wasserstein';
export type CoarseDistance = 'psi' | 'cramersV' | 'jsDistance' | 'kl' | 'hellinger' | 'totalVariation';
export type DriftMetric =
  | FineDistance
  | CoarseDistance
  | 'nullRate'
  | 'nonFiniteRate'
  | 'unseenShare'
  | 'vanishedSlices'
  | 'slicesBeyond'
  | 'strayRows'
  /** Hours from the newest row to the window's end. */
  | 'freshness'
  /** Rows of a bucket, as a multiple of what is usual. */
  | 'volume'
  | 'schema'
  | PerformanceMetric;
export const DRIFT_WORDS = ['steady', 'warn', 'inconclusive', 'drift', 'blocked'] as const;
export type DriftWord = (typeof DRIFT_WORDS)[number];
export type Level = 'none' | 'warn' | 'breach';

export type DriftReason =
  | 'within-bound'
  | 'below-noise'
  | 'not-significant'
  | 'held-by-hysteresis'
  | 'benign'
  | 'warning'
  | 'breach'
  | 'too-few-rows'
  | 'constant'
  | 'too-few-buckets'
  | 'overlaps-baseline'
  | 'no-data'
  | 'column-absent'
  | 'all-null'
  | 'type-changed'
  | 'unmeasurable'
  | 'labels-immature'
  | 'suppressed-slice';

export interface DriftCriterion {
  readonly name: string;
  readonly kind: DriftKind;
  readonly metric: DriftMetric;
  readonly column: string;
  readonly slice: readonly Slice[];
  readonly warn: number;
  readonly limit: number;
  /** Set where less than the limit is bad; absent: more is. */
  readonly direction?: 'atLeast';
  /** Rows needed on the smaller side. */
  readonly minimum: number;
  readonly weight: number;
  readonly critical: boolean;
  /** Set where the limit is what so many days of the baseline made usual, above the policy's own. */
  readonly learnedFrom?: number;
}

export interface DriftMeasurement {
  readonly value: number;
  readonly interval?: { readonly low: number; readonly high: number; readonly of: 'resolution' | 'sampling' };
  readonly n: { readonly current: number; readonly baseline: number };
  /** PSI: the 99.9 % point of its null distribution. */
  readonly noise?: { readonly floor: number; readonly bins: number };
  readonly p?: { readonly raw: number; readonly adjusted: number };
  /**
   * Shown beside what decides. Of PSI's bins: Jensen–Shannon divergence in bits and its square root, KL(current ‖ baseline) in
   * nats, Hellinger, Bhattacharyya in nats (absent: no bin in common), total variation and L∞, the largest change of one bin;
   * beside KS: Wasserstein-1 in scales of the baseline.
   */
  readonly also?: Readonly<
    Partial<Record<FineDistance | CoarseDistance | 'jsDivergence' | 'bhattacharyya' | 'lInfinity', number>>
  >;
  /** `estimate`: made without labels. `surrogate-labels`: some labels only stand in for the real ones. */
  readonly marks?: readonly ('estimate' | 'surrogate-labels')[];
}

export interface DriftFinding {
  readonly criterion: DriftCriterion;
  readonly judged: Judged;
  readonly level: Level;
  readonly reason: DriftReason;
  readonly sentence: string;
  readonly measurement?: DriftMeasurement;
}

/** The fold over one window's findings. */
export interface DriftVerdict {
  readonly window: Span;
  readonly verdict: DriftWord;
  readonly byKind: Readonly<Partial<Record<DriftKind, DriftWord>>>;
  /** Sentences, worst first, never empty. */
  readonly reasons: readonly string[];
  /** Of data features, by importance. */
  readonly shares: { readonly breached: number; readonly warned: number; readonly unjudged: number };
  /** Worst first, at most 20; the report holds all. */
  readonly top: readonly DriftFinding[];
}
