import { counted } from '../counted.ts';
import { spanText } from '../drift/sentence.ts';
import type { DriftCriterion, Level } from '../drift/verdict.ts';
import type { Span } from '../vocabulary.ts';
import type { Measured } from './measure.ts';
import { isFairness } from './metrics.ts';
import type { Coverage } from './window.ts';

/** Three decimals, or as many as two significant digits need. */
export const numberText = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(2) : value.toFixed(3);
export const percentText = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
export const rangeText = (interval: { readonly low: number; readonly high: number } | undefined): string =>
  interval ? ` [${numberText(interval.low)}, ${numberText(interval.high)}]` : '';

const ENDINGS: Readonly<Record<'concept' | 'fairness', string>> = {
  concept: ' Concept drift.',
  fairness: ' Groups are treated too differently.',
};

/** What a labelled number says; equal numbers read equally. */
export function describeLabelled(
  { direction, limit, metric, name }: DriftCriterion,
  measured: Measured,
  of: {
    readonly level: Level;
    readonly window: Span;
    readonly coverage: Coverage;
    /** The same number on the champion's holdout, where that decides. */
    readonly reference?: Measured;
  },
): string {
  const bound = `${direction === 'atLeast' ? 'at least' : 'at most'} ${numberText(limit)}`;
  const before = of.reference ? ` (${numberText(of.reference.value)} on the champion's holdout)` : '';
  const surrogates = of.coverage.surrogates > 0 ? `, ${counted(of.coverage.surrogates)} of them surrogates` : '';
  const rows = `${counted(of.coverage.labelled)} labelled rows from ${spanText(of.window)}, ${percentText(of.coverage.share)} of all${surrogates}`;
  const ending = of.level === 'breach' ? ENDINGS[isFairness(metric) ? 'fairness' : 'concept'] : '';
  return `${name}: ${numberText(measured.value)}${rangeText(measured.interval)}, ${bound}${before}; ${rows}.${ending}`;
}
