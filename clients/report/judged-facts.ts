import { printable } from '../../scorecards/diagnostics/diagnostic.ts';
import type { CandidateVerdict } from '../../scorecards/candidate/verdict.ts';

/** How a candidate was judged, and where it is weak though nobody asked: none of it is a finding. */
export const judgedFacts = ({
  notes = [],
  warnings = [],
}: Partial<Pick<CandidateVerdict, 'notes' | 'warnings'>> = {}): readonly (readonly [name: string, value: string])[] => [
  ...warnings.map((text) => ['warning', printable(text)] as const),
  ...notes.map((text) => ['how it was judged', printable(text)] as const),
];
