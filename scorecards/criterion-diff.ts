import { amountOf, percent } from './candidate/bound-words.ts';
import { formatDuration } from './policy/units.ts';
import { isExact } from './run-metrics.ts';
import type { Direction, ScorecardChange } from './scorecard-diff.ts';
import type { ScorecardCriterion } from './scorecard-schema.ts';

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
    ...goneChange(before, after),
    ...boundChange('atLeast', before, after),
    ...boundChange('atMost', before, after),
    ...marginChange(before, after),
    ...certaintyChanges(before, after),
    ...priceChange(before, after),
    ...changed('k', [before.k, after.k]),
    ...meaningChanges(before, after),
    ...loadChange(before, after),
    ...changed('window', [span(before.window), span(after.window)]),
    ...commandChange(before, after),
  ];
}

function groupChange(before: Criterion, after: Criterion): readonly Change[] {
  if (before.group === after.group) return [];
  return [{ direction: 'other', sentence: `was of group ${before.group}, is of ${after.group}` }];
}

function sliceChange(one: Criterion, other: Criterion): readonly Change[] {
  const [before, after] = [cutOf(one), cutOf(other)];
  if (before === after) return [];
  if (before === undefined) return [{ direction: 'stricter', sentence: `must hold in each ${after}` }];
  const now = after === undefined ? 'for all rows together' : `by ${after}`;
  return [{ direction: 'looser', sentence: `was judged by ${before}, is ${now}` }];
}

const cutOf = ({ blocks, by }: Criterion): string | undefined =>
  by ?? (blocks === undefined ? undefined : `block of time (${blocks})`);

/** A value of which nobody expects rows any more is not missed. */
function goneChange({ gone: before = [] }: Criterion, { gone: after = [] }: Criterion): readonly Change[] {
  const [more, fewer] = [
    after.filter((value) => !before.includes(value)),
    before.filter((value) => !after.includes(value)),
  ];
  return [
    ...(more.length === 0 ? [] : [{ direction: 'looser', sentence: `misses ${more.join(', ')} no more` } as const]),
    ...(fewer.length === 0 ? [] : [{ direction: 'stricter', sentence: `misses ${fewer.join(', ')} again` } as const]),
  ];
}

function boundChange(bound: 'atLeast' | 'atMost', before: Criterion, after: Criterion): readonly Change[] {
  const [from, to] = [before[bound], after[bound]];
  if (from === to) return [];
  const amount = (value = 0): string => amountOf(after.metric, bound, value);
  if (to === undefined) return [{ direction: 'looser', sentence: `${bound} ${amount(from)} is gone` }];
  if (from === undefined) return [{ direction: 'stricter', sentence: `must be ${words(bound)} ${amount(to)}` }];
  const lower = to < from;
  const verb = lower ? 'lowered' : 'raised';
  const direction = lower === (bound === 'atLeast') ? 'looser' : 'stricter';
  return [{ direction, sentence: `${bound} ${verb} from ${amount(from)} to ${amount(to)}` }];
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
  const much = amountOf(criterion.metric, kind, value);
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

const MEANING = {
  sql: 'its sql',
  direction: 'its direction',
  quantile: 'its quantile',
  class: 'its class',
  of: 'its of',
  query: 'query',
} as const;

/** A bound means nothing for another expression or query, another quantile, class or inner metric, or when the other way is good. */
function meaningChanges(before: Criterion, after: Criterion): readonly Change[] {
  return (Object.keys(MEANING) as (keyof typeof MEANING)[]).flatMap((field) =>
    changed(MEANING[field], [before[field], after[field]], 'looser'),
  );
}

type Told = string | number | undefined;

function changed(field: string, [from, to]: readonly [Told, Told], direction: Direction = 'other'): readonly Change[] {
  if (from === to) return [];
  return [{ direction, sentence: `${field} was ${from ?? 'not set'}, is ${to ?? 'not set'}` }];
}

const span = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : formatDuration(ms));

/** Less load, or a shorter one, is easier to bear. Without one of its own a criterion takes what the others ask for. */
function loadChange({ load: before }: Criterion, { load: after }: Criterion): readonly Change[] {
  if (before?.rate === after?.rate && before?.for === after?.for) return [];
  const texts = [loadText(before), loadText(after)] as const;
  if (before === undefined || after === undefined) return changed('load', texts);
  const easier = after.rate < before.rate || after.for < before.for;
  return changed('load', texts, easier ? 'looser' : 'stricter');
}

const loadText = (load: Criterion['load']): string | undefined =>
  load && `${load.rate}/s for ${formatDuration(load.for)}`;

/** Nobody can tell which of two programs asks for more. */
function commandChange(before: Criterion, after: Criterion): readonly Change[] {
  const [from, to] = [before, after].map(({ command = [] }) => command.join(' '));
  if (from !== to) return [{ direction: 'other', sentence: `runs ${to}, and ${from} no more` }];
  return changed('deadline', [span(before.deadline), span(after.deadline)]);
}
