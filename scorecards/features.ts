import { inferFeatures } from './policy/infer.ts';
import type { Policy } from './policy/schema.ts';

export type Feature = Pick<
  NonNullable<Policy['spec']['data']['features']>[number],
  'name' | 'type' | 'importance' | 'critical' | 'psi' | 'ks'
>;

/**
 * The features a policy declares. When it declares none: every column that can be compared and has no role, numbers as
 * continuous, texts as categories. Where labels stand beside the observations, what is known only afterwards has a role too.
 */
export function featuresOf(
  policy: Policy,
  columns: readonly { readonly name: string; readonly type: string }[],
): readonly Feature[] {
  const { features, observations, labels, slices, clusterBy } = policy.spec.data;
  if (features) return features;
  const { time, id, score, modelVersion } = observations;
  const roles = [
    time,
    id,
    score,
    modelVersion,
    labels.id,
    labels.label,
    labels.availableAt,
    labels.surrogate,
    policy.spec.drift.kpi?.column,
    clusterBy,
    'day',
    ...slices,
  ];
  const taken = new Set(roles.filter((name) => typeof name === 'string'));
  // `dataset.columns` is the list of what may become one (GV10).
  const allowed = policy.spec.dataset.columns;
  const usable = allowed === undefined ? columns : columns.filter(({ name }) => allowed.includes(name));
  return inferFeatures(usable, taken).map((feature) => ({ ...feature, critical: false }));
}
