import { counted } from '../counted.ts';
import { dayOf, spanText } from '../drift/sentence.ts';
import type { DriftReason } from '../drift/verdict.ts';
import { lackingBuckets, overlaps } from '../drift/windows.ts';
import { percentText } from './sentence.ts';
import type { Coverage, LabelledWindow } from './window.ts';

export interface Unjudged {
  readonly judged: 'missing' | 'inconclusive';
  readonly reason: DriftReason;
  readonly sentence: string;
}

/** Why nothing of a labelled window can be judged, first reason that holds; undefined: it can. */
export function whyNoLabels(input: LabelledWindow, coverage: Coverage): Unjudged | undefined {
  const sides = whyNoRows(input, coverage);
  if (sides) return sides;
  const { rule, window } = input;
  const { labelled, rows, share } = coverage;
  const of = `${counted(labelled)} of ${counted(rows)} rows from ${spanText(window)} have a label`;
  if (share < rule.coverage)
    return inconclusive('labels-immature', `${of} (${percentText(share)}), ${percentText(rule.coverage)} are needed.`);
  if (labelled < rule.minimum) return inconclusive('too-few-rows', `${of}, ${counted(rule.minimum)} are needed.`);
  return undefined;
}

function whyNoRows(input: LabelledWindow, { rows }: Coverage): Unjudged | undefined {
  const { absent, baselineSpan, presentBuckets, score, version, window } = input;
  if (absent !== undefined)
    return missing('column-absent', `${absent}: the column is absent from ${spanText(window)}.`);
  if (presentBuckets.length === 0) return missing('no-data', `There is no data from ${spanText(window)}.`);
  if (overlaps(window, baselineSpan))
    return inconclusive(
      'overlaps-baseline',
      `The labelled window from ${spanText(window)} overlaps the champion's baseline from ${spanText(baselineSpan)}.`,
    );
  const lacking = lackingBuckets(input);
  if (lacking.length > 0)
    return inconclusive(
      'too-few-buckets',
      `The labelled window from ${spanText(window)} lacks ${lacking.map(({ from }) => dayOf(from)).join(', ')}.`,
    );
  if (rows > 0) return undefined;
  const whose = version ? ` that version ${version.is} answered (${counted(version.others)} of others)` : '';
  return missing('no-data', `${score}: no row from ${spanText(window)} has a score${whose}.`);
}

const missing = (reason: DriftReason, sentence: string): Unjudged => ({
  judged: 'missing',
  reason,
  sentence: `${sentence} Not judged.`,
});
export const inconclusive = (reason: DriftReason, sentence: string): Unjudged => ({
  judged: 'inconclusive',
  reason,
  sentence: `${sentence} Not judged.`,
});
