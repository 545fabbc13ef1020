import { shapeOf } from '../diagnostics/shape.ts';
import type { Shape } from '../diagnostics/shape.ts';
import { DESCRIPTIONS } from './descriptions.ts';
import { policySchema } from './schema.ts';
import { formatDuration } from './units.ts';

/** Everything `understudy explain FIELD` prints. */
export interface CatalogueEntry {
  /** In dots; `[]` stands for each entry of a list: `spec.data.features[].name`. */
  readonly field: string;
  /** In words: `duration`, `list of percent`, `one of routine, consequential, high`. */
  readonly type: string;
  readonly required: boolean;
  /** As one would write it; absent when there is none. */
  readonly default?: string;
  readonly about: string;
  readonly rule?: string;
  readonly example?: string;
  /** Fields of this group, or its neighbours. */
  readonly see: readonly string[];
}

let known: { readonly shape: Shape; readonly entries: ReadonlyMap<string, CatalogueEntry> } | undefined;

/** The policy's fields as a tree, read from the schema once. */
export function policyShape(): Shape {
  return load().shape;
}

/** All fields of a policy in the order of the schema. */
export function catalogue(): ReadonlyMap<string, CatalogueEntry> {
  return load().entries;
}

function load(): NonNullable<typeof known> {
  if (known === undefined) {
    const shape = shapeOf(policySchema);
    const entries = new Map<string, CatalogueEntry>();
    collect(shape, '', entries);
    known = { shape, entries };
  }
  return known;
}

function collect(shape: Shape, prefix: string, into: Map<string, CatalogueEntry>): void {
  const siblings = [...shape.fields.keys()];
  for (const [name, field] of shape.fields) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    into.set(path, entryOf(path, field, { name, siblings, prefix }));
    collect(field, path, into);
    if (field.item !== undefined) collect(field.item, `${path}[]`, into);
  }
}

interface Place {
  readonly name: string;
  readonly siblings: readonly string[];
  readonly prefix: string;
}

function entryOf(field: string, shape: Shape, { name, siblings, prefix }: Place): CatalogueEntry {
  const [about = '', example, rule] = DESCRIPTIONS[field] ?? [];
  const inside = shape.fields.size > 0 ? shape.fields : shape.item?.fields;
  const here = siblings.indexOf(name);
  const after = siblings.slice(here + 1, here + 3);
  const neighbours = after.length > 0 ? after : siblings.slice(Math.max(0, here - 2), here);
  const see =
    inside !== undefined && inside.size > 0
      ? [...inside.keys()].map((one) => `${field}${shape.item ? '[]' : ''}.${one}`)
      : neighbours.map((one) => (prefix === '' ? one : `${prefix}.${one}`));
  return {
    field,
    type: typeText(shape),
    required: shape.required,
    about,
    see,
    ...(shape.hasDefault ? { default: defaultText(shape) } : {}),
    ...(example === undefined ? {} : { example }),
    ...(rule === undefined ? {} : { rule }),
  };
}

function typeText(shape: Shape): string {
  if (shape.kind === 'choice')
    return shape.choices.length === 1 ? `"${shape.choices[0]}"` : `one of ${shape.choices.join(', ')}`;
  if (shape.kind === 'list') return `list of ${shape.item === undefined ? 'values' : plural(shape.item)}`;
  if (shape.kind === 'map') return 'group of own names';
  if (shape.unit !== undefined) return shape.unit;
  return shape.kind === 'other' && shape.either !== undefined ? shape.either.join(' or ') : shape.kind;
}

function plural(item: Shape): string {
  if (item.kind === 'choice') return item.choices.join(', ');
  if (item.unit === 'percent') return 'percent';
  return item.unit === undefined ? `${item.kind}s` : `${item.unit}s`;
}

function defaultText(shape: Shape): string {
  return formatValue(shape.default, shape);
}

/** A resolved value as one would write it: 86400000 → `1d`, 0.05 → `5%`, 4294967296 → `4Gi`. */
export function formatValue(value: unknown, shape: Shape | undefined): string {
  if (typeof value !== 'number')
    return value === null ? 'null' : JSON.stringify(value).replaceAll(',', ', ').replaceAll('"', '');
  if (shape?.unit === 'duration') return formatDays(value);
  if (shape?.unit === 'share') return `${Number((value * 100).toPrecision(12))}%`;
  if (shape?.unit === 'size') return formatSize(value);
  return shape?.unit === 'rate' ? `${value}/s` : String(value);
}

/** People say 24h and 72h, and days from a week on. */
function formatDays(ms: number): string {
  const hours = ms / 3_600_000;
  return Number.isInteger(hours) && hours > 0 && hours < 168 ? `${hours}h` : formatDuration(ms);
}

function formatSize(size: number): string {
  const units = [
    ['Gi', 1024 ** 3],
    ['Mi', 1024 ** 2],
    ['GB', 1e9],
    ['MB', 1e6],
    ['Ki', 1024],
    ['KB', 1e3],
  ] as const;
  const [name, per] = units.find(([, factor]) => size >= factor && size % factor === 0) ?? ['KB', 1e3];
  return `${size / per}${name}`;
}
