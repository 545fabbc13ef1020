import type { ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import type { PairedEstimates } from '../../../scorecards/statistics/paired-estimates.ts';
import type { CriterionMeasurement } from '../../ports/data-store.ts';
import type { CountedRows } from './count-rows.ts';
import type { ScoredRows } from './measure-rows.ts';

/** Measures one criterion on all its slices, from what was counted. */
export type Measuring = (rows: CountedRows, criterion: ScorecardCriterion) => readonly CriterionMeasurement[];

export const FEW = 'fewer than two rows can be measured';

/** Rows of one slice of a grouped query. */
export interface OfSlice {
  readonly slice: string | null;
}

/** What one slice gives: estimates with the rows they rest on, or the reason why there are none. */
export type Measured = { readonly n: number } & (
  | { readonly estimates: PairedEstimates; readonly note?: string }
  | { readonly estimates?: undefined; readonly why: string }
);

/** One measurement per slice of the holdout, also of those without a measured row, in ascending order. */
export function perSlice<T extends OfSlice>(
  { values }: Pick<ScoredRows, 'values'>,
  criterion: ScorecardCriterion,
  found: readonly T[],
  measure: (ofSlice: readonly T[]) => Measured,
): readonly CriterionMeasurement[] {
  const { name, by } = criterion;
  if (by === undefined) return [measurementOf(name, null, measure(found))];
  return (values.get(by) ?? []).map((value) => {
    const ofSlice = found.filter(({ slice }) => slice === value);
    return measurementOf(name, { column: by, value }, measure(ofSlice));
  });
}

/** A measurement with finite numbers only; what is not finite could not be measured. */
export function measurementOf(
  criterion: string,
  slice: CriterionMeasurement['slice'],
  measured: Measured,
): CriterionMeasurement {
  const { n } = measured;
  if (measured.estimates === undefined) return { criterion, slice, n, why: measured.why };
  const numbers = Object.values(measured.estimates).flatMap((estimate) => Object.values(estimate));
  const note = measured.note === undefined ? {} : { note: measured.note };
  if (numbers.every(Number.isFinite)) return { criterion, slice, n, ...measured.estimates, ...note };
  return { criterion, slice, n, why: 'the numbers are not finite' };
}

/** Why rows cannot be told apart as a criterion asks for. */
export const whyUncut = ({ blocks, by }: ScorecardCriterion): string =>
  blocks === undefined
    ? `the holdout has no column "${by}"`
    : 'the holdout has no column that says when a row was, so it cannot be cut into blocks of time';

/** The estimates, or why there are none. */
export function measured(n: number, estimates: PairedEstimates | undefined, why: string): Measured {
  return estimates === undefined ? { n, why } : { n, estimates };
}
