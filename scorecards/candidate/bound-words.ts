import { METRIC_PAGES } from '../metric-catalogue.ts';
import { formatBytes, formatDuration } from '../policy/units.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { boundsOf, isRelative } from './bounds.ts';
import type { BoundKind } from './bounds.ts';

const WORDS: Readonly<Record<BoundKind, (amount: string, asked: number) => string>> = {
  atLeast: (amount) => `at least ${amount}`,
  atMost: (amount) => `at most ${amount}`,
  noWorseBy: (amount, asked) =>
    asked === 0 ? 'not worse than the champion' : `at most ${amount} worse than the champion`,
  betterBy: (amount, asked) =>
    asked === 0 ? 'better than the champion' : `at least ${amount} better than the champion`,
};

/** Every bound of a criterion as people say it, in the unit of its metric; `cost` is compared as a share of the champion's. */
export function boundWords(criterion: ScorecardCriterion): readonly string[] {
  return boundsOf(criterion).map(([kind, asked]) => WORDS[kind](amountOf(criterion.metric, kind, asked), asked));
}

/** A bound in the unit of its metric. */
export function amountOf(metric: ScorecardCriterion['metric'], kind: BoundKind, value: number): string {
  if (metric === 'cost' && isRelative(kind)) return percent(value);
  const { unit } = METRIC_PAGES[metric];
  if (unit === 'ms') return formatDuration(value);
  return unit === 'bytes' ? formatBytes(value) : String(value);
}

/** Exactly as it was written. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;
