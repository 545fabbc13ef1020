import { formatDuration } from '../../../scorecards/policy/units.ts';
import type { Span } from '../../../scorecards/vocabulary.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { spanOf } from './partitions.ts';

/** Milliseconds, all multiples of the bucket. */
export interface DaysWanted {
  readonly train: number;
  readonly atLeast: number;
  readonly holdout: number;
  readonly bucketMs: number;
  /** At bootstrap the training data may begin where the observations begin. */
  readonly bootstrap: boolean;
}

export interface ChosenDays {
  readonly train: Span;
  readonly holdout: Span;
}

/** End of the last bucket whose every label has had `maturityMs` to arrive. */
export function matureUntil(asOfMs: number, maturityMs: number, bucketMs: number): number {
  return Math.floor((asOfMs - maturityMs) / bucketMs) * bucketMs;
}

/**
 * The holdout ends at `until`; the training data end where it begins. `present` holds the starts of the buckets that have
 * observations.
 * @throws `data-missing` naming the days that are not there.
 */
export function chooseDays(wanted: DaysWanted, present: ReadonlySet<number>, until: number): ChosenDays {
  const { bucketMs } = wanted;
  const whole = (ms: number) => Math.ceil(ms / bucketMs) * bucketMs;
  const holdoutFrom = until - whole(wanted.holdout);
  refuseGaps('holdout', { from: holdoutFrom, until, bucketMs }, present);

  const first = Math.min(...present);
  const fullFrom = holdoutFrom - whole(wanted.train);
  const trainFrom = wanted.bootstrap
    ? Math.max(fullFrom, Math.min(first, holdoutFrom - whole(wanted.atLeast)))
    : fullFrom;
  refuseGaps('training data', { from: trainFrom, until: holdoutFrom, bucketMs }, present);
  return { train: spanOf(trainFrom, holdoutFrom), holdout: spanOf(holdoutFrom, until) };
}

interface Gaps {
  readonly from: number;
  readonly until: number;
  readonly bucketMs: number;
}

/** Throws `data-missing` naming the buckets between two instants that have no partition. */
export function refuseGaps(part: string, { from, until, bucketMs }: Gaps, present: ReadonlySet<number>): void {
  const count = Math.max(0, Math.ceil((until - from) / bucketMs));
  const asked = Array.from({ length: count }, (_, index) => from + index * bucketMs);
  const missing = asked.filter((start) => !present.has(start)).map(dayName);
  if (missing.length === 0) return;
  const named =
    missing.length > 5 ? `${missing.slice(0, 5).join(', ')} and ${missing.length - 5} more` : missing.join(', ');
  throw new PortFailure(
    'data-missing',
    `the ${part} asks for ${count} buckets from ${dayName(from)} to ${dayName(until - bucketMs)}, of which ` +
      `${missing.length} have no observations: ${named}. Deliver them, or ask for less in spec.dataset.`,
    { details: { part, missing: missing.length, day: missing[0] } },
  );
}

/** `2001-01-05`, or the instant where the bucket does not begin at midnight. */
export function dayName(startMs: number): string {
  return new Date(startMs).toISOString().replace('T00:00:00.000Z', '');
}

/** Throws `data-stale` when the newest observation is older than allowed. */
export function refuseStale(newest: string | null, asOf: string, freshWithinMs: number): string {
  const ageMs = newest === null ? Number.POSITIVE_INFINITY : Date.parse(asOf) - Date.parse(newest);
  if (newest !== null && ageMs <= freshWithinMs) return newest;
  const found = newest === null ? 'there is no observation' : `the newest observation is of ${newest}`;
  throw new PortFailure(
    'data-stale',
    `${found}; as of ${asOf} it must not be older than ${formatDuration(freshWithinMs)} (spec.dataset.checks.freshWithin)`,
    { details: { newest: newest ?? undefined, asOf } },
  );
}
