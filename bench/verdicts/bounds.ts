import { betterOf } from '../../scorecards/metric-catalogue.ts';
import type { Scorecard, ScorecardCriterion } from '../../scorecards/scorecard-schema.ts';
import type { Before } from './before.ts';
import type { Range } from './judged.ts';

/** A criterion's bounds as the replay judged by them. */
export interface KeptBound {
  readonly criterion: string;
  readonly metric: ScorecardCriterion['metric'];
  readonly by?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly noWorseBy?: number;
}

export function boundsOf({ spec }: Scorecard): readonly KeptBound[] {
  return spec.criteria.map(({ name, metric, by, atLeast, atMost, versusChampion }) => ({
    criterion: name,
    metric,
    ...(by === undefined ? {} : { by }),
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(atMost === undefined ? {} : { atMost }),
    ...(versusChampion?.noWorseBy === undefined ? {} : { noWorseBy: versusChampion.noWorseBy }),
  }));
}

/** What a criterion came to before the first week that is replayed; harm is positive where the challenger is worse. */
export interface Measured {
  /** Harm of one half against the other: the largest, and the largest unfavourable end of its interval. */
  readonly halves: Extremes;
  /** Of the newer challengers, of those that rank better than their champion. */
  readonly gained: Extremes;
  /** The challenger's own values, and the unfavourable end of the worst. */
  readonly least: number;
  readonly most: number;
  readonly worstEnd: number;
}

interface Extremes {
  readonly harm: number;
  readonly end: number;
}

/** Over all pairs of models in which the criterion could be measured; `ranking` names the criterion of the AUC. */
export function measuredBefore(before: readonly Before[], { criterion, metric }: KeptBound, ranking: string): Measured {
  const isHigher = betterOf({ metric }) === 'higher';
  const of = ({ criteria }: Before, name: string) => criteria.find((one) => one.criterion === name);
  const found = before.map((pair) => ({
    kind: pair.kind === 'newer' && (of(pair, ranking)?.difference?.[0] ?? 0) > 0 ? 'gained' : pair.kind,
    ...of(pair, criterion),
  }));
  const harms = (kind: 'halves' | 'gained'): Extremes => {
    const differences = found
      .filter((one) => one.kind === kind)
      .flatMap(({ difference }) => (difference ? [difference] : []));
    const harm = differences.map(([value]) => (isHigher ? -value : value));
    const end = differences.map(([, low, high]) => (isHigher ? -low : high));
    return { harm: Math.max(...harm), end: Math.max(...end) };
  };
  const own = found
    .filter(({ kind }) => kind !== 'halves')
    .flatMap(({ challenger }) => (challenger ? [challenger] : []));
  const values = own.map(([value]) => value);
  const end = ([, low, high]: Range) => (isHigher ? low : high);
  return {
    halves: harms('halves'),
    gained: harms('gained'),
    least: Math.min(...values),
    most: Math.max(...values),
    worstEnd: isHigher ? Math.min(...own.map(end)) : Math.max(...own.map(end)),
  };
}
