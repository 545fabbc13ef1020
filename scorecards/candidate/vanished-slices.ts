import type { Baseline } from '../drift/baseline.ts';
import { rowsByValue } from '../drift/slices.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import type { Slice } from '../vocabulary.ts';

/** So many rows of a value would be in the holdout by its share of the baseline: then none at all is no chance (e⁻¹⁰). */
const EXPECTED_ROWS = 10;

/** Which rows a holdout has. */
export interface HoldoutSlices {
  readonly rows: number;
  /** Every value of the slice columns, as the holdout writes it. */
  readonly slices: readonly Slice[];
  /** How the holdout writes a value of the baseline: it may hold digests in place of the values. */
  readonly written: (slice: Slice) => Slice;
}

/**
 * EV3: values of the slice columns that a baseline had often enough to be judged (as many rows as a criterion on that column
 * asks for), and of which the holdout has no row. What every criterion on the column names in `gone` is not expected.
 */
export function vanishedSlices(
  criteria: readonly Pick<ScorecardCriterion, 'by' | 'gone' | 'minimum'>[],
  baseline: Pick<Baseline, 'slices'>,
  holdout: HoldoutSlices,
): readonly Slice[] {
  const present = new Set(holdout.slices.map(keyOf));
  const columns = new Set(criteria.flatMap(({ by }) => by ?? []));
  return [...columns].flatMap((column) => {
    const counted = baseline.slices?.sketches[column];
    if (!counted) return [];
    const on = criteria.filter(({ by }) => by === column);
    const enough = Math.max(
      Math.min(...on.map(({ minimum }) => minimum)),
      (EXPECTED_ROWS * counted.rows) / Math.max(1, holdout.rows),
    );
    return rowsByValue(counted)
      .filter(([value, rows]) => rows >= enough && !on.every(({ gone }) => value !== null && gone?.includes(value)))
      .map(([value]) => holdout.written({ column, value }))
      .filter((slice) => !present.has(keyOf(slice)));
  });
}

const keyOf = ({ column, value }: Slice): string => JSON.stringify([column, value]);
