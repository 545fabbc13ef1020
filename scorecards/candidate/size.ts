import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { exactPair } from './measurement.ts';
import type { CriterionMeasurement } from './measurement.ts';

/** The size of the artifacts in bytes: exact, so the interval is the value itself and one measurement is enough. */
export function measureSize(
  criterion: Pick<ScorecardCriterion, 'name'>,
  { challenger, champion }: { readonly challenger: number; readonly champion?: number },
): CriterionMeasurement {
  return { criterion: criterion.name, slice: null, n: 1, ...exactPair(challenger, champion) };
}
