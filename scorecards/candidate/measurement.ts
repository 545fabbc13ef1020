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
  /** Of how many parts of the rows it is the worst or the spread; the interval allows for their number. */
  readonly parts?: number;
  /** A sentence about how it was measured, when that is not what the scorecard asked for. */
  readonly note?: string;
}

/** A number without an interval, because it is the truth or because there is only one: both ends are the number itself. */
export const exactly = (value: number): Estimate => ({ value, low: value, high: value });

/** Such numbers of both models and their difference; without one of the champion that of the challenger alone. */
export function exactPair(
  challenger: number,
  champion?: number,
): Pick<CriterionMeasurement, 'challenger' | 'champion' | 'difference'> {
  if (champion === undefined) return { challenger: exactly(challenger) };
  return {
    challenger: exactly(challenger),
    champion: exactly(champion),
    difference: exactly(challenger - champion),
  };
}

/** A criterion on all rows that could not be measured. */
export const missing = ({ name }: Pick<ScorecardCriterion, 'name'>, why: string): CriterionMeasurement => ({
  criterion: name,
  slice: null,
  n: 0,
  why,
});
