import { boundWords } from '../../scorecards/candidate/bound-words.ts';
import type { CandidateFinding } from '../../scorecards/candidate/verdict.ts';
import { counted } from '../../scorecards/counted.ts';
import { METRIC_PAGES } from '../../scorecards/metric-catalogue.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import type { Estimate } from '../../scorecards/vocabulary.ts';

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

const WORST_FIRST = ['fail', 'missing', 'inconclusive', 'pass'] as const;

/** Findings as rows of a table, worst first; numbers in the unit of their metric, with their intervals. */
export function findingRows(findings: readonly CandidateFinding[], { spec }: Scorecard): readonly FindingRow[] {
  const asked = new Map(spec.criteria.map((criterion) => [criterion.name, boundWords(criterion).join(', ')]));
  return findings
    .toSorted((a, b) => WORST_FIRST.indexOf(a.judged) - WORST_FIRST.indexOf(b.judged))
    .map(({ challenger, champion, criterion, difference, judged, metric, n, sentence, slice }) => ({
      judged,
      criterion,
      metric,
      slice: slice === null ? '' : `${slice.column}=${slice.value ?? 'null'}`,
      n: counted(n),
      challenger: estimateText(metric, challenger),
      champion: estimateText(metric, champion),
      difference: estimateText(metric, difference),
      asked: asked.get(criterion) ?? '',
      sentence,
    }));
}

/** `0.71 [0.704, 0.716]`, `58 ms`; without an interval where both ends are the value. */
function estimateText(metric: CandidateFinding['metric'], estimate: Estimate | undefined): string {
  if (estimate === undefined) return '';
  const { unit } = METRIC_PAGES[metric];
  const [factor, ending] = unit === 'bytes' ? [1e-6, ' MB'] : [1, unit === 'ms' ? ' ms' : ''];
  const [value, low, high] = [estimate.value, estimate.low, estimate.high].map((number) =>
    String(Number((number * factor).toPrecision(4))),
  );
  return low === high ? `${value}${ending}` : `${value} [${low}, ${high}]${ending}`;
}
