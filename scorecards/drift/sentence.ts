import { counted } from '../counted.ts';
import { PERFORMANCE_LABELS } from '../performance/metrics.ts';
import type { Span } from '../vocabulary.ts';
import { placeText } from './slices.ts';
import type { DriftCriterion, DriftMeasurement, DriftMetric, DriftReason } from './verdict.ts';
import { millisecondsOf } from './windows.ts';

/** Below this many rows a side, a judgement is marked: drift of a small sample is coarse. */
const RECOMMENDED_ROWS = 1000;

const LABELS: Readonly<Record<DriftMetric, string>> = {
  psi: 'PSI',
  ks: 'KS D',
  cramersV: "Cramér's V",
  jsDistance: 'JS distance',
  kl: 'KL(current ‖ baseline)',
  hellinger: 'Hellinger distance',
  totalVariation: 'total variation',
  wasserstein: 'Wasserstein distance in scales',
  nullRate: 'nulls',
  nonFiniteRate: 'not finite',
  unseenShare: 'new categories',
  vanishedSlices: 'vanished slices',
  slicesBeyond: 'rows in no slice',
  strayRows: 'rows of no bucket',
  freshness: 'hours since the newest row',
  volume: 'times the usual rows',
  schema: 'schema',
  ...PERFORMANCE_LABELS,
};

const ENDINGS: Partial<Record<DriftReason, string>> = {
  breach: 'Drift.',
  'below-noise': 'Within noise.',
  'not-significant': 'Not significant.',
  'held-by-hysteresis': 'Still raised: it has not fallen below 0.7 of its bound.',
};

/** The one sentence of a measured distance: equal numbers read equally. */
export function describeMeasured(
  criterion: DriftCriterion,
  measurement: DriftMeasurement,
  reason: DriftReason,
): string {
  const { value, interval, n, noise, p } = measurement;
  const range = interval ? ` [${decimal(interval.low)}, ${decimal(interval.high)}]` : '';
  const bounds =
    criterion.warn < criterion.limit && reason !== 'breach'
      ? `warns from ${bound(criterion.warn)}, drift from ${bound(criterion.limit)}`
      : `limit ${bound(criterion.limit)}`;
  const { learnedFrom: days } = criterion;
  const learned = days === undefined ? '' : `, learned from ${days} days`;
  const floor = noise ? `noise floor ${decimal(noise.floor)}, ` : '';
  const certainty = p ? `adjusted p ${p.adjusted < 0.001 ? '< 0.001' : decimal(p.adjusted)}; ` : '';
  const rows = `${counted(n.current)} rows against ${counted(n.baseline)}`;
  const small = Math.min(n.current, n.baseline) < RECOMMENDED_ROWS ? ', a small sample' : '';
  const ending = ENDINGS[reason] ? ` ${ENDINGS[reason]}` : '';
  return `${placeText(criterion)}: ${LABELS[criterion.metric]} ${decimal(value)}${range}, ${bounds}${learned} (${floor}${certainty}${rows}${small}).${ending}`;
}

/** The sentence of a share of nulls, or of numbers that are none; `before` is the baseline's share. */
export function describeNullRate(
  { column, limit, metric }: DriftCriterion,
  { value, interval, n }: DriftMeasurement,
  before: number,
) {
  const range = interval ? ` [${share(interval.low)}, ${share(interval.high)}]` : '';
  const rows = `${counted(n.current)} rows`;
  return `${column}: ${share(value)} ${LABELS[metric]}${range}, at most ${share(limit)} allowed (${share(before)} in the baseline; ${rows}).`;
}

/** The sentence of categories that the baseline does not list; `before` is their share of the baseline, 0 but for a capped list. */
export function describeUnseen(
  { column, warn }: DriftCriterion,
  { value, interval, n }: DriftMeasurement,
  before: number,
) {
  const range = interval ? ` [${share(interval.low)}, ${share(interval.high)}]` : '';
  const rest =
    before > 0 ? ` (${share(before)} in the baseline; ${counted(n.current)} rows)` : ` (${counted(n.current)} rows)`;
  return `${column}: ${share(value)} in categories that the baseline does not list${range}, warns above ${share(warn)}${rest}.`;
}

/** Three decimals, or as many as two significant digits need. */
const decimal = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(2) : value.toFixed(3);
const bound = (value: number): string => (Number(value.toFixed(2)) === value ? value.toFixed(2) : String(value));
const share = (value: number): string => `${Number((value * 100).toFixed(2))} %`;

/** The day of a time at midnight, else the time itself. */
export const dayOf = (time: string): string => {
  const [day = time, clock = ''] = new Date(millisecondsOf(time)).toISOString().split('T');
  return clock === '00:00:00.000Z' ? day : time;
};

export const spanText = ({ from, until }: Span): string => `${dayOf(from)} until ${dayOf(until)}`;

/** `7 days`, or hours where it is no whole number of days. */
export function lengthOf({ from, until }: Span): string {
  const hours = (millisecondsOf(until) - millisecondsOf(from)) / 3_600_000;
  const [amount, unit] = hours % 24 === 0 ? [hours / 24, 'day'] : [Number(hours.toFixed(2)), 'hour'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
