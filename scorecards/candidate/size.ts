import type { ScorecardCriterion } from '../scorecard-schema.ts';
import type { CriterionMeasurement } from './measurement.ts';

/** The size of the artifacts in bytes: exact, so the interval is the value itself and one measurement is enough. */
export function measureSize(
  criterion: Pick<ScorecardCriterion, 'name'>,
  { challenger, champion }: { readonly challenger: number; readonly champion?: number },
): CriterionMeasurement {
  const exactly = (value: number) => ({ value, low: value, high: value });
  const own = { criterion: criterion.name, slice: null, n: 1, challenger: exactly(challenger) };
  if (champion === undefined) return own;
  return { ...own, champion: exactly(champion), difference: exactly(challenger - champion) };
}
