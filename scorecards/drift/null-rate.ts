import { nullRate } from '../statistics/null-rate.ts';
import { describeNullRate } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import type { DriftCriterion, DriftFinding, DriftReason, Level } from './verdict.ts';

/** A change of the null share below one point is of no interest, however certain. */
const LEAST_CHANGE = 0.01;

/**
 * Share of nulls in the window. It fails when the lower end of its Wilson interval lies above the limit, and warns when its
 * value does or when it has certainly risen by a point or more since the baseline. Both sides have rows.
 */
export function judgeNullRate(
  criterion: DriftCriterion,
  { baseline, current }: { readonly baseline: Sketch; readonly current: Sketch },
  designEffect: number,
): DriftFinding {
  const shares = nullRate(current, baseline, designEffect);
  if (!shares) throw new Error(`${criterion.column}: a share of nulls needs rows on both sides`);
  const { current: now, baseline: before, change } = shares;
  const hasRisen = change.value >= LEAST_CHANGE && change.low > 0;
  const level: Level = now.low > criterion.limit ? 'breach' : now.value > criterion.limit || hasRisen ? 'warn' : 'none';
  const reason: DriftReason = level === 'breach' ? 'breach' : level === 'warn' ? 'warning' : 'within-bound';
  const measurement = {
    value: now.value,
    interval: { low: now.low, high: now.high, of: 'sampling' as const },
    n: { current: current.rows, baseline: baseline.rows },
  };
  return {
    criterion,
    judged: level === 'breach' ? 'fail' : 'pass',
    level,
    reason,
    measurement,
    sentence: describeNullRate(criterion, measurement, before.value),
  };
}
