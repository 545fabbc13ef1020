import type { Policy } from '../policy/schema.ts';
import type { Slice } from '../vocabulary.ts';
import { widened } from './learned.ts';
import type { DayToDay } from './learned.ts';
import { slicesIn, whereText } from './slices.ts';
import type { SliceList } from './slices.ts';
import type { DriftCriterion, DriftKind, DriftMetric } from './verdict.ts';

export interface DriftColumns {
  /** What the champion was trained on: the policy's features, or all columns without a role. */
  readonly features: readonly { readonly name: string; readonly type: 'continuous' | 'categorical' }[];
  /** What is usual from day to day, by criterion: bounds are no narrower; absent: they are the policy's. */
  readonly learned?: Readonly<Record<string, DayToDay>>;
  /** Of features whose importance the policy does not say; absent: 1. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Slices, and the features whose distances must hold in each of them too; absent: none. */
  readonly inSlices?: { readonly features: readonly string[]; readonly lists: readonly SliceList[] };
}

interface Bound {
  readonly warn: number;
  readonly drift: number;
}
type Feature = NonNullable<Policy['spec']['data']['features']>[number];
export type DriftRules = Pick<Policy['spec'], 'data' | 'drift' | 'dataset'>;
type Choice = NonNullable<Feature['metrics']>[number];

/**
 * Bounds of distances that the policy as a whole has none for. KL is about half of PSI, which adds both directions; 0.12 is the
 * base-2 form of the customary JS distance of 0.1. The others are what a normal's shift by 0.3 and 0.4 deviations comes to, as
 * those of PSI and KS are: √(PSI / 8) for Hellinger, and that shift in interquartile ranges for Wasserstein.
 */
const FIXED = {
  cramersV: { warn: 0.1, drift: 0.2 },
  js: { warn: 0.12, drift: 0.12 },
  kl: { warn: 0.05, drift: 0.1 },
  hellinger: { warn: 0.11, drift: 0.16 },
  totalVariation: { warn: 0.1, drift: 0.15 },
  wasserstein: { warn: 0.2, drift: 0.3 },
} as const;
/** Categories that the baseline does not list are worth a word from a thousandth of the rows on; they never breach. */
const UNSEEN = { warn: 0.001, drift: 1 };

const METRIC: Readonly<Record<Choice, DriftMetric>> = {
  psi: 'psi',
  ks: 'ks',
  cramersV: 'cramersV',
  js: 'jsDistance',
  kl: 'kl',
  hellinger: 'hellinger',
  totalVariation: 'totalVariation',
  wasserstein: 'wasserstein',
};

/**
 * What must hold in every window: per feature its distances (continuous: KS and PSI; categorical: PSI and Cramér's V; or what
 * the policy names), its presence, its share of nulls and of numbers that are not finite or categories not seen before; and of some features the distances
 * again in every slice but those of the feature's own values.
 */
export function driftCriteria(
  rules: DriftRules,
  { features, inSlices, learned, weights = {} }: DriftColumns,
): readonly DriftCriterion[] {
  const declared = new Map(rules.data.features?.map((feature) => [feature.name, feature]));
  return features.flatMap((column) => {
    const own = declared.get(column.name);
    const chosen = distancesOf(rules, column, own).map((criterion) => ({
      ...criterion,
      weight: own?.importance ?? weights[column.name] ?? 1,
    }));
    const slices = inSlices?.features.includes(column.name)
      ? inSlices.lists.filter((list) => list.column !== column.name).flatMap(slicesIn)
      : [];
    return [
      ...chosen.map((criterion) => widened(criterion, learned?.[criterion.name])),
      ...beside(rules, column),
      ...slices.flatMap((slice) => chosen.map((criterion) => ofSlice(criterion, slice))),
    ];
  });
}

/** How far the champion's scores may move, of all rows or of a slice: kind `prediction`. */
export const scoreCriteria = (rules: DriftRules, score: string, slice?: Slice): readonly DriftCriterion[] =>
  distances(rules, score, ['ks', 'psi'], 'prediction').map((criterion) => ofSlice(criterion, slice));

/** How far the share of each label may move: kind `concept`. */
export const labelCriteria = (rules: DriftRules, label: string, slice?: Slice): readonly DriftCriterion[] =>
  distances(rules, label, ['psi', 'cramersV'], 'concept').map((criterion) => ofSlice(criterion, slice));

const ofSlice = (criterion: DriftCriterion, slice: Slice | undefined): DriftCriterion =>
  slice ? { ...criterion, name: `${criterion.name} ${whereText(slice)}`, slice: [slice] } : criterion;

type Column = DriftColumns['features'][number];

/** How far a feature may move: kind `data`. */
function distancesOf(rules: DriftRules, column: Column, declared: Feature | undefined): readonly DriftCriterion[] {
  const metrics = declared?.metrics ?? (column.type === 'continuous' ? ['ks', 'psi'] : ['psi', 'cramersV']);
  const ordered = metrics.find((metric) => metric === 'ks' || metric === 'wasserstein');
  if (column.type === 'categorical' && ordered)
    throw new RangeError(`${column.name} is categorical: ${ordered} needs an order; name psi, cramersV, js or kl`);
  return distances(rules, column.name, metrics, 'data').map((criterion) => ({
    ...criterion,
    critical: declared?.critical ?? false,
  }));
}

/** What else must hold of a feature, whatever its distances are. */
function beside(rules: DriftRules, column: Column): readonly DriftCriterion[] {
  const { nulls } = rules.dataset.checks;
  const quality = { column: column.name, kind: 'quality', minimum: rules.drift.minimum } as const;
  return [
    present(column.name),
    criterionOf({ ...quality, metric: 'nullRate' }, { warn: nulls, drift: nulls }),
    column.type === 'categorical'
      ? criterionOf({ ...quality, metric: 'unseenShare' }, UNSEEN)
      : criterionOf({ ...quality, metric: 'nonFiniteRate' }, { warn: nulls, drift: nulls }),
  ];
}

const present = (column: string): DriftCriterion =>
  criterionOf({ column, metric: 'schema', kind: 'schema', minimum: 0 }, { warn: 1, drift: 1 });

function distances(
  rules: DriftRules,
  column: string,
  metrics: readonly Choice[],
  kind: DriftKind,
): readonly DriftCriterion[] {
  const declared = kind === 'data' ? rules.data.features?.find((feature) => feature.name === column) : undefined;
  return metrics.map((choice) => {
    const general: Bound = choice === 'psi' || choice === 'ks' ? rules.drift[choice] : FIXED[choice];
    const own = declared?.[choice];
    const bound = { warn: own?.warn ?? general.warn, drift: own?.drift ?? general.drift };
    return criterionOf({ column, metric: METRIC[choice], kind, minimum: rules.drift.minimum }, bound);
  });
}

const criterionOf = (
  { column, metric, ...rest }: Pick<DriftCriterion, 'column' | 'metric' | 'kind' | 'minimum'>,
  bound: Bound,
): DriftCriterion => ({
  name: `${column} ${metric}`,
  column,
  metric,
  ...rest,
  slice: [],
  // A feature whose own drift bound lies below the general warning warns at its own bound.
  warn: Math.min(bound.warn, bound.drift),
  limit: bound.drift,
  weight: 1,
  critical: false,
});
