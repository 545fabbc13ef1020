import type { Problem } from './diagnostics/diagnostic.ts';
import { isOverridden, problem } from './policy/rule.ts';
import type { Policy } from './policy/schema.ts';
import { TIER_PRESETS } from './policy/tiers.ts';
import { formatDuration } from './policy/units.ts';
import type { Scorecard, ScorecardCriterion } from './scorecard-schema.ts';

/** Percentiles that are at least as large as the one that has a ceiling: below it they keep it, too. */
const KEPT_BY = { p50: ['p50', 'p95', 'p99'], p95: ['p95', 'p99'] } as const;
const CALLED = { p50: 'median latency', p95: 'p95 latency' } as const;
const CEILINGS = ['p50', 'p95'] as const;

/**
 * N8: what a policy that serves adds to the preset it extends: for each ceiling of its tier (or of its `spec.slo`) that no
 * criterion keeps, a criterion of that percentile, with load and smallest sample of the scorecard's first latency. Whoever bounds
 * that percentile in a scorecard of their own gets none: theirs is judged by `tierCeilings`. Empty without `serving` or `extends`.
 */
export function tierCriteria({ spec }: Scorecard, policy: Policy | undefined): readonly ScorecardCriterion[] {
  if (policy?.spec.serving === undefined || spec.extends === undefined) return [];
  const { load, minimum = 500 } = spec.criteria.find(({ group }) => group === 'latency') ?? {};
  return CEILINGS.flatMap((metric): readonly ScorecardCriterion[] => {
    const { ceiling, written } = ceilingOf(policy, metric);
    const isBounded = (one: ScorecardCriterion) => one.metric === metric && one.atMost !== undefined;
    if (spec.criteria.some((one) => isBounded(one) || keeps(one, metric, ceiling))) return [];
    const name = `${metric} of ${written ? 'spec.slo' : `tier ${policy.spec.tier}`}`;
    const judged = { minimum, judge: 'interval', confidence: 0.95, ...(load && { load }) } as const;
    return [{ name, group: 'latency', metric, atMost: ceiling, ...judged }];
  });
}

/** The criteria of a resolved scorecard that `tierCriteria` added. */
export function addedByTier({ spec }: Scorecard, { spec: { tier } }: Policy): readonly ScorecardCriterion[] {
  const names = CEILINGS.flatMap((metric) => [`${metric} of spec.slo`, `${metric} of tier ${tier}`]);
  return spec.extends === undefined ? [] : spec.criteria.filter(({ name }) => names.includes(name));
}

/**
 * N8: the ceilings of the policy's tier, or its own tighter ones, must be criteria of the scorecard. A ceiling that the
 * policy loosens counts only with its override. Batch policies have none: their latency is that of 1,000 rows of `predict`.
 * `standard` is what nobody chose, so there it is a warning unless the policy writes the ceiling itself.
 */
export function tierCeilings({ spec: { criteria } }: Scorecard, policy: Policy | undefined): Problem[] {
  if (policy?.spec.serving === undefined) return [];
  const { tier } = policy.spec;
  return CEILINGS.flatMap((name) => {
    const { ceiling, written } = ceilingOf(policy, name);
    if (criteria.some((criterion) => keeps(criterion, name, ceiling))) return [];
    const whose = written ? `spec.slo.${name} of the policy` : `tier ${tier}`;
    const bound = formatDuration(ceiling);
    const message = `${whose} asks for a ${name} of at most ${bound}, and no criterion bounds it so tightly`;
    const severity = tier === 'standard' && !written ? 'warning' : 'error';
    const add = `add { name: ${CALLED[name]}, group: latency, metric: ${name}, atMost: ${bound} }`;
    const help = `${add}, or loosen spec.slo.${name} of the policy with an entry in spec.overrides`;
    return [problem('US0269', 'spec.criteria', message, { severity, at: 'key', help })];
  });
}

function ceilingOf(policy: Policy, name: 'p50' | 'p95'): { readonly ceiling: number; readonly written: boolean } {
  const preset = TIER_PRESETS[policy.spec.tier][name];
  const own = policy.spec.slo[name];
  const counts = own !== undefined && (own <= preset || isOverridden(policy, `spec.slo.${name}`));
  return counts ? { ceiling: own, written: true } : { ceiling: preset, written: false };
}

const keeps = ({ atMost, metric }: ScorecardCriterion, name: 'p50' | 'p95', ceiling: number): boolean =>
  atMost !== undefined && atMost <= ceiling && KEPT_BY[name].some((one) => one === metric);
