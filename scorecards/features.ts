import type { Policy } from './policy/schema.ts';

export type Feature = Pick<
  NonNullable<Policy['spec']['data']['features']>[number],
  'name' | 'type' | 'importance' | 'critical' | 'psi' | 'ks'
>;

const NUMBERS =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|FLOAT|REAL|DOUBLE|DECIMAL.*)$/;

/** The features a policy declares; when it declares none, every column without a role, numbers continuous, all else categorical. */
export function featuresOf(
  policy: Policy,
  columns: readonly { readonly name: string; readonly type: string }[],
): readonly Feature[] {
  const { features, observations, slices, clusterBy } = policy.spec.data;
  if (features) return features;
  const roles = new Set([
    observations.time,
    observations.id,
    observations.score,
    observations.modelVersion,
    clusterBy,
    'day',
    ...slices,
  ]);
  return columns
    .filter((column) => !roles.has(column.name))
    .map(({ name, type }) => ({
      name,
      type: NUMBERS.test(type) ? 'continuous' : 'categorical',
      importance: 1,
      critical: false,
    }));
}
