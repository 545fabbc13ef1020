import type { LogProfile } from '../../scorecards/data-checks/judge-log.ts';
import type { Parity, ServedProfile } from '../../scorecards/skew/measured.ts';
import type { FileRef, Span } from '../../scorecards/vocabulary.ts';

/** Which rows of a serving log are asked for. */
export interface LogRequest {
  /** Directory with `day=…/`, glob, or one file. */
  readonly log: string;
  /** Half-open, by the time of the answer; absent: all rows. */
  readonly span?: Span;
}

export type { LogProfile, Parity, ServedProfile };

/** The inputs of a log as a table of features, typed as the training data are. */
export interface ServedRequest extends LogRequest {
  readonly features: readonly ServedFeature[];
  /** Input that names the observation; absent: the request id does. */
  readonly key?: string;
  /** Directory that the file is written to. */
  readonly into: string;
}

export interface ServedFeature {
  readonly name: string;
  /** DuckDB type of the training data; a value that cannot be one is counted as mistyped and is NULL in the file. */
  readonly type: string;
  /** Input that says when the value was made, and how old it may be when it is used. */
  readonly fresh?: { readonly at: string; readonly withinMs: number };
}

/** Values of one observation at serving and in the observations. */
export interface ParityRequest {
  /** As `served` wrote it. */
  readonly served: FileRef;
  readonly observations: readonly string[];
  readonly id: string;
  readonly features: readonly string[];
  /** So many joined requests, the same in every run: those whose ids have the smallest hashes. */
  readonly sample: number;
  /** Relative to the larger of 1 and the observed value. */
  readonly tolerance: number;
}
