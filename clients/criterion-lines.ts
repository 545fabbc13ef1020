import { boundWords } from '../scorecards/candidate/bound-words.ts';
import { counted } from '../scorecards/counted.ts';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import { formatDuration } from '../scorecards/policy/units.ts';
import type { Scorecard, ScorecardCriterion } from '../scorecards/scorecard-schema.ts';

/** What one criterion of a scorecard asks for, in words; the page of its metric says what that is. */
export function criterionLines(criterion: ScorecardCriterion, { metadata, spec }: Scorecard): readonly string[] {
  const { by, gone = [], group, load, metric, name } = criterion;
  const each = by === undefined ? '' : ` of each value of ${by}`;
  return [
    `${name}     ${metric}     group ${group}     of scorecard ${metadata.name}`,
    `  Holds when ${metric}${each} is ${boundWords(criterion).join(', and ')}.`,
    `  ${certaintyOf(criterion)}`,
    ...(gone.length === 0 ? [] : [`  Of ${by ?? ''} nobody expects ${gone.join(', ')} any more.`]),
    ...pricesOf(criterion),
    ...(usesCut(criterion) ? [`  Flagged are ${cutOf(spec.operatingPoint)}`] : []),
    ...(load ? [`  Under a load of ${load.rate}/s for ${formatDuration(load.for)}, both models at once.`] : []),
  ].map(printable);
}

function certaintyOf({ by, confidence, judge, metric, minimum }: ScorecardCriterion): string {
  if (metric === 'bytes') return 'The size is exact: it needs neither rows nor an interval.';
  const rows = `at least ${counted(minimum)} rows${by === undefined ? '' : ' each'} are needed`;
  if (judge === 'point') return `The estimate alone decides, whatever its interval; ${rows}.`;
  const percent = `${Number((confidence * 100).toFixed(3))} %`;
  return `It must hold at the unfavourable end of the ${percent} interval, else it is inconclusive; ${rows}.`;
}

const pricesOf = ({ falseNegative, falsePositive, metric }: ScorecardCriterion): readonly string[] =>
  metric === 'cost' ? [`  A miss costs ${falseNegative ?? 0}, a false alarm ${falsePositive ?? 0}.`] : [];

const CUT: ReadonlySet<string> = new Set(['cost', 'recall', 'precision', 'f1', 'accuracy', 'meanLabelAtTop']);
const usesCut = ({ metric }: ScorecardCriterion): boolean => CUT.has(metric);

const cutOf = (point: Scorecard['spec']['operatingPoint']): string => {
  if ('top' in point) return `the top ${Number((point.top * 100).toFixed(3))} % of rows by each model’s own score.`;
  return 'threshold' in point
    ? `rows with a score of at least ${point.threshold}.`
    : 'rows above each model’s own cut.';
};
