import type { z } from 'zod';
import { bytes, duration, percent, rate, share } from '../policy/units.ts';
import type { FieldPath } from './diagnostic.ts';

export type Unit = 'duration' | 'share' | 'size' | 'rate' | 'percent';

/** What a schema says about one field, without zod's own words. */
export interface Shape {
  readonly kind: 'group' | 'list' | 'map' | 'text' | 'number' | 'whole number' | 'boolean' | 'choice' | 'other';
  readonly unit?: Unit;
  readonly required: boolean;
  readonly hasDefault: boolean;
  /** In resolved units: milliseconds, fractions, bytes. */
  readonly default?: unknown;
  readonly choices: readonly string[];
  readonly fields: ReadonlyMap<string, Shape>;
  readonly item?: Shape;
  /** Of a union whose branches differ: what each of them is. */
  readonly either?: readonly Shape['kind'][];
}

const UNITS = new Map<unknown, Unit>([
  [duration, 'duration'],
  [share, 'share'],
  [bytes, 'size'],
  [rate, 'rate'],
  [percent, 'percent'],
]);
const EMPTY = { required: true, hasDefault: false, choices: [], fields: new Map<string, Shape>() } as const;

/** Reads a zod schema into plain values, so that catalogue, suggestions and editors' schemas share one source. */
export function shapeOf(schema: z.core.$ZodType): Shape {
  const unit = UNITS.get(schema);
  if (unit !== undefined) return { ...EMPTY, kind: unit === 'percent' ? 'number' : 'text', unit };
  return shapeOfDefinition((schema as z.core.$ZodTypes)._zod.def);
}

function shapeOfDefinition(def: z.core.$ZodTypes['_zod']['def']): Shape {
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'prefault') {
    return { ...shapeOf(def.innerType), required: false };
  }
  if (def.type === 'default') {
    return { ...shapeOf(def.innerType), required: false, hasDefault: true, default: def.defaultValue };
  }
  if (def.type === 'object') return { ...EMPTY, kind: 'group', fields: fieldsOf(def.shape) };
  if (def.type === 'array') return { ...EMPTY, kind: 'list', item: shapeOf(def.element) };
  if (def.type === 'record') return { ...EMPTY, kind: 'map', item: shapeOf(def.valueType) };
  if (def.type === 'union') return mergeBranches(def.options.map(shapeOf));
  if (def.type === 'enum') return { ...EMPTY, kind: 'choice', choices: Object.values(def.entries).map(String) };
  if (def.type === 'literal') return { ...EMPTY, kind: 'choice', choices: def.values.map(String) };
  return { ...EMPTY, kind: primitive(def) };
}

function primitive(def: z.core.$ZodTypes['_zod']['def']): Shape['kind'] {
  if (def.type === 'string') return 'text';
  if (def.type === 'boolean') return 'boolean';
  if (def.type !== 'number') return 'other';
  const checks = def.checks ?? [];
  return checks.some((check) => check._zod.def.check === 'number_format') ? 'whole number' : 'number';
}

function fieldsOf(shape: Readonly<Record<string, z.core.$ZodType>>): ReadonlyMap<string, Shape> {
  return new Map(Object.entries(shape).map(([name, field]) => [name, shapeOf(field)]));
}

/** A union of groups shows the fields of all of them; of scalars it is "other" unless all branches agree. */
function mergeBranches(branches: readonly Shape[]): Shape {
  const fields = new Map(branches.flatMap((branch) => [...branch.fields]));
  const [first] = branches;
  const same = branches.every((branch) => branch.kind === first?.kind && branch.unit === first.unit);
  if (same && first !== undefined) return { ...EMPTY, ...first, fields };
  return { ...EMPTY, kind: 'other', fields, either: branches.map(({ kind }) => kind) };
}

/** The shape at a path, or undefined where the schema knows no such field. */
export function shapeAt(shape: Shape, path: FieldPath): Shape | undefined {
  return path.reduce<Shape | undefined>(
    (at, step) => (at === undefined ? undefined : (at.fields.get(String(step)) ?? at.item)),
    shape,
  );
}
