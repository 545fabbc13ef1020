import { nullRate } from '../statistics/null-rate.ts';
import { shareAbove } from '../statistics/share-above.ts';
import { describeNullRate } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import { FALSE_DISCOVERIES } from './together.ts';
import type { Pending } from './together.ts';
import type { DriftCriterion, DriftReason, Level } from './verdict.ts';

/** A change of the null share below one point is of no interest, however certain. */
const LEAST_CHANGE = 0.01;

/**
 * Share of nulls in the window. It fails when it lies above the limit, significantly among all that is asked of the window, and
 * warns when it lies above by chance perhaps, or when it has certainly risen by a point or more since the baseline. Both sides
 * have rows.
 */
export function testNullRate(
  criterion: DriftCriterion,
  { baseline, current }: { readonly baseline: Sketch; readonly current: Sketch },
  designEffect: number,
): Pending {
  const shares = nullRate(current, baseline, designEffect);
  if (!shares) throw new Error(`${criterion.column}: a share of nulls needs rows on both sides`);
  const { current: now, baseline: before, change } = shares;
  const hasRisen = change.value >= LEAST_CHANGE && change.low > 0;
  const isAbove = now.value > criterion.limit;
  const measurement = {
    value: now.value,
    interval: { low: now.low, high: now.high, of: 'sampling' as const },
    n: { current: current.rows, baseline: baseline.rows },
  };
  return {
    p: shareAbove({ value: now.value, rows: current.rows / designEffect }, criterion.limit),
    judge: (p) => {
      const isCertain = isAbove && p.adjusted <= FALSE_DISCOVERIES;
      const level: Level = isCertain ? 'breach' : isAbove || hasRisen ? 'warn' : 'none';
      return {
        criterion,
        judged: level === 'breach' ? 'fail' : 'pass',
        level,
        reason: REASONS[level],
        measurement: { ...measurement, p },
        sentence: describeNullRate(criterion, measurement, before.value),
      };
    },
  };
}

const REASONS: Readonly<Record<Level, DriftReason>> = { none: 'within-bound', warn: 'warning', breach: 'breach' };
