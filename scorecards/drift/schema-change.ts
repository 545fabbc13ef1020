import { dayOf } from './sentence.ts';
import type { PartitionFacts } from './sketch.ts';
import type { DriftCriterion, DriftFinding } from './verdict.ts';
import type { WindowInput } from './window-input.ts';
import { millisecondsOf } from './windows.ts';

export type ColumnChange =
  | { readonly change: 'absent'; readonly since: string }
  | { readonly change: 'type'; readonly since: string; readonly from: string; readonly to: string }
  | { readonly change: 'widened'; readonly since: string; readonly from: string; readonly to: string };

type Facts = Pick<WindowInput, 'facts' | 'baselineColumns'>;

/** Narrow to wide: a value survives the step to the right. */
const WIDENING = [
  ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'],
  ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'],
  ['FLOAT', 'DOUBLE'],
];

/** How a column of the window differs from the baseline's, worst first; undefined when it does not. */
export function columnChange(column: string, { facts, baselineColumns }: Facts): ColumnChange | undefined {
  const ordered = facts.toSorted((a, b) => millisecondsOf(a.bucket.from) - millisecondsOf(b.bucket.from));
  const typeIn = (part: PartitionFacts) => part.columns.find(({ name }) => name === column)?.type;
  const absent = ordered.find((part) => typeIn(part) === undefined);
  if (absent) return { change: 'absent', since: absent.bucket.from };
  const from = baselineColumns?.find(({ name }) => name === column)?.type;
  if (from === undefined) return undefined;
  const others = ordered.filter((part) => typeIn(part) !== from);
  const worst = others.find((part) => !isWider(from, typeIn(part) ?? '')) ?? others[0];
  if (!worst) return undefined;
  const to = typeIn(worst) ?? '';
  return { change: isWider(from, to) ? 'widened' : 'type', since: worst.bucket.from, from, to };
}

const isWider = (from: string, to: string): boolean =>
  WIDENING.some((order) => order.includes(from) && order.indexOf(to) > order.indexOf(from));

/**
 * A column that is absent or of another type breaches, one that only grew wider warns; no present partition is `missing`.
 * An incomplete window is judged by what is there: a broken column does not wait for a week of data.
 */
export function judgeSchema(criterion: DriftCriterion, input: Facts): DriftFinding {
  const { column } = criterion;
  if (input.facts.length === 0) {
    const sentence = 'No partition of the window exists, so its columns are unknown. Not judged.';
    return { criterion, judged: 'missing', level: 'none', reason: 'no-data', sentence };
  }
  const found = columnChange(column, input);
  const measurement = {
    value: found && found.change !== 'widened' ? 1 : 0,
    n: { current: input.facts.reduce((sum, { rows }) => sum + rows, 0), baseline: 0 },
  };
  if (!found) {
    const sentence = `${column}: the column is there with its type.`;
    return { criterion, judged: 'pass', level: 'none', reason: 'within-bound', measurement, sentence };
  }
  const since = dayOf(found.since);
  if (found.change === 'absent') {
    const sentence = `${column}: the column is absent since ${since}. The schema changed.`;
    return { criterion, judged: 'fail', level: 'breach', reason: 'column-absent', measurement, sentence };
  }
  const types = `${found.from} in the baseline and ${found.to} since ${since}`;
  return found.change === 'widened'
    ? {
        criterion,
        judged: 'pass',
        level: 'warn',
        reason: 'warning',
        measurement,
        sentence: `${column}: ${types}, wider.`,
      }
    : {
        criterion,
        judged: 'fail',
        level: 'breach',
        reason: 'type-changed',
        measurement,
        sentence: `${column}: ${types}. The schema changed.`,
      };
}
