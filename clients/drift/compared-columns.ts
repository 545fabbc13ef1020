import type { ComparedColumn } from '../../scorecards/drift/compare.ts';
import { visible } from '../../scorecards/diagnostics/diagnostic.ts';
import { didYouMean } from '../../scorecards/diagnostics/suggest.ts';
import { kindOf } from '../../scorecards/policy/infer.ts';
import type { Column } from '../../scorecards/policy/infer.ts';
import { CliFailure, EXIT } from '../failure.ts';

export interface LeftOut {
  readonly column: string;
  /** In a few words, after the column's name. */
  readonly why: string;
}

/**
 * What is compared: the named features, else every column of the baseline that has comparable values and names no row. A
 * column that only the current side has is left out and said so. Throws CliFailure 2 for a feature that is nowhere or that
 * cannot be compared, and when the sides have no column in common.
 */
export function comparedColumns(
  before: readonly Column[],
  now: readonly Column[],
  features: readonly string[] | undefined,
): { readonly columns: readonly ComparedColumn[]; readonly leftOut: readonly LeftOut[] } {
  const [left, right] = [new Map(before.map(byName)), new Map(now.map(byName))];
  if (features) return { columns: features.map((name) => named(name, left, right)), leftOut: [] };
  if (!before.some(({ name }) => right.has(name))) throw nothingInCommon(before, now);
  const leftOut = [
    ...before.flatMap(({ name, type }) => reasonAgainst(name, type)),
    ...now
      .filter(({ name }) => !left.has(name))
      .map(({ name }) => ({ column: name, why: 'only in the current files' })),
  ];
  const out = new Set(leftOut.map(({ column }) => column));
  const columns = before.filter(({ name }) => !out.has(name)).map(({ name }) => columnOf(name, left, right));
  if (columns.length > 0) return { columns, leftOut };
  const all = leftOut.map(({ column, why }) => `${visible(column)} (${why})`).join(', ');
  throw new CliFailure(EXIT.usage, `nothing can be compared: ${all}`, 'name columns with --features');
}

type Types = ReadonlyMap<string, string>;
const byName = ({ name, type }: Column) => [name, type] as const;

function named(name: string, left: Types, right: Types): ComparedColumn {
  const type = left.get(name) ?? right.get(name);
  if (type === undefined) {
    const known = [...new Set([...left.keys(), ...right.keys()])];
    const next = didYouMean(name, known) ?? `the columns are ${listOf(known)}`;
    throw new CliFailure(EXIT.usage, `--features ${visible(name)}: neither side has such a column`, next);
  }
  if (kindOf(type) === 'continuous' || kindOf(type) === 'categorical') return columnOf(name, left, right);
  const message = `--features ${visible(name)}: a column of type ${visible(type)} cannot be compared`;
  throw new CliFailure(EXIT.usage, message, 'name columns of numbers, texts or booleans');
}

function columnOf(name: string, left: Types, right: Types): ComparedColumn {
  const [before, now] = [sideOf(left.get(name)), sideOf(right.get(name))];
  return { name, ...(before ? { baseline: before } : {}), ...(now ? { current: now } : {}) };
}

/** A time or a list is taken as text: beside numbers it is a change of the type, beside texts they can be compared. */
function sideOf(type: string | undefined): ComparedColumn['baseline'] {
  if (type === undefined) return undefined;
  return { as: kindOf(type) === 'continuous' ? 'continuous' : 'categorical', type };
}

function reasonAgainst(column: string, type: string): LeftOut[] {
  const kind = kindOf(type);
  if (kind === 'time') return [{ column, why: 'a time' }];
  if (kind === 'other') return [{ column, why: `of type ${visible(type)}` }];
  const namesARow = /^(id|uuid|guid|key)$|_(id|uuid|guid)$|[a-z](Id|ID|Uuid)$/.test(column);
  const canNameARow = !/^(FLOAT|DOUBLE|REAL|BOOL|DECIMAL)/i.test(type);
  return namesARow && canNameARow ? [{ column, why: 'by its name an identifier' }] : [];
}

function nothingInCommon(before: readonly Column[], now: readonly Column[]): CliFailure {
  const [left, right] = [before, now].map((columns) => listOf(columns.map(({ name }) => name)));
  const message = `the two sides have no column in common: the baseline has ${left}, the current files have ${right}`;
  return new CliFailure(
    EXIT.usage,
    message,
    'compare files of the same table; a CSV file begins with its column names',
  );
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(visible).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
