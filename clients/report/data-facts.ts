import { erasedSentence } from '../../activities/erasure.ts';
import type { RunReport } from './gather.ts';

/** What the checks of the data, and of what was served, found: everything that does not hold, in a sentence each. */
export function dataFacts({
  checks,
  erased,
  skew,
}: Pick<RunReport, 'checks' | 'erased' | 'skew'>): readonly (readonly [name: string, value: string])[] {
  return [
    ...(erased ? [['erased', erasedSentence(erased)] as const] : []),
    ...(checks ? [['data checks', `${WORDS[checks.verdict]}, ${checks.checks} checks`] as const] : []),
    ...(checks?.reasons ?? []).map((text) => ['data check', text] as const),
    ...(skew ? [['training/serving skew', `${skew.verdict}, ${skew.requests} requests`] as const] : []),
    ...(skew?.reasons ?? []).map((text) => ['skew', text] as const),
    ...(skew?.waived ?? []).map((text) => ['skew waived', text] as const),
  ];
}

const WORDS = { pass: 'pass', warn: 'pass with warnings', fail: 'fail' } as const;
