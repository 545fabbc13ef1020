import { counted } from '../counted.ts';
import type { Policy } from '../policy/schema.ts';
import { broken, held, percentText } from './finding.ts';
import type { DataFinding } from './finding.ts';
import type { ColumnProfile, DataProfile, FileProfile } from './profile.ts';

type Checks = Policy['spec']['dataset']['checks'];
type ColumnCheck = Checks['columns'][number];

interface Found {
  readonly file: FileProfile;
  readonly column: ColumnProfile;
}

/** Every declared check of a column: its share of nulls, its range, its set of values, values that occur again. */
export function judgeColumns(checks: Checks, profile: DataProfile): readonly DataFinding[] {
  return checks.columns.flatMap((check) => {
    const found = profile.files.flatMap((file): Found[] => {
      const column = file.columns.find(({ name }) => name === check.name);
      return column ? [{ file, column }] : [];
    });
    const lacking = profile.files.find((file) => !file.columns.some(({ name }) => name === check.name));
    if (lacking) return [absent(check, lacking)];
    return [
      ...judgeNulls(check, found),
      ...judgeRange(check, found),
      ...judgeSet(check, profile),
      ...judgeDuplicates(check, profile),
    ];
  });
}

function absent({ name, severity }: ColumnCheck, file: FileProfile): DataFinding {
  const sentence = `The column "${name}" is to be checked and is not in ${file.path}.`;
  return broken({ check: 'schema', kind: 'schema', column: name, file: file.path, sentence }, severity);
}

function judgeNulls({ name, nulls: limit, severity }: ColumnCheck, found: readonly Found[]): DataFinding[] {
  if (limit === undefined) return [];
  const about = { check: 'nulls', kind: 'quality', column: name, limit } as const;
  const unknown = found.find(({ column }) => column.nulls === undefined);
  if (unknown) {
    const sentence = `How many nulls "${name}" has in ${unknown.file.path} could not be counted.`;
    return [{ ...about, judged: 'missing', level: 'none', file: unknown.file.path, sentence }];
  }
  const rows = sumOf(found, ({ file }) => file.rows);
  const value = rows === 0 ? 0 : sumOf(found, ({ column }) => column.nulls ?? 0) / rows;
  const said = `"${name}" is NULL in ${percentText(value)} of ${counted(rows)} rows, at most ${percentText(limit)} may be`;
  if (value <= limit) return [held({ ...about, value, rows, sentence: `${said}.` })];
  const worst = found.toSorted((a, b) => shareOfNulls(b) - shareOfNulls(a))[0]?.file.path ?? '';
  return [broken({ ...about, value, rows, file: worst, sentence: `${said}; most are in ${worst}.` }, severity)];
}

const shareOfNulls = ({ column, file }: Found): number => (file.rows === 0 ? 0 : (column.nulls ?? 0) / file.rows);
const sumOf = (found: readonly Found[], count: (one: Found) => number): number =>
  found.reduce((sum, one) => sum + count(one), 0);

function judgeRange({ name, atLeast, atMost, severity }: ColumnCheck, found: readonly Found[]): DataFinding[] {
  const ends = [
    { limit: atLeast, of: 'min', word: 'at least', isOutside: (value: number, limit: number) => value < limit },
    { limit: atMost, of: 'max', word: 'at most', isOutside: (value: number, limit: number) => value > limit },
  ] as const;
  return ends.flatMap(({ isOutside, limit, of, word }) => {
    if (limit === undefined) return [];
    const about = { check: 'range', kind: 'quality', column: name, limit } as const;
    const text = found.find(({ column, file }) => column[of] === undefined && !isEmpty(column, file));
    if (text) {
      const sentence = `"${name}" is ${text.column.type} in ${text.file.path} and has no ${of === 'min' ? 'smallest' : 'largest'} number; expected numbers ${word} ${limit}.`;
      return [{ ...about, judged: 'missing', level: 'none', file: text.file.path, sentence }];
    }
    const outside = found.find(({ column }) => column[of] !== undefined && isOutside(column[of], limit));
    const value = outside?.column[of];
    if (!outside || value === undefined)
      return [held({ ...about, sentence: `"${name}" is ${word} ${limit} everywhere.` })];
    const sentence = `"${name}" is ${value} in ${outside.file.path}; expected ${word} ${limit}.`;
    return [broken({ ...about, value, file: outside.file.path, sentence }, severity)];
  });
}

const isEmpty = (column: ColumnProfile, file: FileProfile): boolean => column.nulls === file.rows;

function judgeSet({ name, oneOf, severity }: ColumnCheck, profile: DataProfile): DataFinding[] {
  if (!oneOf) return [];
  const about = { check: 'set', kind: 'quality', column: name } as const;
  const outside = profile.outside.find(({ column }) => column === name);
  if (!outside)
    return [held({ ...about, sentence: `"${name}" has only the ${oneOf.length} values that it may have.` })];
  const { examples, file, rows } = outside;
  const values = examples.map((value) => `"${value}"`).join(', ');
  const sentence = `"${name}" has ${counted(rows)} values outside its set in ${file}, such as ${values}; expected one of ${oneOf.slice(0, 10).join(', ')}.`;
  return [broken({ ...about, value: rows, limit: 0, file, sentence }, severity)];
}

/** Up to the limit a repeated value is a warning, beyond it the check is broken. */
function judgeDuplicates({ name, duplicates: limit, severity }: ColumnCheck, profile: DataProfile): DataFinding[] {
  if (limit === undefined) return [];
  const about = { check: 'duplicates', kind: 'quality', column: name, limit } as const;
  const counts = profile.duplicates.find(({ column }) => column === name);
  if (!counts) {
    const sentence = `Whether values of "${name}" occur again could not be counted.`;
    return [{ ...about, judged: 'missing', level: 'none', sentence }];
  }
  const { example, repeated, rows } = counts;
  const value = rows === 0 ? 0 : repeated / rows;
  if (repeated === 0 || !example)
    return [held({ ...about, value, rows, sentence: `No value of "${name}" occurs twice.` })];
  const sentence = `"${name}" repeats a value in ${counted(repeated)} of ${counted(rows)} rows (${percentText(value)}, at most ${percentText(limit)}), such as "${example.value}" ${example.times} times, last in ${example.file}.`;
  return [broken({ ...about, value, rows, file: example.file, sentence }, value > limit ? severity : 'warn')];
}
