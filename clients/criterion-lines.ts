import { boundWords } from '../scorecards/candidate/bound-words.ts';
import { isLatency } from '../scorecards/candidate/latency.ts';
import { counted } from '../scorecards/counted.ts';
import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import { hasCut, isAtCut } from '../scorecards/operating-point.ts';
import { isOfParts, measuredMetric, partitionOf } from '../scorecards/parts.ts';
import { formatDuration } from '../scorecards/policy/units.ts';
import { isExact } from '../scorecards/run-metrics.ts';
import type { CriterionMetric, Scorecard, ScorecardCriterion } from '../scorecards/scorecard-schema.ts';
import { isOfService } from '../scorecards/service/metrics.ts';
import { GROUP_METRICS } from '../scorecards/statistics/group-gaps.ts';

/** What one criterion of a scorecard asks for, in words; the page of its metric says what that is. */
export function criterionLines(criterion: ScorecardCriterion, { metadata, spec }: Scorecard): readonly string[] {
  const { by, gone = [], group, load, metric, name } = criterion;
  return [
    `${name}     ${metric}     group ${group}     of scorecard ${metadata.name}`,
    `  Holds when ${metric}${whereOf(criterion)} is ${boundWords(criterion).join(', and ')}.`,
    `  ${certaintyOf(criterion)}`,
    ...(gone.length === 0 ? [] : [`  Of ${by ?? ''} nobody expects ${gone.join(', ')} any more.`]),
    ...pricesOf(criterion),
    ...(isAtCut(criterion) && hasCut(spec.task) ? [`  Flagged are ${cutOf(spec.operatingPoint)}`] : []),
    ...(load ? [`  Under a load of ${load.rate}/s for ${formatDuration(load.for)}, both models at once.`] : []),
  ].map(printable);
}

const COMPARES: ReadonlySet<string> = new Set(GROUP_METRICS);

/** Of what it is, and where it must hold: a gap, the worst and the spread are one number of all parts, every other metric is one for each. */
function whereOf(criterion: ScorecardCriterion): string {
  const { blocks, by, class: ofClass, metric, of } = criterion;
  const whose = `${of === undefined ? '' : ` of ${of}`}${ofClass === undefined ? '' : ` of class ${ofClass}`}`;
  if (by !== undefined) {
    if (isOfParts(metric)) return `${whose} over the values of ${by}`;
    return `${whose}${COMPARES.has(metric) ? ` between the values of ${by}` : ` of each value of ${by}`}`;
  }
  if (blocks === undefined) return whose;
  const many = typeof blocks === 'number' ? `${blocks} blocks of time` : `blocks of time of ${blocks}`;
  return `${whose} ${isOfParts(metric) ? 'over' : 'in each of the'} ${many}`;
}

function certaintyOf(criterion: ScorecardCriterion): string {
  const { confidence, judge, metric } = criterion;
  const needed = neededOf(criterion);
  if (isExact(metric))
    return `The ${metric === 'bytes' ? 'size' : 'value'} is exact: it needs neither rows nor an interval.`;
  if (isOfService(criterion)) return `It is one number of the live service, without an interval${needed}.`;
  if (judge === 'point') return `The estimate alone decides, whatever its interval${needed}.`;
  const percent = `${Number((confidence * 100).toFixed(3))} %`;
  return `It must hold at the unfavourable end of the ${percent} interval, else it is inconclusive${needed}.`;
}

/** Every class weighs alike, so the one with the fewest rows says how many there are. */
const isMacro = (metric: CriterionMetric): boolean => metric.startsWith('macro');

/** What `minimum` counts, if anything: a query's one number rests on nothing that could be counted. */
function neededOf(criterion: ScorecardCriterion): string {
  const { metric, minimum, query } = criterion;
  const isOfQuery = isOfService(criterion) && (query !== undefined || metric === 'openIncidents');
  if (isOfQuery) return '';
  const what = isOfService(criterion)
    ? 'answers'
    : isLatency(criterion) || metric === 'costPerThousand'
      ? 'requests'
      : 'rows';
  const each = partitionOf(criterion) === undefined ? '' : ' each';
  return `; at least ${counted(minimum)} ${what}${each}${isMacro(metric) ? ' of the rarest class' : ''} are needed`;
}

function pricesOf(criterion: ScorecardCriterion): readonly string[] {
  const { falseNegative = 1, falsePositive = 1, trueNegative, truePositive } = criterion;
  if (measuredMetric<CriterionMetric>(criterion) !== 'cost') return [];
  const right = [
    ...(truePositive === undefined ? [] : [`a true positive ${truePositive}`]),
    ...(trueNegative === undefined ? [] : [`a true negative ${trueNegative}`]),
  ];
  const rest = right.length === 0 ? '' : `, ${right.join(', ')}`;
  return [`  A miss costs ${falseNegative}, a false alarm ${falsePositive}${rest}.`];
}

function cutOf(point: Scorecard['spec']['operatingPoint']): string {
  if ('top' in point) return `the top ${Number((point.top * 100).toFixed(3))} % of rows by each model’s own score.`;
  return 'threshold' in point
    ? `rows with a score of at least ${point.threshold}.`
    : 'rows from each model’s own threshold of best F1, found on training rows that it did not learn from.';
}
