import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import type { CandidateVerdict } from '../../scorecards/candidate/verdict.ts';

const [WARNING, NOTE] = ['warning', 'how it was judged'];

/** Whether a page that draws the verdict says it already. */
export const isJudgedFact = (name: string): boolean => name === WARNING || name === NOTE;

/** How a candidate was judged, and where it is weak though nobody asked: none of it is a finding. */
export const judgedFacts = ({
  notes = [],
  warnings = [],
}: Partial<Pick<CandidateVerdict, 'notes' | 'warnings'>> = {}): readonly (readonly [name: string, value: string])[] => [
  ...warnings.map((text) => [WARNING, printable(text)] as const),
  ...notes.map((text) => [NOTE, printable(text)] as const),
];
