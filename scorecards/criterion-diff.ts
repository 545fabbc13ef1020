import { METRIC_PAGES } from './metric-catalogue.ts';
import { formatBytes, formatDuration } from './policy/units.ts';
import { isExact } from './run-metrics.ts';
import type { ScorecardChange } from './scorecard-diff.ts';
import type { ScorecardCriterion } from './scorecard-schema.ts';
import { serviceChanges } from './service/diff.ts';

type Criterion = ScorecardCriterion;
type Change = Omit<ScorecardChange, 'criterion'>;

/** What differs between two criteria of one name. */
export function criterionChanges(before: Criterion, after: Criterion): readonly Change[] {
  // A bound means nothing for another metric.
  if (before.metric !== after.metric)
    return [{ direction: 'looser', sentence: `judges ${after.metric}, and ${before.metric} no more` }];
  return [
    ...groupChange(before, after),
    ...sliceChange(before, after),
    ...boundChange('atLeast', before, after),
    ...boundChange('atMost', before, after),
    ...marginChange(before, after),
    ...certaintyChanges(before, after),
    ...priceChange(before, after),
    ...topChange(before, after),
    ...meaningChanges(before, after),
    ...loadChange(before, after),
    ...serviceChanges(before, after),
    ...commandChange(before, after),
  ];
}

function groupChange(before: Criterion, after: Criterion): readonly Change[] {
  if (before.group === after.group) return [];
  return [{ direction: 'other', sentence: `was of group ${before.group}, is of ${after.group}` }];
}

function sliceChange({ by: before }: Criterion, { by: after }: Criterion): readonly Change[] {
  if (before === after) return [];
  if (before === undefined) return [{ direction: 'stricter', sentence: `must hold in each ${after}` }];
  const now = after === undefined ? 'for all rows together' : `by ${after}`;
  return [{ direction: 'looser', sentence: `was judged by ${before}, is ${now}` }];
}

function boundChange(bound: 'atLeast' | 'atMost', before: Criterion, after: Criterion): readonly Change[] {
  const [from, to] = [before[bound], after[bound]];
  if (from === to) return [];
  if (to === undefined) return [{ direction: 'looser', sentence: `${bound} ${amount(after, from)} is gone` }];
  if (from === undefined) return [{ direction: 'stricter', sentence: `must be ${words(bound)} ${amount(after, to)}` }];
  const lower = to < from;
  const verb = lower ? 'lowered' : 'raised';
  const direction = lower === (bound === 'atLeast') ? 'looser' : 'stricter';
  return [{ direction, sentence: `${bound} ${verb} from ${amount(after, from)} to ${amount(after, to)}` }];
}

const words = (bound: 'atLeast' | 'atMost'): string => (bound === 'atLeast' ? 'at least' : 'at most');

/** What it must gain on the champion to pass; a loss that is let pass is a negative gain. */
interface Margin {
  readonly gain: number;
  /** Better by 0 asks for a real gain, no worse by 0 does not. */
  readonly strictly: boolean;
  readonly text: string;
}

/** Both kinds of relative bounds ask for a gain, so that either can be held against the other. */
function marginOf(criterion: Criterion): Margin | undefined {
  const { betterBy, noWorseBy } = criterion.versusChampion ?? {};
  const better = betterBy === undefined ? undefined : marginFrom(criterion, 'betterBy', betterBy);
  const noWorse = noWorseBy === undefined ? undefined : marginFrom(criterion, 'noWorseBy', noWorseBy);
  if (better === undefined || noWorse === undefined) return better ?? noWorse;
  return isLess(better, noWorse) ? noWorse : better;
}

function marginFrom(criterion: Criterion, kind: 'betterBy' | 'noWorseBy', value: number): Margin {
  // What it costs is compared as a share of what the champion costs.
  const much = criterion.metric === 'cost' ? percent(value) : amount(criterion, value);
  if (kind === 'betterBy') return { gain: value, strictly: value === 0, text: `better by ${much}` };
  return { gain: -value, strictly: false, text: `no worse by ${much}` };
}

const isLess = (a: Margin, b: Margin): boolean => (a.gain === b.gain ? !a.strictly && b.strictly : a.gain < b.gain);

function marginChange(before: Criterion, after: Criterion): readonly Change[] {
  const [from, to] = [marginOf(before), marginOf(after)];
  if (from?.text === to?.text) return [];
  if (to === undefined) return [{ direction: 'looser', sentence: `is compared with the champion no more` }];
  if (from === undefined) return [{ direction: 'stricter', sentence: `must be ${to.text} than the champion` }];
  const sentence = `was to be ${from.text} than the champion, is to be ${to.text}`;
  return [{ direction: isLess(to, from) ? 'looser' : isLess(from, to) ? 'stricter' : 'other', sentence }];
}

/** How sure one must be. The size of a file is exact, as are some others: they need neither rows nor an interval. */
function certaintyChanges(before: Criterion, after: Criterion): readonly Change[] {
  const exact = isExact(after.metric);
  const turned = (stricter: boolean, counts: boolean) => (!counts ? 'other' : stricter ? 'stricter' : 'looser');
  const changes: Change[] = [];
  if (before.minimum !== after.minimum) {
    const sentence = `needed ${before.minimum} rows, needs ${after.minimum}`;
    changes.push({ direction: turned(after.minimum > before.minimum, !exact), sentence });
  }
  if (before.judge !== after.judge) {
    const held = { interval: 'at the unfavourable end of the interval', point: 'at the estimate alone' };
    const sentence = `was judged ${held[before.judge]}, is ${held[after.judge]}`;
    changes.push({ direction: turned(after.judge === 'interval', !exact), sentence });
  }
  if (before.confidence !== after.confidence) {
    const sentence = `confidence was ${percent(before.confidence)}, is ${percent(after.confidence)}`;
    const counts = !exact && after.judge === 'interval';
    changes.push({ direction: turned(after.confidence > before.confidence, counts), sentence });
  }
  return changes;
}

const PRICES = ['falseNegative', 'falsePositive', 'truePositive', 'trueNegative'] as const;

/** Against a fixed bound dearer answers are harder to afford; against the champion only their proportion counts. */
function priceChange(before: Criterion, after: Criterion): readonly Change[] {
  const steps = PRICES.map((price) => (after[price] ?? 0) - (before[price] ?? 0));
  if (steps.every((step) => step === 0)) return [];
  const sentence = `a miss cost ${prices(before)}, costs ${prices(after)}`;
  const bounded = before.atMost !== undefined && after.atMost !== undefined && after.versusChampion === undefined;
  const cheaper = steps.every((step) => step <= 0);
  const dearer = steps.every((step) => step >= 0);
  if (!bounded || cheaper === dearer) return [{ direction: 'other', sentence }];
  return [{ direction: cheaper ? 'looser' : 'stricter', sentence }];
}

function prices({ falseNegative = 0, falsePositive = 0, truePositive = 0, trueNegative = 0 }: Criterion): string {
  const right =
    truePositive === 0 && trueNegative === 0 ? '' : `, a hit ${truePositive} and a right pass ${trueNegative}`;
  return `${falseNegative} and a false alarm ${falsePositive}${right}`;
}

/** A bound means nothing for another expression, another quantile, another class, or when the other way is good. */
function meaningChanges(before: Criterion, after: Criterion): readonly Change[] {
  return (['sql', 'direction', 'quantile', 'of'] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) => ({
      direction: 'looser',
      sentence: `its ${field} was ${before[field] ?? 'not set'}, is ${after[field] ?? 'not set'}`,
    }));
}

function topChange({ k: before }: Criterion, { k: after }: Criterion): readonly Change[] {
  if (before === after) return [];
  return [{ direction: 'other', sentence: `k was ${before ?? 'not set'}, is ${after ?? 'not set'}` }];
}

/** Less load, or a shorter one, is easier to bear. Without one of its own a criterion takes what the others ask for. */
function loadChange({ load: before }: Criterion, { load: after }: Criterion): readonly Change[] {
  if (before?.rate === after?.rate && before?.for === after?.for) return [];
  const sentence = `load was ${loadText(before)}, is ${loadText(after)}`;
  if (before === undefined || after === undefined) return [{ direction: 'other', sentence }];
  const easier = after.rate < before.rate || after.for < before.for;
  return [{ direction: easier ? 'looser' : 'stricter', sentence }];
}

const loadText = (load: Criterion['load']): string =>
  load === undefined ? 'not set' : `${load.rate}/s for ${formatDuration(load.for)}`;

/** Nobody can tell which of two programs asks for more. */
function commandChange(before: Criterion, after: Criterion): readonly Change[] {
  const [from, to] = [before, after].map(({ command = [] }) => command.join(' '));
  if (from !== to) return [{ direction: 'other', sentence: `runs ${to}, and ${from} no more` }];
  if (before.deadline === after.deadline) return [];
  const text = ({ deadline }: Criterion): string => (deadline === undefined ? 'not set' : formatDuration(deadline));
  return [{ direction: 'other', sentence: `deadline was ${text(before)}, is ${text(after)}` }];
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;

/** A bound in the unit of its metric. */
function amount({ metric }: Criterion, value = 0): string {
  const { unit } = METRIC_PAGES[metric];
  if (unit === 'ms') return formatDuration(value);
  return unit === 'bytes' ? formatBytes(value) : String(value);
}
