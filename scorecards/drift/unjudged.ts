import { counted } from '../counted.ts';
import { finiteRows } from './measure.ts';
import { isShareOfGaps } from './gaps.ts';
import { columnChange } from './schema-change.ts';
import { dayOf, lengthOf, spanText } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import { placeText, sketchName } from './slices.ts';
import type { DriftCriterion, DriftFinding, DriftReason } from './verdict.ts';
import type { WindowInput } from './window-input.ts';
import { lackingBuckets, overlaps } from './windows.ts';

type Why = readonly [judged: 'missing' | 'inconclusive', reason: DriftReason, sentence: string];

/**
 * The finding of a criterion that cannot be judged, first reason that holds: nothing there, column absent or changed,
 * incomplete window, window inside the baseline, nothing but nulls, too few rows, a constant. Undefined: it can be judged, and
 * both sketches exist. A slice that the baseline itself had too little of, or that has too few rows now, is `suppressed-slice`.
 */
export function whyNotJudged(criterion: DriftCriterion, input: WindowInput): DriftFinding | undefined {
  const why = whyNoSides(criterion, input) ?? whyNoWindow(criterion, input) ?? whyTooLittle(criterion, input);
  if (!why) return undefined;
  const [judged, reason, sentence] = why;
  return { criterion, judged, level: 'none', reason, sentence: `${sentence} Not judged.` };
}

/** The finding of a distance that the sketches do not tell: rows so far out that no bin says where they end. */
export function unmeasurable(criterion: DriftCriterion): DriftFinding {
  const { metric } = criterion;
  const sentence = `${placeText(criterion)}: ${metric} needs to know how far out the outermost rows lie, and no bin says. Not judged.`;
  return { criterion, judged: 'inconclusive', level: 'none', reason: 'unmeasurable', sentence };
}

function whyNoSides(criterion: DriftCriterion, input: WindowInput): Why | undefined {
  const { column } = criterion;
  if (input.presentBuckets.length === 0)
    return ['missing', 'no-data', `There is no data from ${spanText(input.window)}.`];
  const change = columnChange(column, input);
  if (change?.change === 'absent')
    return ['missing', 'column-absent', `${column}: the column is absent since ${dayOf(change.since)}.`];
  if (change?.change === 'type')
    return [
      'missing',
      'type-changed',
      `${column}: ${change.from} in the baseline, ${change.to} since ${dayOf(change.since)}.`,
    ];
  return whyNoSketches(criterion, input);
}

/** One side of the comparison was not counted; of a slice because its own column may be gone. */
function whyNoSketches(criterion: DriftCriterion, input: WindowInput): Why | undefined {
  const { column, slice } = criterion;
  const [first] = slice;
  const gone = first && columnChange(first.column, input);
  if (gone?.change === 'absent')
    return ['missing', 'column-absent', `${first?.column}: the column is absent since ${dayOf(gone.since)}.`];
  const name = sketchName(column, first);
  if (!input.current.has(name)) {
    const absent = first ? `${first.column} or ${column}` : 'the column';
    return ['missing', 'column-absent', `${placeText(criterion)}: ${absent} is absent from the window.`];
  }
  if (!input.baseline.has(name))
    return ['missing', 'no-data', `${placeText(criterion)}: the champion's training data has no such column.`];
  return undefined;
}

function whyNoWindow({ metric }: DriftCriterion, input: WindowInput): Why | undefined {
  const lacking = lackingBuckets(input);
  if (lacking.length > 0) {
    const days = lacking.map(({ from }) => dayOf(from)).join(', ');
    const counted = `${lacking.length} of ${input.expectedBuckets.length} buckets are missing`;
    return [
      'inconclusive',
      'too-few-buckets',
      `The window from ${spanText(input.window)} is incomplete: ${counted} (${days}).`,
    ];
  }
  // A share is held against a limit of its own, so it may be counted on the baseline's own days.
  if (isShareOfGaps(metric) || metric === 'unseenShare' || !overlaps(input.window, input.baselineSpan))
    return undefined;
  const spans = `The window from ${spanText(input.window)} overlaps the champion's baseline from ${spanText(input.baselineSpan)}.`;
  return ['inconclusive', 'overlaps-baseline', spans];
}

function whyTooLittle(criterion: DriftCriterion, input: WindowInput): Why | undefined {
  const { column, metric, slice } = criterion;
  const name = sketchName(column, slice[0]);
  const [current, baseline] = [input.current.get(name), input.baseline.get(name)];
  if (!current || !baseline) return undefined;
  const both = { current, baseline };
  if (isShareOfGaps(metric)) return whyTooFew(criterion, both, input);
  const why =
    whyEmpty(placeText(criterion), both, input) ??
    whyTooFew(criterion, both, input) ??
    (metric === 'unseenShare' ? undefined : whyConstant(placeText(criterion), both));
  const isSmall = why !== undefined && slice.length > 0 && !(why[1] === 'all-null' && !isEmpty(baseline));
  return isSmall ? ['inconclusive', 'suppressed-slice', why[2]] : why;
}

interface Both {
  readonly current: Sketch;
  readonly baseline: Sketch;
}

function whyEmpty(column: string, { current, baseline }: Both, { window }: WindowInput): Why | undefined {
  const empty = [current, baseline].find(isEmpty);
  if (!empty) return undefined;
  const where = empty === current ? `the ${lengthOf(window)} from ${spanText(window)}` : 'the baseline';
  const none = empty.nulls === empty.rows ? 'null' : 'null or not a finite number';
  return ['missing', 'all-null', `${column}: every value of ${where} is ${none}.`];
}

function whyTooFew(criterion: DriftCriterion, both: Both, input: WindowInput): Why | undefined {
  const { metric, minimum } = criterion;
  const isOrdered = metric === 'ks' || metric === 'wasserstein';
  const rowsOf = (sketch: Sketch) => (isOrdered ? finiteRows(sketch) : sketch.rows);
  const needed = minimum * (input.designEffect ?? 1);
  const [now, before] = [rowsOf(both.current), rowsOf(both.baseline)];
  if (Math.min(now, before) >= Math.max(1, needed)) return undefined;
  const where =
    now < needed ? `${counted(now)} rows in ${lengthOf(input.window)}` : `${counted(before)} rows in the baseline`;
  return ['inconclusive', 'too-few-rows', `${placeText(criterion)}: ${where}, ${counted(needed)} needed.`];
}

function whyConstant(column: string, { current, baseline }: Both): Why | undefined {
  if (!isConstant(current, baseline)) return undefined;
  return ['inconclusive', 'constant', `${column}: it has one value only, in the baseline as in the window.`];
}

/** Rows, and none of them with a value that can be compared. */
const isEmpty = (sketch: Sketch): boolean => sketch.rows > 0 && finiteRows(sketch) === 0;

/** Both sides hold the same single value, and nothing else that could have moved. */
const isConstant = (one: Sketch, other: Sketch): boolean =>
  [one, other].every(
    ({ keys, nonFinite, nulls, other: rest }) => keys.length === 1 && nulls + nonFinite + rest === 0,
  ) && one.keys[0] === other.keys[0];
