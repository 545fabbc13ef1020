/** The words that every stage shares. Plain JSON; nothing here decides. */

/** The stages of a run in their order. */
export const STAGES = [
  'drift',
  'dataset',
  'training',
  'scorecard',
  'shadow',
  'approval',
  'rollout',
  'promotion',
] as const;
export type Stage = (typeof STAGES)[number];

/** How a run can end. All but `failed` and `lost` are results, not faults. */
export const OUTCOMES = [
  'promoted',
  'rejected',
  'expired',
  'inconclusive',
  'rolled-back',
  'no-drift',
  'blocked',
  'aborted',
  'failed',
  'lost',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What starts a run. `check` and `alert` end `no-drift` when the data are steady; the others go on regardless. */
export const TRIGGER_KINDS = ['check', 'alert', 'schedule', 'manual', 'bootstrap', 'retry'] as const;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/** Half-open [from, until), UTC, ISO 8601. */
export interface Span {
  readonly from: string;
  readonly until: string;
}

/** An immutable file named by its content. History carries these, never rows. */
export interface EvidenceRef {
  readonly uri: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A data file as a manifest lists it. `path` is absolute at run time; `name` is what a digest covers. */
export interface FileRef {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows?: number;
  /** Set when the evidence store keeps the file. */
  readonly uri?: string;
}

/** One part of the population: the rows where `column` has `value` (null: where it is NULL). */
export interface Slice {
  readonly column: string;
  readonly value: string | null;
}

/** One number with its uncertainty; always finite. `low` and `high` are the ends of the interval at `confidence`. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export type Judged = 'pass' | 'fail' | 'inconclusive' | 'missing';
