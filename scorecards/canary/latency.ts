import { originOf } from './counters.ts';
import type { ArmName, Scrape } from './scrape.ts';

export interface LatencyReport {
  /** Interpolated within its histogram bucket, so only as exact as the buckets are fine. */
  readonly seconds: number;
  readonly answers: number;
}

/**
 * A quantile of one arm's answer times between two scrapes. A report for people: the error of interpolation can exceed the
 * effect, so nothing decides by it. Undefined when nothing was answered, the buckets changed, or a counter fell.
 */
export function latencyFrom(
  scrapes: { readonly previous: Scrape; readonly next: Scrape },
  arm: ArmName,
  quantile: number,
): LatencyReport | undefined {
  const between = bucketsBetween(scrapes, arm);
  if (between === undefined) return undefined;
  const cumulative = Object.entries(between.buckets)
    .map(([bound, count]) => ({ upTo: upperBound(bound), count }))
    .toSorted((one, other) => one.upTo - other.upTo);
  const answers = cumulative.at(-1)?.count ?? 0;
  if (!(answers > 0)) return undefined;
  return { seconds: interpolate(cumulative, quantile * answers), answers };
}

/**
 * One arm's cumulative buckets between two scrapes, by upper bound, and what was subtracted. An arm without series has none.
 * Undefined when the buckets changed, a counter fell, or another process answered.
 */
export function bucketsBetween(
  { previous, next }: { readonly previous: Scrape; readonly next: Scrape },
  arm: ArmName,
): { readonly buckets: Readonly<Record<string, number>>; readonly origin: Scrape } | undefined {
  const origin = originOf(previous, next);
  if (origin === undefined) return undefined;
  const before = origin.arms[arm].buckets;
  const after = next.arms[arm].buckets;
  const bounds = Object.keys(after);
  const known = Object.keys(before);
  const isChanged = known.length > 0 && (known.length !== bounds.length || !bounds.every((bound) => bound in before));
  if (isChanged) return undefined;
  const deltas = bounds.map((bound) => [bound, (after[bound] ?? 0) - (before[bound] ?? 0)] as const);
  return deltas.some(([, count]) => !(count >= 0)) ? undefined : { buckets: Object.fromEntries(deltas), origin };
}

type Bucket = { readonly upTo: number; readonly count: number };

function interpolate(cumulative: readonly Bucket[], rank: number): number {
  const index = cumulative.findIndex(({ count }) => count >= rank);
  const below = cumulative[index - 1] ?? { upTo: 0, count: 0 };
  const bucket = cumulative[index] ?? below;
  if (bucket.upTo === Infinity || bucket.count === below.count) return below.upTo;
  return below.upTo + ((bucket.upTo - below.upTo) * (rank - below.count)) / (bucket.count - below.count);
}

function upperBound(text: string): number {
  return text === '+Inf' ? Infinity : Number(text);
}
