import { nullRate } from '../statistics/null-rate.ts';
import { shareAbove } from '../statistics/share-above.ts';
import { describeNullRate } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import { FALSE_DISCOVERIES } from './together.ts';
import type { Tested } from './together.ts';
import type { DriftCriterion, DriftMetric, DriftReason, Level } from './verdict.ts';

/** A change of the share below one point is of no interest, however certain. */
const LEAST_CHANGE = 0.01;

/** Of rows without a value that can be used: nulls, and numbers that are NaN or infinite. */
const GAPS = {
  nullRate: ({ nulls, rows }: Sketch) => ({ nulls, rows }),
  nonFiniteRate: ({ nonFinite, rows }: Sketch) => ({ nulls: nonFinite, rows }),
} as const;

type ShareOfGaps = keyof typeof GAPS;

/** Whether a metric is a share of rows that is held against a limit of its own, whatever the other rows hold. */
export const isShareOfGaps = (metric: DriftMetric): metric is ShareOfGaps => Object.hasOwn(GAPS, metric);

/**
 * Share of nulls, or of NaN and infinities, in the window. It fails when it lies above the limit, significantly among all that is
 * asked of the window, and warns when it lies above by chance perhaps, when it has certainly risen by a point or more since the
 * baseline, or when a number is not finite where the baseline had none such. Where every number is finite there is nothing to
 * test. Both sides have rows. Throws for another metric.
 */
export function testGaps(
  criterion: DriftCriterion,
  { baseline, current }: { readonly baseline: Sketch; readonly current: Sketch },
  designEffect: number,
): Tested {
  const { column, metric } = criterion;
  if (!isShareOfGaps(metric)) throw new Error(`${column}: ${metric} is no share of rows without a value`);
  const [gaps, gapsBefore] = [GAPS[metric](current), GAPS[metric](baseline)];
  const shares = nullRate(gaps, gapsBefore, designEffect);
  if (!shares) throw new Error(`${column}: a share of nulls needs rows on both sides`);
  const { current: now, baseline: before, change } = shares;
  const hasRisen = change.value >= LEAST_CHANGE && change.low > 0;
  const isNew = metric === 'nonFiniteRate' && gaps.nulls > 0 && gapsBefore.nulls === 0;
  const isAbove = now.value > criterion.limit;
  const measurement = {
    value: now.value,
    interval: { low: now.low, high: now.high, of: 'sampling' as const },
    n: { current: current.rows, baseline: baseline.rows },
  };
  const sentence = describeNullRate(criterion, measurement, before.value);
  if (metric === 'nonFiniteRate' && gaps.nulls === 0)
    return { criterion, judged: 'pass', level: 'none', reason: 'within-bound', measurement, sentence };
  return {
    p: shareAbove({ value: now.value, rows: current.rows / designEffect }, criterion.limit),
    judge: (p) => {
      const isCertain = isAbove && p.adjusted <= FALSE_DISCOVERIES;
      const level: Level = isCertain ? 'breach' : isAbove || hasRisen || isNew ? 'warn' : 'none';
      const judged = level === 'breach' ? 'fail' : 'pass';
      return { criterion, judged, level, reason: REASONS[level], measurement: { ...measurement, p }, sentence };
    },
  };
}

const REASONS: Readonly<Record<Level, DriftReason>> = { none: 'within-bound', warn: 'warning', breach: 'breach' };
