import { unseenShare } from '../statistics/unseen-share.ts';
import { unseenCounts } from './coarse-bins.ts';
import { describeUnseen } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import type { DriftCriterion, DriftFinding } from './verdict.ts';

/**
 * Share of the window's categories that the baseline does not list. It warns when that share has risen by more than the warning
 * bound with certainty, by the lower end of its interval, and never fails: how far new categories move the column is for PSI
 * to say. Both sides have rows with a category, else it is `missing`.
 */
export function judgeUnseen(
  criterion: DriftCriterion,
  { baseline, current }: { readonly baseline: Sketch; readonly current: Sketch },
  designEffect: number,
): DriftFinding {
  const counts = unseenCounts(baseline, current);
  const shares = unseenShare(counts.current, counts.baseline, designEffect);
  if (!shares) {
    const sentence = `${criterion.column}: one side has no category at all. Not judged.`;
    return { criterion, judged: 'missing', level: 'none', reason: 'all-null', sentence };
  }
  const { current: now, baseline: before } = shares;
  // A capped list leaves rare categories of the baseline out too: what they make up is not new.
  const isNew = now.low - before.value > criterion.warn;
  const measurement = {
    value: now.value,
    interval: { low: now.low, high: now.high, of: 'sampling' as const },
    n: { current: counts.current.rows, baseline: counts.baseline.rows },
  };
  return {
    criterion,
    judged: 'pass',
    level: isNew ? 'warn' : 'none',
    reason: isNew ? 'warning' : 'within-bound',
    measurement,
    sentence: describeUnseen(criterion, measurement, before.value),
  };
}
