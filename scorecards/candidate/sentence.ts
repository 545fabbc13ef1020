import { counted } from '../counted.ts';
import { isOfParts, isTimePartition, metricText, sliceText } from '../parts.ts';
import { RUN_UNITS, isOfTheRun } from '../run-metrics.ts';
import type { CriterionMetric, ScorecardCriterion } from '../scorecard-schema.ts';
import type { Slice } from '../vocabulary.ts';
import type { BoundResult } from './bounds.ts';
import { isRelative } from './bounds.ts';
import { isLatency } from './latency.ts';

type Named = Pick<ScorecardCriterion, 'name' | 'metric' | 'class' | 'confidence' | 'of'>;

/** `Recall per weekday on weekday=6`; the metric (and what it is of) and the class in brackets where the name does not say them. */
export function subjectOf({ class: ofClass, metric, name, of }: Named, slice: Slice | null): string {
  const words = isOfParts(metric) && of !== undefined ? [metric, of] : [metric];
  const unsaid = [
    ...(words.every((word) => name.toLowerCase().includes(word.toLowerCase())) ? [] : [metricText({ metric, of })]),
    // As a word: a class may be called "a".
    ...(ofClass === undefined || ` ${name} `.includes(` ${ofClass} `) ? [] : [`class ${ofClass}`]),
  ];
  const known = unsaid.length === 0 ? '' : ` (${unsaid.join(', ')})`;
  const where = slice ? ` ${isTimePartition(slice.column) ? 'in' : 'on'} ${sliceText(slice)}` : '';
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}${known}${where}`;
}

/** One sentence from the bounds that decide it; all bounds of a finding share its subject and n. */
export function describeBounds(
  criterion: Named,
  where: { slice: Slice | null; n: number; point?: string | undefined },
  bounds: readonly BoundResult[],
) {
  // A file's size is what it is: there is no interval, and nothing was counted.
  const isExact = criterion.metric === 'bytes';
  const clauses = bounds.map((bound) => {
    const write = writer(criterion.metric, bound);
    const { low, high } = bound.found;
    const range = where.point === undefined && !isExact ? ` [${write(low)}, ${write(high)}]` : '';
    return (isRelative(bound.kind) ? describeChange : describeLevel)(criterion, bound, range);
  });
  const [first = '', ...others] = clauses;
  const n = where.point ?? (isExact ? undefined : `n ${counted(where.n)}`);
  const clause = n === undefined ? first : `${first} (${n})`;
  return `${subjectOf(criterion, where.slice)} ${[clause, ...others].join('; it ')}.`;
}

function describeLevel(criterion: Named, bound: BoundResult, range: string): string {
  const write = writer(criterion.metric, bound);
  const asked = `${bound.kind === 'atLeast' ? 'at least' : 'at most'} ${exactly(criterion.metric, bound)}`;
  return `is ${write(bound.found.value)}${range}, ${asked} was asked${doubt(criterion, bound)}`;
}

function describeChange(criterion: Named, bound: BoundResult, range: string): string {
  const write = writer(criterion.metric, bound);
  const { value } = bound.found;
  const change = value === 0 ? 'is equal' : `${value > 0 ? 'rose' : 'fell'} by ${write(Math.abs(value))}`;
  const asked =
    bound.kind === 'noWorseBy'
      ? `${bound.asked === 0 ? 'no loss' : `a loss of at most ${exactly(criterion.metric, bound)}`} is allowed`
      : `a gain of ${bound.asked === 0 ? 'more than' : 'at least'} ${exactly(criterion.metric, bound)} was asked`;
  return `${change}${range} against the champion, ${asked}${doubt(criterion, bound)}`;
}

function doubt({ confidence }: Named, { byChance, state }: BoundResult): string {
  if (byChance) {
    const { among, p } = byChance;
    if (p === undefined) return `, which chance explains among ${counted(among)} parts`;
    const where = among === 1 ? '(p' : `among ${counted(among)} comparisons of slices (adjusted p`;
    return `, which chance explains ${where} ${p.toFixed(2)})`;
  }
  return state === 'unsure' ? `, which is not certain at ${Number((confidence * 100).toFixed(3))} %` : '';
}

/** Enough digits that a violated bound does not look as if it were met. */
function writer(metric: CriterionMetric, bound: BoundResult): (value: number) => string {
  const { factor, unit, digits: most } = unitOf(metric, bound);
  const shown = Math.abs(bound.found.value) * factor;
  // Four figures of a number without a unit: an error of 20.7603 is no better known than one of 20.76.
  const digits = unit === '' && shown >= 1 ? Math.min(most, Math.max(0, 3 - Math.floor(Math.log10(shown)))) : most;
  const limit = Math.abs(bound.asked) * factor;
  const tell = [0, 1, 2, 3, 4].find((more) => shown.toFixed(digits + more) !== limit.toFixed(digits + more)) ?? 0;
  const places = bound.state === 'holds' ? digits : digits + tell;
  return (value) => `${(value * factor).toFixed(places)}${unit}`;
}

const exactly = (metric: CriterionMetric, bound: BoundResult): string => {
  const { factor, unit } = unitOf(metric, bound);
  return `${Number((bound.asked * factor).toFixed(9))}${unit}`;
};

/** The factor and unit that a number is told with, and its usual decimals. */
export function unitOf(metric: CriterionMetric, { kind, relativeTo }: Pick<BoundResult, 'kind' | 'relativeTo'>) {
  if (relativeTo !== undefined) return { factor: 100, unit: ' %', digits: 1 };
  if (metric === 'bytes') return { factor: 1e-6, unit: ' MB', digits: 1 };
  if (isOfTheRun(metric)) return RUN_UNITS[metric];
  if (isLatency({ metric })) return { factor: 1, unit: ' ms', digits: 1 };
  if (metric === 'openIncidents') return { factor: 1, unit: '', digits: 0 };
  return { factor: 1, unit: '', digits: isRelative(kind) ? 4 : 3 };
}
