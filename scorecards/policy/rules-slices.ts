import type { Problem } from '../diagnostics/diagnostic.ts';
import { duplicates, problem } from './rule.ts';
import type { Written } from './rule.ts';

const AT = 'spec.drift.slices';
/** A baseline keeps a histogram for each of them. */
const MOST_SKETCHES = 2000;

/** Rules of `spec.drift.slices`: features and slice columns that there are, values that may be shown, and not too many. */
export function sliceRules({ policy }: Written): Problem[] {
  const { data, dataset, drift } = policy.spec;
  const { slices } = drift;
  if (!slices) return [];
  const hashed = new Set(dataset.hash);
  const columns = slices.by ?? data.slices.filter((column) => !hashed.has(column));
  const known = data.features?.map(({ name }) => name);
  const sketches = slices.features.length * columns.length * slices.values;
  return [
    ...(columns.length === 0
      ? [
          problem('US0242', AT, 'there is no slice whose values may be shown', {
            help: 'add a column to spec.data.slices',
          }),
        ]
      : []),
    ...slices.features.flatMap((name, index) =>
      known === undefined || known.includes(name)
        ? []
        : [
            problem('US0242', `${AT}.features[${index}]`, `"${name}" is no feature`, {
              help: `use ${known.join(', ')}`,
            }),
          ],
    ),
    ...duplicates(`${AT}.features`, slices.features, ''),
    ...duplicates(`${AT}.by`, slices.by ?? [], ''),
    ...(slices.by ?? []).flatMap((column, index) =>
      byRules(column, `${AT}.by[${index}]`, { slices: data.slices, hashed }),
    ),
    ...(sketches > MOST_SKETCHES
      ? [
          problem('US0242', AT, `${sketches} histograms would be kept; at most ${MOST_SKETCHES} are`, {
            help: 'name fewer features or columns, or lower values',
          }),
        ]
      : []),
  ];
}

function byRules(
  column: string,
  at: string,
  { slices, hashed }: { readonly slices: readonly string[]; readonly hashed: ReadonlySet<string> },
): Problem[] {
  if (!slices.includes(column))
    return [problem('US0234', at, `slice "${column}" is not declared`, { help: `add ${column} to spec.data.slices` })];
  if (!hashed.has(column)) return [];
  const message = `findings name the values of "${column}", which dataset.hash keeps out of sight`;
  return [problem('US0242', at, message, { help: 'leave it out' })];
}
