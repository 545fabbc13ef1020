import type { Span } from '../vocabulary.ts';

export interface WindowRule {
  readonly windowMs: number;
  readonly bucketMs: number;
  /** How many windows, each one bucket after the other. */
  readonly of: number;
}

/**
 * The last `of` windows of complete buckets before `asOf` (ISO 8601), newest last. Buckets start at whole multiples of their
 * length since 1970 in UTC, so a bucket of 24 h is a UTC day; the bucket that holds `asOf` is not complete and left out.
 * Throws a RangeError when a window is not a whole number of buckets.
 */
export function windowsEndingAt(asOf: string, { windowMs, bucketMs, of }: WindowRule): readonly Span[] {
  requireWhole(windowMs, bucketMs);
  const until = Math.floor(millisecondsOf(asOf) / bucketMs) * bucketMs;
  return Array.from({ length: of }, (_, place) => {
    const end = until - (of - 1 - place) * bucketMs;
    return spanOf(end - windowMs, end);
  });
}

/** The buckets of a span, oldest first. Throws a RangeError when the span is not a whole number of buckets. */
export function bucketsOf(span: Span, bucketMs: number): readonly Span[] {
  const [from, until] = [millisecondsOf(span.from), millisecondsOf(span.until)];
  requireWhole(until - from, bucketMs);
  return Array.from({ length: (until - from) / bucketMs }, (_, place) =>
    spanOf(from + place * bucketMs, from + (place + 1) * bucketMs),
  );
}

interface Buckets {
  readonly expectedBuckets: readonly Span[];
  readonly presentBuckets: readonly Span[];
}

/** Buckets of a window that are not there. */
export function lackingBuckets({ expectedBuckets, presentBuckets }: Buckets): readonly Span[] {
  const present = new Set(presentBuckets.map(({ from }) => millisecondsOf(from)));
  return expectedBuckets.filter(({ from }) => !present.has(millisecondsOf(from)));
}

/** Whether all buckets of a window are there. */
export const isComplete = (buckets: Buckets): boolean => lackingBuckets(buckets).length === 0;

/** Whether two half-open spans have a moment in common. */
export const overlaps = (one: Span, other: Span): boolean =>
  millisecondsOf(one.from) < millisecondsOf(other.until) && millisecondsOf(other.from) < millisecondsOf(one.until);

/** Milliseconds since 1970 of an ISO 8601 time; a RangeError for anything else. */
export function millisecondsOf(time: string): number {
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds))
    throw new RangeError(`expected an ISO 8601 time such as 2001-05-01T00:00:00Z, got ${time}`);
  return milliseconds;
}

const spanOf = (from: number, until: number): Span => ({
  from: new Date(from).toISOString(),
  until: new Date(until).toISOString(),
});

function requireWhole(windowMs: number, bucketMs: number): void {
  const buckets = windowMs / bucketMs;
  if (Number.isInteger(buckets) && buckets > 0) return;
  throw new RangeError(`a window of ${windowMs} ms is not a whole number of buckets of ${bucketMs} ms`);
}
