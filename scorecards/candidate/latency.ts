import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { independentDifference } from '../statistics/independent-difference.ts';
import { quantileRanks } from '../statistics/order-statistics.ts';
import type { Estimate } from '../vocabulary.ts';
import type { CriterionMeasurement } from './measurement.ts';

/** What one load run left behind: milliseconds per answered request in any order, and how many were not answered. */
export interface LatencySample {
  readonly latenciesMs: readonly number[];
  readonly failed: number;
}

/** Requests per second to each server, and for how many milliseconds. */
export type Load = NonNullable<ScorecardCriterion['load']>;

/** What a criterion without `load` asks for. */
export const DEFAULT_LOAD: Load = { rate: 50, for: 15_000 };

/** Both models under the same load, interleaved. Without a champion (bootstrap) only absolute bounds can be judged. */
export interface LatencyPair {
  /** What was offered to each server; absent in load runs from before it was kept. */
  readonly load?: Load;
  readonly challenger: LatencySample;
  readonly champion?: LatencySample;
}

const SHARES: Partial<Record<ScorecardCriterion['metric'], number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** Whether a criterion rests on the load run. */
export const isLatency = ({ metric }: { readonly metric: string }): boolean => Object.hasOwn(SHARES, metric);

/** The one load that serves all of these criteria: the one of most requests. */
export const loadFor = (criteria: readonly Pick<ScorecardCriterion, 'load'>[]): Load =>
  criteria.map(({ load }) => load ?? DEFAULT_LOAD).toSorted((a, b) => b.rate * b.for - a.rate * a.for)[0] ??
  DEFAULT_LOAD;

/** Whether so many requests are enough for the interval of this percentile to have an upper end. */
export const isBoundedBy = (
  { confidence, metric }: Pick<ScorecardCriterion, 'confidence' | 'metric'>,
  sent: number,
): boolean => sent > 0 && quantileRanks(sent, SHARES[metric] ?? 0.5, confidence).upper <= sent;

type LatencyCriterion = Pick<ScorecardCriterion, 'name' | 'metric' | 'confidence' | 'load'>;

/**
 * A latency percentile of both models and their difference, in milliseconds. `n` is the smaller number of requests sent.
 * What the sample cannot support is not estimated, and `why` says so. Throws for a metric that is no latency percentile.
 */
export function measureLatency(
  criterion: LatencyCriterion,
  { challenger, champion, load }: LatencyPair,
): CriterionMeasurement {
  const share = SHARES[criterion.metric];
  if (share === undefined) throw new RangeError(`${criterion.metric} is no latency percentile: p50, p95 and p99 are`);
  const n = Math.min(sentOf(challenger), champion ? sentOf(champion) : Infinity);
  const known = { criterion: criterion.name, slice: null, n, ...noteOf(criterion.load ?? DEFAULT_LOAD, load) };
  const own = percentileOf(challenger, share, criterion.confidence);
  if (typeof own === 'string') return { ...known, why: `the challenger's ${criterion.metric}: ${own}` };
  if (!champion) return { ...known, challenger: own };
  const other = percentileOf(champion, share, criterion.confidence);
  if (typeof other === 'string')
    return { ...known, challenger: own, why: `the champion's ${criterion.metric}: ${other}` };
  return { ...known, challenger: own, champion: other, difference: independentDifference(own, other) };
}

/** Says so when less was offered than asked for: a worker bounds its load runs. */
function noteOf(asked: Load, offered: Load | undefined): Pick<CriterionMeasurement, 'note'> {
  if (offered === undefined || (offered.rate >= asked.rate && offered.for >= asked.for)) return {};
  return {
    note: `The load was ${loadText(offered)}, not ${loadText(asked)} as asked; load.maxRate and load.maxFor bound it, and one run serves all criteria.`,
  };
}

const loadText = (load: Load): string => `${load.rate}/s for ${Number((load.for / 1000).toFixed(3))} s`;

/**
 * The percentile (nearest rank) with an interval of order statistics, which holds for any distribution; or why there is
 * none. A request without an answer counts as slower than every answer: dropping it would make a failing server look fast.
 */
export function percentileOf(sample: LatencySample, share: number, confidence = 0.95): Estimate | string {
  const ascending = sample.latenciesMs.toSorted((a, b) => a - b);
  const sent = sentOf(sample);
  const ranks = quantileRanks(sent, share, confidence);
  const [value, high] = [ascending[ranks.at - 1], ascending[ranks.upper - 1]];
  if (value !== undefined && high !== undefined) return { value, low: ascending[ranks.lower - 1] ?? 0, high };
  if (sent === 0) return 'no request was sent';
  return sample.failed > 0 && ranks.upper <= sent
    ? `${sample.failed} of ${sent} requests were not answered, so it cannot be bounded`
    : `${sent} requests are too few to bound it with ${Number((confidence * 100).toFixed(3))} % confidence`;
}

const sentOf = ({ latenciesMs, failed }: LatencySample): number => latenciesMs.length + failed;
