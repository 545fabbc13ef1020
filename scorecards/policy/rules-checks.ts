import type { Problem } from '../diagnostics/diagnostic.ts';
import { duplicates, isOverridden, overrideHelp, problem } from './rule.ts';
import type { Written } from './rule.ts';

/** Rules of `spec.dataset.checks`: every check can fail, can hold, and reads only what may be read. */
export function checkRules({ policy }: Written): Problem[] {
  const { checks, columns: allowed } = policy.spec.dataset;
  const { id, time } = policy.spec.data.observations;
  const readable = allowed && new Set([...allowed, id, time]);
  const perColumn = checks.columns.flatMap(({ name, severity, ...asked }, index) => {
    const field = `spec.dataset.checks.columns[${index}]`;
    const help = 'add nulls, atLeast, atMost, oneOf or duplicates';
    const isIdle = Object.values(asked).every((value) => value === undefined);
    return [
      ...(isIdle ? [problem('US0240', field, `the check of "${name}" (${severity}) asks for nothing`, { help })] : []),
      ...rangeRules(`${field}.atMost`, name, asked),
      ...(readable === undefined || readable.has(name) ? [] : [unreadable(`${field}.name`, name)]),
    ];
  });
  const names = checks.columns.map(({ name }) => name);
  return [
    ...duplicates('spec.dataset.checks.columns', names),
    ...perColumn,
    ...volumeRules(checks.volume),
    ...sourceRules(policy),
  ];
}

type Range = Readonly<{ atLeast?: number | undefined; atMost?: number | undefined }>;

function rangeRules(field: string, name: string, { atLeast, atMost }: Range): Problem[] {
  if (atLeast === undefined || atMost === undefined || atLeast <= atMost) return [];
  const message = `no value of "${name}" can be at least ${atLeast} and at most ${atMost}`;
  return [problem('US0240', field, message, { help: 'swap them' })];
}

function volumeRules({ atLeast, atMost }: Required<Range>): Problem[] {
  if ((atLeast ?? 0) < (atMost ?? Infinity)) return [];
  const message = `no day can have at least ${atLeast} and at most ${atMost} times the usual rows`;
  return [problem('US0240', 'spec.dataset.checks.volume', message, { at: 'key', help: 'set atLeast below atMost' })];
}

/** A snapshot holds features and slices, so only by these can two snapshots be compared. */
function sourceRules({ spec }: Written['policy']): Problem[] {
  const { features, slices } = spec.data;
  const { labelFlips, sources } = spec.dataset.checks;
  if (features === undefined) return [];
  const known = [...features.map(({ name }) => name), ...slices];
  const asked = [
    ['spec.dataset.checks.sources.by', sources?.by],
    ['spec.dataset.checks.labelFlips.by', labelFlips.by],
  ] as const;
  return asked.flatMap(([field, by]) => {
    if (by === undefined || known.includes(by)) return [];
    const help = 'add it to spec.data.slices';
    return [problem('US0240', field, `"${by}" is neither a feature nor a slice, so no snapshot has it`, { help })];
  });
}

const unreadable = (field: string, name: string): Problem =>
  problem('US0209', field, `column "${name}" is not in dataset.columns`, { help: 'add it to spec.dataset.columns' });

/** FE1, FE4: a waiver is about a feature, softer answers to skew are overridden by name, and freshness has a clock. */
export function skewRules({ policy }: Written): Problem[] {
  const { data, drift, shadow } = policy.spec;
  const names = data.features?.map(({ name }) => name);
  const waivers = shadow.skew.waivers.flatMap(({ feature }, index) => {
    if (names === undefined || names.includes(feature)) return [];
    const help = `features are ${names.slice(0, 8).join(', ')}`;
    return [problem('US0241', `spec.shadow.skew.waivers[${index}].feature`, `"${feature}" is no feature`, { help })];
  });
  const clocks = (data.features ?? []).flatMap(({ at, freshWithin, name }, index) => {
    if ((at === undefined) === (freshWithin === undefined)) return [];
    const [has, lacks] = at === undefined ? ['freshWithin', 'at'] : ['at', 'freshWithin'];
    const message = `the freshness of "${name}" has ${has} and lacks ${lacks}`;
    return [problem('US0241', `spec.data.features[${index}].${has}`, message, { help: `add ${lacks}` })];
  });
  const field = 'spec.drift.respond.skew';
  if (drift.respond.skew === 'block' || isOverridden(policy, field)) return [...waivers, ...clocks];
  const message = `skew between training and serving does not block (${drift.respond.skew})`;
  const help = overrideHelp('write block and waive single features in spec.shadow.skew.waivers', field);
  return [...waivers, ...clocks, problem('US0241', field, message, { help })];
}
