import type { Policy } from '../policy/schema.ts';
import { broken, held } from './finding.ts';
import type { DataFinding } from './finding.ts';
import type { FileProfile } from './profile.ts';

type SchemaRule = Policy['spec']['dataset']['checks']['schema'];
type Change = keyof SchemaRule;

export interface Column {
  readonly name: string;
  readonly type: string;
}

const WIDTHS: readonly (readonly string[])[] = [
  ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'],
  ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'],
  ['FLOAT', 'DOUBLE'],
  ['DATE', 'TIMESTAMP'],
];

/**
 * What changed between two schemas, each change of its own kind: columns `added` and `removed`, a type `widened` (every value
 * of the old type fits) or `changed`. The order of columns is no change.
 */
export function schemaDiff(
  before: readonly Column[],
  after: readonly Column[],
): readonly { readonly change: Change; readonly column: string; readonly from?: string; readonly to?: string }[] {
  const [old, now] = [before, after].map((columns) => new Map(columns.map(({ name, type }) => [name, type])));
  if (!old || !now) return [];
  const removed = [...old.keys()].filter((column) => !now.has(column));
  const added = [...now.keys()].filter((column) => !old.has(column));
  const retyped = [...now].flatMap(([column, to]) => {
    const from = old.get(column);
    if (from === undefined || from === to) return [];
    return [{ change: isWider(from, to) ? ('widened' as const) : ('changed' as const), column, from, to }];
  });
  return [
    ...removed.map((column) => ({ change: 'removed' as const, column })),
    ...retyped,
    ...added.map((column) => ({ change: 'added' as const, column })),
  ];
}

const isWider = (from: string, to: string): boolean =>
  WIDTHS.some((widths) => widths.includes(from) && widths.indexOf(to) > widths.indexOf(from));

/**
 * The schema of the newest file against the oldest one, and of what the run trains on against what the champion was trained
 * on. A change is named with the first file that has it.
 */
export function judgeSchema(
  rule: SchemaRule,
  files: readonly FileProfile[],
  trained: { readonly now: readonly Column[]; readonly champion?: readonly Column[] },
): readonly DataFinding[] {
  const [oldest] = files;
  const seen = new Set<string>();
  const changes = files.flatMap((file, index) =>
    schemaDiff(files[index - 1]?.columns ?? file.columns, file.columns).map((change) => ({
      ...change,
      file: file.path,
      since: `since ${file.path}`,
    })),
  );
  const sinceChampion = schemaDiff(trained.champion ?? trained.now, trained.now).map((change) => ({
    ...change,
    since: "since the champion's training",
  }));
  const findings = [...changes, ...sinceChampion].flatMap(({ change, column, from, since, to, ...rest }) => {
    const key = `${change} ${column}`;
    const severity = rule[change];
    if (severity === 'ignore' || seen.has(key)) return [];
    seen.add(key);
    const what = to === undefined ? `was ${change}` : `is ${to} instead of ${from ?? ''}`;
    const sentence = `The column "${column}" ${what} ${since}${change === 'widened' ? ' (wider, nothing is lost)' : ''}.`;
    return [broken({ check: 'schema', kind: 'schema', column, ...rest, sentence }, severity)];
  });
  if (findings.length > 0 || !oldest) return findings;
  const sentence = `All ${files.length} files have the same ${oldest.columns.length} columns.`;
  return [held({ check: 'schema', kind: 'schema', sentence })];
}
