import type { DriftCriterion } from '../drift/verdict.ts';
import type { Policy } from '../policy/schema.ts';
import type { Slice } from '../vocabulary.ts';
import { isFairness, isLoss, PERFORMANCE_LABELS } from './metrics.ts';

export type PerformanceRule = Policy['spec']['drift']['performance'];
export type AskedMetric = PerformanceRule['criteria'][number];

/** One bound of one criterion: on the value itself, or on how much worse it is than on the champion's holdout. */
export interface PerformanceBound {
  readonly asked: AskedMetric;
  readonly bound: { readonly at: number } | { readonly noWorseBy: number };
}

/** A criterion that names a floor and a loss against the holdout is judged by both. */
export function boundsOf(rule: PerformanceRule): readonly PerformanceBound[] {
  return rule.criteria.flatMap((asked) => {
    const { atLeast, atMost, noWorseBy } = asked;
    const absolute = isLoss(asked.metric) ? atMost : atLeast;
    return [
      ...(absolute === undefined ? [] : [{ asked, bound: { at: absolute } }]),
      ...(noWorseBy === undefined ? [] : [{ asked, bound: { noWorseBy } }]),
    ];
  });
}

/** The criterion as findings name it; `reference` is the value on the holdout where the bound is relative to it. */
export function driftCriterionOf(
  { asked, bound }: PerformanceBound,
  of: { readonly score: string; readonly minimum: number; readonly slice?: Slice; readonly reference?: number },
): DriftCriterion {
  const loss = isLoss(asked.metric);
  const worse = 'noWorseBy' in bound ? (loss ? bound.noWorseBy : -bound.noWorseBy) : 0;
  const limit = 'at' in bound ? bound.at : (of.reference ?? 0) + worse;
  const where = of.slice ? ` where ${of.slice.column} is ${of.slice.value ?? 'null'}` : '';
  const groups = isFairness(asked.metric) ? ` by ${asked.by}` : '';
  const against = 'at' in bound ? '' : ' against the holdout';
  return {
    name: `${nameOf(asked)}${groups}${where}${against}`,
    kind: isFairness(asked.metric) ? 'fairness' : 'concept',
    metric: asked.metric,
    column: of.score,
    slice: of.slice ? [of.slice] : [],
    warn: limit,
    limit,
    ...(loss ? {} : { direction: 'atLeast' as const }),
    minimum: of.minimum,
    weight: 1,
    critical: false,
  };
}

export const nameOf = ({ metric, name }: AskedMetric): string => name ?? PERFORMANCE_LABELS[metric];
