import type { Problem } from './diagnostics/diagnostic.ts';
import { problem } from './policy/rule.ts';
import { partitionOf } from './parts.ts';
import type { Scorecard, ScorecardCriterion } from './scorecard-schema.ts';
import type { Slice } from './vocabulary.ts';

/** Values of all slice columns together, where the scorecard names no other number. Chosen. */
const MOST_SLICES = 200;

/** How many slices a scorecard may judge: different values of the columns that its criteria name in `by`, and blocks of time. */
export const mostSlices = ({ spec }: Scorecard): number => spec.maxSlices ?? MOST_SLICES;

/** The columns by which these criteria are judged, and the names of their blocks of time, each once. */
export const sliceColumns = (criteria: readonly Pick<ScorecardCriterion, 'by' | 'blocks'>[]): readonly string[] => [
  ...new Set(criteria.flatMap((criterion) => partitionOf(criterion) ?? [])),
];

/** What to say when a holdout has more slices than the scorecard may judge, with the cap; undefined: it has not. */
export function tooManySlices(scorecard: Scorecard, slices: readonly Slice[]): string | undefined {
  const columns = sliceColumns(scorecard.spec.criteria);
  const counts = columns.map((column) => ({
    column,
    values: new Set(slices.filter((slice) => slice.column === column).map(({ value }) => value)).size,
  }));
  const total = counts.reduce((sum, { values }) => sum + values, 0);
  if (total <= mostSlices(scorecard)) return undefined;
  const each = counts.map(({ column, values }) => `${column} has ${values}`).join(', ');
  return `the criteria are judged on ${total} slices (${each}), maxSlices of the scorecard allows ${mostSlices(scorecard)}`;
}

/** US0250, as far as it is known without data: a column that tells rows apart has two values at least. */
export function sliceCapRules(scorecard: Scorecard): Problem[] {
  const columns = sliceColumns(scorecard.spec.criteria);
  const most = mostSlices(scorecard);
  if (columns.length * 2 <= most) return [];
  const message = `by names ${columns.length} columns of at least two values each, and maxSlices allows ${most} slices`;
  return [problem('US0250', 'spec.maxSlices', message, { help: `judge fewer columns than ${columns.join(', ')}` })];
}
