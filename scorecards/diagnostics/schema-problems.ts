import type { z } from 'zod';
import { show, visible } from './diagnostic.ts';
import type { FieldPath, Problem } from './diagnostic.ts';
import { shapeAt } from './shape.ts';
import type { Shape, Unit } from './shape.ts';
import { didYouMean } from './suggest.ts';
import { numberCure, unitCure } from './unit-cures.ts';

/** What is needed to speak about an issue: the value as written, the schema's shape, and an example for a field. */
export interface Telling {
  readonly value: unknown;
  readonly shape: Shape;
  readonly exampleOf?: (path: FieldPath) => string | undefined;
}

type Issue = z.core.$ZodIssue;
type Said = Omit<Problem, 'severity' | 'path'> & { readonly path?: FieldPath };

const UNIT_TEXT: Readonly<Record<Unit, string>> = {
  duration: 'a duration such as 90s, 10m, 24h or 7d',
  share: 'a share between 0% and 100% such as 5%',
  size: 'a size such as 50MB or 4Gi',
  rate: 'a rate such as 50/s',
  percent: 'a percentage above 0 and up to 100',
};
const KIND_TEXT: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
  null: 'nothing',
};

/** zod's issues in our words, with the cure; one problem per unknown field. */
export function schemaProblems(issues: readonly Issue[], telling: Telling): Problem[] {
  return issues.flatMap((issue) => tell(issue, telling)).map((said) => ({ severity: 'error', path: [], ...said }));
}

function tell(issue: Issue, telling: Telling): Said[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    // A merge key is told about where the YAML is read (US0010).
    return issue.keys.filter((key) => key !== '<<').map((key) => unknownField(key, path, telling));
  }
  const given = valueAt(telling.value, path);
  if (given === undefined) return [missing(path, telling)];
  if (issue.code === 'invalid_union') return tellUnion(issue, path, telling);
  return [{ path, ...describe(issue, { path, given, shape: shapeAt(telling.shape, path), telling }) }];
}

interface Given {
  readonly path: FieldPath;
  readonly given: unknown;
  readonly shape: Shape | undefined;
  readonly telling: Telling;
}

function describe(issue: Issue, context: Given): Said {
  if (context.given === null) return emptyField(issue, context);
  const unit = unitOf(issue, context.shape);
  // A unit's own issue carries its code; one without is about an amount that was understood.
  if (unit !== undefined && issue.code === 'custom' && issue.params === undefined)
    return { code: 'US0106', at: 'value', message: `${show(context.given)} is out of range, ${issue.message}` };
  if (unit !== undefined && unit !== 'percent') return wrongUnit(unit, context);
  if (issue.code === 'invalid_value') return wrongValue(issue.values.map(String), context);
  if (issue.code === 'invalid_type') return wrongType(issue.expected, context);
  if (issue.code === 'too_small' || issue.code === 'too_big') return outOfRange(issue, context);
  const given = show(context.given);
  if (issue.code === 'invalid_format') {
    return { code: 'US0107', at: 'value', message: `${given} has the wrong form: ${issue.message}` };
  }
  return { code: 'US0101', at: 'value', message: `${given} is not accepted: ${issue.message}` };
}

function unknownField(key: string, parent: FieldPath, { shape }: Telling): Said {
  const path = [...parent, key];
  const known = [...(shapeAt(shape, parent)?.fields.keys() ?? [])];
  const help =
    didYouMean(key, known) ?? elsewhere(key, shape) ?? (known.length <= 8 ? `known are ${known.join(', ')}` : '');
  return { code: 'US0102', at: 'key', path, message: `unknown field ${show(key)}`, ...(help === '' ? {} : { help }) };
}

/** A known field on the wrong level: where it belongs. */
function elsewhere(key: string, shape: Shape, trail: readonly string[] = []): string | undefined {
  if (trail.length > 4) return undefined;
  for (const [name, field] of shape.fields) {
    if (name === key && trail.length > 0) return `it belongs to ${trail.join('.')}`;
    const deeper = elsewhere(key, field, [...trail, name]);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function missing(path: FieldPath, { exampleOf }: Telling): Said {
  const [name, parent] = [String(path.at(-1) ?? ''), path.slice(0, -1)];
  const group = String(parent.findLast((step) => typeof step === 'string') ?? 'the file');
  const example = exampleOf?.(path);
  return {
    code: 'US0103',
    at: 'key',
    path: parent,
    message: `missing field "${name}" in ${visible(group)}`,
    ...(example === undefined ? {} : { help: `add ${example}` }),
  };
}

function emptyField(issue: Issue, { shape, path, telling }: Given): Said {
  const example = telling.exampleOf?.(path);
  const withDefault = shape?.required === false ? 'remove it to get the default' : undefined;
  const help = [example === undefined ? undefined : `write ${example}`, withDefault].filter(
    (part) => part !== undefined,
  );
  const kind = 'expected' in issue ? (KIND_TEXT[issue.expected] ?? 'a value') : 'a value';
  const expected = shape?.unit === undefined ? kind : UNIT_TEXT[shape.unit];
  return {
    code: 'US0105',
    at: 'key',
    message: `"${visible(String(path.at(-1)))}" is empty, expected ${expected}`,
    ...(help.length === 0 ? {} : { help: help.join(', or ') }),
  };
}

function unitOf(issue: Issue, shape: Shape | undefined): Unit | undefined {
  if (shape?.unit !== undefined) return shape.unit;
  const found = Object.entries(UNIT_TEXT).find(([, text]) => issue.message === `expected ${text}`);
  return found?.[0] as Unit | undefined;
}

function wrongUnit(unit: Unit, { given, path }: Given): Said {
  const help = unitCure(unit, given, path);
  const expected = UNIT_TEXT[unit];
  const message =
    typeof given === 'number' ? `${given} has no unit, expected ${expected}` : `${show(given)} is not ${expected}`;
  return { code: 'US0104', at: 'value', message, ...(help === undefined ? {} : { help }) };
}

function wrongValue(values: readonly string[], { given, path }: Given): Said {
  const [only] = values;
  const isHeader = path.length === 1 && ['apiVersion', 'kind'].includes(String(path[0]));
  if (isHeader && values.length === 1) {
    const what = path[0] === 'kind' ? 'kind of file' : 'version of the language';
    return { code: 'US0109', at: 'value', message: `${show(given)} is another ${what}, expected ${show(only)}` };
  }
  const help = typeof given === 'string' ? didYouMean(given, values) : undefined;
  const message = `${show(given)} is not one of ${values.join(', ')}`;
  return { code: 'US0101', at: 'value', message, ...(help === undefined ? {} : { help }) };
}

const TRUTHS: Readonly<Record<string, boolean>> = { yes: true, on: true, y: true, no: false, off: false, n: false };

function wrongType(expected: string, { given, shape }: Given): Said {
  const wanted = KIND_TEXT[expected] ?? expected;
  const message = `expected ${wanted}, found ${show(given)}`;
  const truth = typeof given === 'string' ? TRUTHS[given.toLowerCase()] : undefined;
  if (expected === 'boolean' && truth !== undefined) {
    return { code: 'US0006', at: 'value', message: `${show(given)} is a text in YAML 1.2`, help: `write ${truth}` };
  }
  const help = typeCure(expected, given, shape);
  return { code: 'US0105', at: 'value', message, ...(help === undefined ? {} : { help }) };
}

function typeCure(expected: string, given: unknown, shape: Shape | undefined): string | undefined {
  const plain = ['string', 'number', 'boolean'].includes(typeof given);
  if (expected === 'string' && plain) return `put it in quotes: "${visible(String(given))}"`;
  if (expected === 'array' && plain) return `write [${visible(String(given))}]`;
  if (typeof given === 'string' && ['number', 'int'].includes(expected)) return numberCure(shape?.unit, given);
  if (expected === 'int' && typeof given === 'number') return `write ${Math.round(given)}`;
  if (expected === 'boolean' && typeof given === 'string') return 'write true or false, without quotes';
  return undefined;
}

type RangeIssue = Extract<Issue, { code: 'too_small' | 'too_big' }>;

function outOfRange(issue: RangeIssue, { given, shape }: Given): Said {
  if (issue.code === 'too_small' && issue.origin === 'array') {
    return { code: 'US0108', at: 'value', message: `the list is empty, expected at least ${issue.minimum} entry` };
  }
  if (issue.code === 'too_small' && issue.origin === 'string') {
    return { code: 'US0107', at: 'value', message: `${show(given)} is too short${ownWords(issue.message)}` };
  }
  return { code: 'US0106', at: 'value', ...rangeText(issue, given), ...shareHelp(issue, given, shape) };
}

function rangeText(issue: RangeIssue, given: unknown): { message: string } {
  const isLow = issue.code === 'too_small';
  const end = isLow ? issue.minimum : issue.maximum;
  const [inclusive, exclusive] = isLow ? ['at least', 'above'] : ['at most', 'below'];
  return {
    message: `${show(given)} is out of range, expected ${issue.inclusive === false ? exclusive : inclusive} ${end}`,
  };
}

/** A field from 0 to 1 was given in percent. */
function shareHelp(issue: RangeIssue, given: unknown, shape: Shape | undefined): { help?: string } {
  const isShare = issue.code === 'too_big' && issue.maximum === 1 && shape?.unit === undefined;
  return isShare && Number(given) <= 100 ? { help: `a share: write ${Number(given) / 100}` } : {};
}

/** A message that we wrote beside the schema; zod's own begin "Too small". */
function ownWords(message: string): string {
  return message.startsWith('Too ') ? '' : `: ${message}`;
}

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

/** Speaks of the branch that was meant; when none is plainly meant, of what all of them expect. */
function tellUnion(issue: UnionIssue, path: FieldPath, telling: Telling): Said[] {
  const given = valueAt(telling.value, path);
  const meant = issue.errors.find((branch) => branch.length > 0 && branch.every(isInside));
  if (meant !== undefined) {
    return meant.flatMap((inner) => tell({ ...inner, path: [...path, ...inner.path] } as Issue, telling));
  }
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    const first = issue.errors.find((branch) => branch.some(isInside)) ?? [];
    const inner = first.filter(isInside).concat(first.filter(({ code }) => code === 'unrecognized_keys'));
    if (inner.length > 0) {
      return inner.flatMap((one) => tell({ ...one, path: [...path, ...one.path] } as Issue, telling));
    }
  }
  const expected = [...new Set(issue.errors.flatMap((branch) => branch.map(expectation)))].join(', or ');
  const isUnit = typeof given === 'string' || typeof given === 'number';
  const code = isUnit && expected.includes('such as') ? 'US0104' : 'US0105';
  return [{ code, at: 'value', path, message: `expected ${expected}, found ${show(given)}` }];
}

function isInside(issue: Issue): boolean {
  return issue.path.length > 0 && issue.code !== 'unrecognized_keys';
}

function expectation(issue: Issue): string {
  if (issue.message.startsWith('expected ')) return issue.message.slice('expected '.length);
  return issue.code === 'invalid_type' ? (KIND_TEXT[issue.expected] ?? issue.expected) : uncapitalised(issue.message);
}

function uncapitalised(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step)
        ? (at as Record<string, unknown>)[step]
        : undefined,
    value,
  );
}
