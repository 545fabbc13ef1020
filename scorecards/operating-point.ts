import { FLAG_METRICS } from './statistics/flag-metrics.ts';
import { GROUP_GAPS } from './statistics/group-gaps.ts';
import type { ScorecardCriterion } from './scorecard-schema.ts';

// Precision among the k highest rows has a cut of its own in every slice.
const AT_CUT: ReadonlySet<string> = new Set([
  ...FLAG_METRICS.filter((metric) => metric !== 'precisionAtK'),
  ...GROUP_GAPS,
]);

/** Whether a criterion rests on which rows each model flags at the operating point; SQL does when it says `flagged`. */
export const isAtCut = ({ metric, sql = '' }: Pick<ScorecardCriterion, 'metric' | 'sql'>): boolean =>
  AT_CUT.has(metric) || (metric === 'sql' && /\bflagged\b/i.test(sql));
