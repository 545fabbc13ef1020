import type { ScorecardCriterion } from '../scorecard-schema.ts';
import type { Estimate, Judged, Slice } from '../vocabulary.ts';
import type { HeldBound } from './bounds.ts';

/** One criterion on one slice, judged. */
export interface CandidateFinding {
  readonly criterion: string;
  readonly group: ScorecardCriterion['group'];
  readonly metric: ScorecardCriterion['metric'];
  /** What `worst` and `spread` are of. */
  readonly of?: ScorecardCriterion['of'];
  readonly slice: Slice | null;
  readonly judged: Judged;
  /** One sentence that names the numbers, the bound and n. */
  readonly sentence: string;
  readonly n: number;
  readonly challenger?: Estimate;
  readonly champion?: Estimate;
  readonly difference?: Estimate;
  /** What it was held against. Absent where nothing was measured, and in results from before it was kept. */
  readonly bounds?: readonly HeldBound[];
  /** Set when another tool measured it: which, and in which file. */
  readonly imported?: string;
}

/** The fold: `pass` only if every finding passes; else `fail` if any fails; else `inconclusive`. */
export interface CandidateVerdict {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly findings: readonly CandidateFinding[];
  /** Sentences of what did not pass, worst first; when all pass, one sentence that says so. */
  readonly reasons: readonly string[];
  readonly passed: number;
  readonly of: number;
  /** Relative parts of criteria that had no champion to compare with (bootstrap). */
  readonly notApplicable: readonly string[];
  /** How it was judged, where that is no matter of one finding; absent when there is nothing to say. */
  readonly notes?: readonly string[];
  /** Where the challenger is weak though no criterion looks there, worst first; they have no say in the verdict. */
  readonly warnings?: readonly string[];
}
