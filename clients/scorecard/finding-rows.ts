import { boundWords } from '../../scorecards/candidate/bound-words.ts';
import type { CandidateFinding } from '../../scorecards/candidate/verdict.ts';
import { counted } from '../../scorecards/counted.ts';
import { metricText, sliceText } from '../../scorecards/parts.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import { estimateText, unitOf } from '../report/quantity.ts';
import { worstFirst } from '../report/scorecard/worst-of.ts';

export interface FindingRow {
  readonly judged: CandidateFinding['judged'];
  readonly criterion: string;
  readonly metric: string;
  /** Empty where it is about all rows. */
  readonly slice: string;
  readonly n: string;
  readonly challenger: string;
  readonly champion: string;
  readonly difference: string;
  readonly asked: string;
  readonly sentence: string;
}

/** Findings as rows of a table, worst first; numbers in the unit of their metric, with their intervals. */
export function findingRows(findings: readonly CandidateFinding[], { spec }: Scorecard): readonly FindingRow[] {
  const asked = new Map(spec.criteria.map((criterion) => [criterion.name, boundWords(criterion).join(', ')]));
  return worstFirst(findings).map(
    ({ challenger, champion, criterion, difference, judged, metric, n, of, sentence, slice }) => ({
      judged,
      criterion,
      metric: metricText({ metric, of }),
      slice: slice === null ? '' : sliceText(slice),
      n: counted(n),
      challenger: estimateText(challenger, unitOf(metric)),
      champion: estimateText(champion, unitOf(metric)),
      difference: estimateText(difference, unitOf(metric), { isChange: true }),
      asked: asked.get(criterion) ?? '',
      sentence,
    }),
  );
}
