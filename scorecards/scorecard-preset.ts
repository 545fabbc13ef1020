import type { FieldPath } from './diagnostics/diagnostic.ts';

/** Names of the presets in `scorecards/presets/`. */
export const PRESET_NAMES = ['classification', 'regression', 'ranking', 'multiclass'] as const;

/** A scorecard with its preset merged in, and where each of its criteria is written. */
export interface Merged {
  readonly document: unknown;
  /** Translates a path of the merged document to one of the team's own text. */
  readonly ownPath: (path: FieldPath) => FieldPath;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Lays a team's scorecard over a preset. A criterion of the same name keeps the preset's fields unless it names them; one
 * that changes its metric starts afresh, since a bound means nothing for another metric. Works on values as written, so
 * that the result is validated once, as a whole.
 */
export function mergePreset(own: unknown, preset: unknown): Merged {
  const [mine, theirs] = [fieldsOf(fieldsOf(own)['spec']), fieldsOf(fieldsOf(preset)['spec'])];
  const [myCriteria, theirCriteria] = [mine['criteria'] ?? [], listOf(theirs['criteria'])];
  // Something else than a list is a mistake that the schema shall name.
  if (!Array.isArray(myCriteria)) return unmerged(own);
  const changed = theirCriteria.map((base) => {
    const index = myCriteria.findIndex((one) => nameOf(one) === nameOf(base));
    return index === -1 ? { value: base, index } : { value: overlay(base, myCriteria[index]), index };
  });
  const taken = new Set(changed.map(({ index }) => index));
  const added = myCriteria.map((value: unknown, index) => ({ value, index })).filter(({ index }) => !taken.has(index));
  const criteria = [...changed, ...added];
  // Whoever wrote the preset has not agreed to what a team does with it.
  const spec = { ...theirs, signedOffBy: [], ...mine, criteria: criteria.map(({ value }) => value) };
  return {
    document: { ...fieldsOf(own), spec },
    ownPath: (path) => {
      const [first, second, index, ...rest] = path;
      if (first !== 'spec' || second !== 'criteria' || typeof index !== 'number') return path;
      const written = criteria[index]?.index ?? -1;
      return written === -1 ? ['spec', 'extends'] : ['spec', 'criteria', written, ...rest];
    },
  };
}

export function unmerged(own: unknown): Merged {
  return { document: own, ownPath: (path) => path };
}

function overlay(base: unknown, own: unknown): unknown {
  const [under, over] = [fieldsOf(base), fieldsOf(own)];
  const sameMetric = over['metric'] === undefined || over['metric'] === under['metric'];
  return sameMetric ? { ...under, ...over } : own;
}

function nameOf(criterion: unknown): unknown {
  return fieldsOf(criterion)['name'] ?? Symbol('unnamed');
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
