import { printable, visible } from '../../../scorecards/diagnostics/diagnostic.ts';
import type { CandidateFinding, CandidateVerdict } from '../../../scorecards/candidate/verdict.ts';
import { isTimePartition, sliceText } from '../../../scorecards/parts.ts';
import type { Slice } from '../../../scorecards/vocabulary.ts';
import { escape } from '../escape.ts';

/** A mark and a word, so that colour carries no meaning alone. */
export const JUDGED: Readonly<Record<CandidateFinding['judged'], { readonly mark: string; readonly word: string }>> = {
  pass: { mark: '✔', word: 'holds' },
  fail: { mark: '✖', word: 'fails' },
  inconclusive: { mark: '?', word: 'not certain' },
  missing: { mark: '!', word: 'missing' },
};

export const VERDICTS: Readonly<Record<CandidateVerdict['verdict'], string>> = {
  pass: '✔ passed',
  fail: '✖ failed',
  inconclusive: '? not certain',
};

export const sentence = (text: string): string => escape(printable(text));
export const name = (text: string): string => escape(visible(text));
export const placeOf = ({ column, value }: Slice): string =>
  isTimePartition(column)
    ? visible(sliceText({ column, value }))
    : `${visible(column)}=${value === null ? 'null' : visible(value)}`;
/** How rows are cut: `by carrier`, `· time in 4 blocks`. */
export const cutText = (column: string): string => (isTimePartition(column) ? `· ${column}` : `by ${visible(column)}`);
