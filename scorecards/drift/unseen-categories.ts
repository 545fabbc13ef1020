import { shareAbove } from '../statistics/share-above.ts';
import { unseenShare } from '../statistics/unseen-share.ts';
import { unseenCounts } from './coarse-bins.ts';
import { describeUnseen } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import { FALSE_DISCOVERIES } from './together.ts';
import type { Tested } from './together.ts';
import type { DriftCriterion } from './verdict.ts';

/**
 * Share of the window's categories that the baseline does not list. It warns when that share has risen by more than the warning
 * bound, significantly among all that is asked of the window, and never fails: how far new categories move the column is for
 * PSI to say. Both sides have rows with a category, else it is `missing`.
 */
export function testUnseen(
  criterion: DriftCriterion,
  { baseline, current }: { readonly baseline: Sketch; readonly current: Sketch },
  designEffect: number,
): Tested {
  const counts = unseenCounts(baseline, current);
  const shares = unseenShare(counts.current, counts.baseline, designEffect);
  if (!shares) {
    const sentence = `${criterion.column}: one side has no category at all. Not judged.`;
    return { criterion, judged: 'missing', level: 'none', reason: 'all-null', sentence };
  }
  const { current: now, baseline: before } = shares;
  // A capped list leaves rare categories of the baseline out too: what they make up is not new.
  const bound = before.value + criterion.warn;
  const measurement = {
    value: now.value,
    interval: { low: now.low, high: now.high, of: 'sampling' as const },
    n: { current: counts.current.rows, baseline: counts.baseline.rows },
  };
  return {
    p: shareAbove({ value: now.value, rows: counts.current.rows / designEffect }, bound),
    judge: (p) => {
      const isNew = now.value > bound && p.adjusted <= FALSE_DISCOVERIES;
      return {
        criterion,
        judged: 'pass',
        level: isNew ? 'warn' : 'none',
        reason: isNew ? 'warning' : 'within-bound',
        measurement: { ...measurement, p },
        sentence: describeUnseen(criterion, measurement, before.value),
      };
    },
  };
}
