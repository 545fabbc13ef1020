import type { Span } from '../vocabulary.ts';
import { dayOf } from './sentence.ts';
import type { DriftFinding } from './verdict.ts';
import { millisecondsOf } from './windows.ts';

/**
 * What a person may call harmless. A changed schema is never that: nothing can be learnt from a column that is not there. Skew is
 * found by the shadow and not by a check of windows; it is waived in the policy.
 */
export const BENIGN_KINDS = ['data', 'prediction', 'concept', 'fairness', 'quality'] as const;
export type BenignKind = (typeof BENIGN_KINDS)[number];

/** A person's word that a finding is known and harmless. Evidence: it is never changed, only followed by another one. */
export interface BenignMark {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly column: string;
  readonly kind: BenignKind;
  readonly by: string;
  readonly reason: string;
  /** Windows that end later than this, in data time, count again. */
  readonly until: string;
  /** When it was said. */
  readonly at: string;
}

/**
 * The findings of a window, with those that somebody marked benign neither breaching nor warning any more; they keep their
 * numbers, and their sentence says whose word it was. What could not be judged stays so. Of several marks of one column and
 * kind the latest counts.
 */
export function excused(
  findings: readonly DriftFinding[],
  marks: readonly BenignMark[],
  window: Span,
): readonly DriftFinding[] {
  const end = millisecondsOf(window.until);
  const latest = new Map(
    marks
      .toSorted((a, b) => millisecondsOf(a.at) - millisecondsOf(b.at))
      .map((mark) => [JSON.stringify([mark.column, mark.kind]), mark] as const),
  );
  return findings.map((finding) => {
    const { column, kind } = finding.criterion;
    const mark = latest.get(JSON.stringify([column, kind]));
    if (!mark || finding.level === 'none' || end > millisecondsOf(mark.until)) return finding;
    const word = `Benign until ${dayOf(mark.until)}, says ${mark.by}: ${mark.reason}.`;
    return { ...finding, judged: 'pass', level: 'none', reason: 'benign', sentence: `${finding.sentence} ${word}` };
  });
}
