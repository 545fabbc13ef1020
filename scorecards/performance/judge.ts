import { counted } from '../counted.ts';
import type { DriftCriterion, DriftFinding, DriftReason, Level } from '../drift/verdict.ts';
import { independentDifference } from '../statistics/independent-difference.ts';
import type { Slice, Span } from '../vocabulary.ts';
import { boundsOf, driftCriterionOf } from './criteria.ts';
import type { PerformanceBound } from './criteria.ts';
import { measureFairness } from './fairness.ts';
import { LEAST_FOR_CALIBRATION, measureLabelled } from './measure.ts';
import type { Measured } from './measure.ts';
import { isSmall, largeGroups, LEAST_POSITIVES, LEAST_ROWS, slicesBy } from './groups.ts';
import { isFairness, isLoss, needsCut } from './metrics.ts';
import type { FairnessMetric, LabelledMetric } from './metrics.ts';
import { labelledRows, rowsOf, sliceOf } from './score-counts.ts';
import type { ScoreCounts } from './score-counts.ts';
import { describeLabelled } from './sentence.ts';
import { inconclusive, whyNoLabels } from './unjudged.ts';
import type { Unjudged } from './unjudged.ts';
import { coverageOf, wholeOf } from './window.ts';
import type { Coverage, LabelledWindow } from './window.ts';

/**
 * One finding per bound and slice, on rows whose labels had time to come. A number fails when its whole interval lies beyond
 * its limit and warns when only its value does; one without interval goes by its value. Against the holdout the interval is that
 * of the difference. Too few labels are `inconclusive`, none at all `missing`.
 */
export function judgeLabelled(input: LabelledWindow): readonly DriftFinding[] {
  const whole = wholeOf(input.buckets);
  const coverage = coverageOf(whole);
  const unjudged = whyNoLabels(input, coverage);
  return boundsOf(input.rule).flatMap((bound) => {
    const judging: Judging = { input, bound, coverage, ...(unjudged ? { unjudged } : {}) };
    const { by, metric } = bound.asked;
    if (isFairness(metric)) return [judgeGroups(judging, metric)];
    if (by === undefined || unjudged) return [judgeOne(judging, metric, { counts: whole })];
    return slicesBy(by, input.buckets, input.reference?.buckets ?? []).map((slice) =>
      judgeOne(judging, metric, { counts: sliceOf(input.buckets, slice), slice }),
    );
  });
}

interface Judging {
  readonly input: LabelledWindow;
  readonly bound: PerformanceBound;
  readonly coverage: Coverage;
  /** Nothing of the window can be judged. */
  readonly unjudged?: Unjudged;
}

function judgeOne(
  judging: Judging,
  metric: LabelledMetric,
  { counts, slice }: { readonly counts: ScoreCounts; readonly slice?: Slice },
): DriftFinding {
  const { reference } = judging.input;
  const { asked } = judging.bound;
  const ofReference = reference && (slice ? sliceOf(reference.buckets, slice) : wholeOf(reference.buckets));
  const before = ofReference && measureLabelled(metric, ofReference, asked);
  return concluded(judging, {
    ...(slice ? { slice } : {}),
    ...(before ? { before } : {}),
    needsCut: needsCut(metric),
    why: slice && whySmall(slice, counts),
    ...(metric === 'ece' ? { least: LEAST_FOR_CALIBRATION } : {}),
    measure: () => measureLabelled(metric, counts, asked),
  });
}

function whySmall(slice: Slice, counts: ScoreCounts): Unjudged | undefined {
  const rows = labelledRows(counts);
  const name = `${slice.column} ${slice.value ?? 'null'}`;
  if (rows + rowsOf(counts.unlabelled) === 0)
    return { judged: 'missing', reason: 'no-data', sentence: `${name}: no row of the window. Not judged.` };
  if (!isSmall(counts)) return undefined;
  const has = `${counted(rows)} labelled rows, ${counted(rowsOf(counts.positive))} of them positive`;
  return inconclusive('suppressed-slice', `${name}: ${has}; ${LEAST_ROWS} and ${LEAST_POSITIVES} are needed.`);
}

function judgeGroups(judging: Judging, metric: FairnessMetric): DriftFinding {
  const { input, bound } = judging;
  const column = bound.asked.by ?? '';
  const groups = largeGroups(column, input.buckets);
  const before = input.reference && measureFairness(metric, largeGroups(column, input.reference.buckets));
  const few = inconclusive('suppressed-slice', `${column}: ${groups.length} groups are large enough, 2 are needed.`);
  return concluded(judging, {
    ...(before ? { before } : {}),
    needsCut: metric !== 'calibrationGap',
    why: groups.length < 2 ? few : undefined,
    measure: () => measureFairness(metric, groups),
  });
}

interface Part {
  readonly slice?: Slice;
  readonly before?: Measured;
  readonly needsCut: boolean;
  readonly why: Unjudged | undefined;
  readonly least?: number;
  readonly measure: () => Measured | undefined;
}

function concluded({ input, bound, coverage, unjudged }: Judging, part: Part): DriftFinding {
  const { before, slice } = part;
  const criterion = driftCriterionOf(bound, {
    score: input.score,
    minimum: input.rule.minimum,
    ...(slice ? { slice } : {}),
    ...(before ? { reference: before.value } : {}),
  });
  const why = unjudged ?? whyNotThis({ input, bound, coverage }, part);
  const measured = why ? undefined : part.measure();
  if (why || !measured)
    return {
      criterion,
      level: 'none',
      ...(why ?? inconclusive('too-few-rows', `${criterion.name} does not exist here.`)),
    };
  return found(criterion, measured, { window: input.window, coverage, before, relative: 'noWorseBy' in bound.bound });
}

interface Beside {
  readonly window: Span;
  readonly coverage: Coverage;
  readonly before: Measured | undefined;
  readonly relative: boolean;
}

const REASONS: Readonly<Record<Level, DriftReason>> = { none: 'within-bound', warn: 'warning', breach: 'breach' };

function found(criterion: DriftCriterion, measured: Measured, { before, relative, ...beside }: Beside): DriftFinding {
  const reference = relative ? before : undefined;
  const level = levelOf(criterion, measured, reference);
  const { interval, n, value } = measured;
  return {
    criterion,
    judged: level === 'breach' ? 'fail' : 'pass',
    level,
    reason: REASONS[level],
    sentence: describeLabelled(criterion, measured, { ...beside, level, ...(reference ? { reference } : {}) }),
    measurement: {
      value,
      ...(interval ? { interval: { ...interval, of: 'sampling' as const } } : {}),
      n: { current: n, baseline: before?.n ?? 0 },
      ...(beside.coverage.surrogates > 0 ? { marks: ['surrogate-labels' as const] } : {}),
    },
  };
}

function whyNotThis({ input, bound, coverage }: Judging, part: Part): Unjudged | undefined {
  const { name, metric } = bound.asked;
  const missing = (sentence: string): Unjudged => ({ judged: 'missing', reason: 'no-data', sentence });
  if (part.why) return part.why;
  if (part.needsCut && input.reference?.cut === undefined)
    return missing(`${name ?? metric}: the champion's scorecard froze no cut. Not judged.`);
  if ('noWorseBy' in bound.bound && !part.before)
    return missing(`${name ?? metric}: nothing is known of the champion's holdout. Not judged.`);
  const { least = 0 } = part;
  if (coverage.labelled >= least) return undefined;
  return inconclusive(
    'too-few-rows',
    `${name ?? metric}: ${counted(coverage.labelled)} rows, ${counted(least)} needed.`,
  );
}

/** Beyond by the whole interval: breach; by the value alone: warn. The limit of a relative bound carries the holdout's doubt. */
function levelOf({ limit, metric }: DriftCriterion, measured: Measured, before: Measured | undefined): Level {
  const loss = isLoss(metric as LabelledMetric);
  const isBeyond = (value: number, bound: number) => (loss ? value > bound : value < bound);
  if (!isBeyond(measured.value, limit)) return 'none';
  if (!measured.interval) return 'breach';
  const { low, high } = before?.interval ? differenceTo(measured, before) : measured.interval;
  const offset = before?.interval ? before.value : 0;
  return isBeyond(offset + (loss ? low : high), limit) ? 'breach' : 'warn';
}

function differenceTo(one: Measured, other: Measured): { readonly low: number; readonly high: number } {
  const estimate = ({ value, interval }: Measured) => ({ value, ...(interval ?? { low: value, high: value }) });
  return independentDifference(estimate(one), estimate(other));
}
