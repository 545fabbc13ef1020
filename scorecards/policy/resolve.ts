import type { FieldPath } from '../diagnostics/diagnostic.ts';
import { formatPath } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Policy } from './schema.ts';
import { TIER_PRESETS } from './tiers.ts';
import type { TierPreset } from './tiers.ts';

/** A policy in which what the tier and the owner imply is written out. Its canonical JSON is what a run is bound to. */
export type ResolvedPolicy = Policy & {
  readonly spec: {
    readonly slo: { readonly availability: number; readonly p50: number; readonly p95: number };
    readonly approval: { readonly from: string[] };
  };
};

export interface Resolution {
  readonly policy: ResolvedPolicy;
  /** For every leaf where it comes from: `policy.yaml:12`, `default`, `tier enhanced`, `metadata.owner`. */
  readonly origins: ReadonlyMap<string, string>;
  /** What the tier demands beyond fields of the policy: rollback and response time. */
  readonly tier: TierPreset;
}

/** Fills in tier presets (N8) and the default approver, and says for every leaf where it comes from. */
export function resolvePolicy(read: { readonly policy: Policy; readonly source?: Source }): Resolution {
  const { policy, source } = read;
  const tier = TIER_PRESETS[policy.spec.tier];
  const implied = new Map<string, string>();
  const fill = <T>(field: string, written: T | undefined, preset: T, origin: string): T => {
    if (written !== undefined) return written;
    implied.set(field, origin);
    return preset;
  };
  const byTier = `tier ${policy.spec.tier}`;
  const { slo, approval } = policy.spec;
  const resolved: ResolvedPolicy = {
    ...policy,
    spec: {
      ...policy.spec,
      slo: {
        ...slo,
        availability: fill('spec.slo.availability', slo.availability, tier.availability, byTier),
        p50: fill('spec.slo.p50', slo.p50, tier.p50, byTier),
        p95: fill('spec.slo.p95', slo.p95, tier.p95, byTier),
      },
      approval: {
        ...approval,
        from: fill('spec.approval.from', approval.from, [policy.metadata.owner], 'metadata.owner'),
      },
    },
  };
  const file = source?.file.split(/[\\/]/).at(-1) ?? '';
  const origins = new Map<string, string>();
  for (const path of leaves(resolved)) {
    const line = source?.lineOf(path);
    const field = formatPath(path);
    origins.set(field, line === undefined ? (implied.get(field) ?? 'default') : `${file}:${line}`);
  }
  return { policy: resolved, origins, tier };
}

/** Paths of all scalars and of all lists of scalars. */
function leaves(value: unknown, path: FieldPath = []): FieldPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  if (Array.isArray(value)) {
    const isPlain = value.every((item) => typeof item !== 'object' || item === null);
    return isPlain ? [path] : value.flatMap((item, index) => leaves(item, [...path, index]));
  }
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .flatMap(([name, field]) => leaves(field, [...path, name]));
}
