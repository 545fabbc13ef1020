import type { Signature } from '../contracts/signature.ts';
import { counted } from '../counted.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { exactly } from './measurement.ts';
import type { CriterionMeasurement } from './measurement.ts';

/** Names by which MLflow, Arrow, NumPy and DuckDB call one type. Widths that JSON cannot tell apart are one. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  boolean: ['bool'],
  integer: ['int', 'tinyint', 'smallint', 'utinyint', 'usmallint', 'int8', 'int16', 'int32', 'uint8', 'uint16'],
  long: ['bigint', 'uinteger', 'ubigint', 'hugeint', 'int64', 'uint32', 'uint64'],
  float: ['real', 'halffloat', 'float16', 'float32'],
  double: ['float64', 'decimal', 'numeric'],
  string: ['varchar', 'str', 'text', 'object', 'utf8', 'large_string', 'category'],
  datetime: [
    'date',
    'timestamp',
    'timestamp with time zone',
    'timestamp_s',
    'timestamp_ms',
    'timestamp_ns',
    'datetime64',
  ],
  binary: ['blob', 'bytes'],
};
const KNOWN = new Map(Object.entries(NAMES).flatMap(([type, names]) => names.map((name) => [name, type] as const)));

/** Types that can hold every value of another one. */
const HOLDS: Readonly<Record<string, readonly string[]>> = {
  integer: ['long', 'double'],
  float: ['double'],
};

/** One name per type: `DECIMAL(9,2)` is a double, `datetime64[ns]` a datetime; an unknown one stays as it is, in lower case. */
function typeOf(written: string): string {
  const name = written.toLowerCase().trim();
  const bare = name.replace(/[([].*$/, '').trim();
  return KNOWN.get(name) ?? KNOWN.get(bare) ?? name;
}

const fits = (from: string, into: string): boolean => from === into || (HOLDS[from] ?? []).includes(into);

/**
 * What breaks a client of the champion when the challenger takes its place, in words; empty: nothing. A client sends what it
 * sent, so inputs may get wider types, optional companions and another order (unless they go by position); it reads what it
 * read, so outputs may get narrower types and companions. Outputs that one side does not report are not compared.
 */
export function incompatibleChanges(champion: Signature, challenger: Signature): readonly string[] {
  return [
    ...inputChanges(champion, challenger),
    ...orderChanges(champion, challenger),
    ...outputChanges(champion, challenger),
  ];
}

function inputChanges(champion: Signature, challenger: Signature): string[] {
  const now = new Map(challenger.inputs.map((input) => [input.name, input]));
  const before = new Set(champion.inputs.map(({ name }) => name));
  const kept = champion.inputs.flatMap((input) => {
    const { name } = input;
    const next = now.get(name);
    if (next === undefined) return [`input ${name} is no longer read`];
    const [from, to] = [typeOf(input.type), typeOf(next.type)];
    return [
      ...(fits(from, to) ? [] : [`type of ${name} went from ${from} to ${to}`]),
      ...(next.required && !input.required ? [`input ${name} was optional and is required now`] : []),
    ];
  });
  const added = challenger.inputs.filter(({ name, required }) => required && !before.has(name));
  return [...kept, ...added.map(({ name }) => `input ${name} is new and required`)];
}

/** Named inputs have no order. */
function orderChanges(champion: Signature, challenger: Signature): string[] {
  if (champion.byPosition !== challenger.byPosition) {
    const [by, not] = challenger.byPosition ? ['position', 'name'] : ['name', 'position'];
    return [`inputs go by ${by}, and by ${not} no more`];
  }
  if (!champion.byPosition) return [];
  const places = new Map(challenger.inputs.map(({ name }, index) => [name, index]));
  return champion.inputs.flatMap(({ name }, index) => {
    const place = places.get(name) ?? index;
    return place === index ? [] : [`input ${name} moved from place ${index + 1} to ${place + 1}`];
  });
}

function outputChanges(champion: Signature, challenger: Signature): string[] {
  if (!comparesOutputs(champion, challenger)) return [];
  const now = new Map(challenger.outputs?.map(({ name, type }) => [name, typeOf(type)]));
  return (champion.outputs ?? []).flatMap(({ name, type }) => {
    const [from, to] = [typeOf(type), now.get(name)];
    if (to === undefined) return [`output ${name} is no longer answered`];
    return fits(to, from) ? [] : [`type of output ${name} went from ${from} to ${to}`];
  });
}

const comparesOutputs = (champion: Signature, challenger: Signature): boolean =>
  champion.outputs !== undefined && challenger.outputs !== undefined;

/** Who is compared with whom. Without a champion nobody has a client yet. */
export interface Signatures {
  readonly challenger: Signature;
  readonly champion?: Signature;
  /** Set when the challenger goes where the champion never answered: that is a new version of the API. */
  readonly newRoute?: { readonly from: string; readonly to: string };
}

const NAMED = 5;

/** RG5, PR7: how many changes break clients of the champion, and which. Exact, so it has neither interval nor minimum. */
export function measureSignature(
  { name }: Pick<ScorecardCriterion, 'name'>,
  { challenger, champion, newRoute }: Signatures,
): CriterionMeasurement {
  const found = (value: number, point: string): CriterionMeasurement => ({
    criterion: name,
    slice: null,
    n: 1,
    challenger: exactly(value),
    point,
  });
  if (champion === undefined) return found(0, 'there is no champion whose clients could break');
  const changes = incompatibleChanges(champion, challenger);
  const shown = changes.slice(0, NAMED).join('; ');
  const told = changes.length > NAMED ? `${shown}; and ${changes.length - NAMED} more` : shown;
  if (newRoute && changes.length > 0)
    return found(0, `route ${newRoute.to} is new, so its clients never knew route ${newRoute.from}: ${told}`);
  if (changes.length > 0) return found(changes.length, told);
  const compared = counted(champion.inputs.length);
  const outputs = comparesOutputs(champion, challenger)
    ? 'and its outputs are answered'
    : 'and outputs are not compared, since not both trainers report them';
  return found(0, `of the champion’s inputs, ${compared} in all, none changed for its clients, ${outputs}`);
}
