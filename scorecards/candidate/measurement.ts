import type { ScorecardCriterion } from '../scorecard-schema.ts';
import type { Estimate, Slice } from '../vocabulary.ts';

/** One criterion on one slice (null: all rows). An absent estimate could not be measured and `why` says so. */
export interface CriterionMeasurement {
  readonly criterion: ScorecardCriterion['name'];
  readonly slice: Slice | null;
  readonly n: number;
  readonly challenger?: Estimate;
  readonly champion?: Estimate;
  /** challenger − champion on the same rows, with the interval of the paired difference. */
  readonly difference?: Estimate;
  readonly why?: string;
  /** What one number rests on that has no interval: the ends of its estimates are the number itself, and no minimum applies. */
  readonly point?: string;
  /** What it rests on is too little, though it is there: `rests on 12 answers, 500 are needed`. It is inconclusive. */
  readonly tooFew?: string;
  /** Where it is from when another tool measured it: it has no interval, and n counts as ever. */
  readonly imported?: string;
  /** A sentence about how it was measured, when that is not what the scorecard asked for. */
  readonly note?: string;
}
