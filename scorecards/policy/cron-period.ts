import { valuesOf } from './cron-moments.ts';

const DAY_MINUTES = 1440;

/**
 * The shortest time between two moments of a five-field cron expression, in milliseconds. Minutes and hours are read; days
 * only make the gaps longer. A day when it fires once a day or less often.
 */
export function shortestPeriodMs(cron: string): number {
  const [minutes = '*', hours = '*'] = cron.trim().split(/\s+/);
  const moments = valuesOf(hours, 0, 23).flatMap((hour) =>
    valuesOf(minutes, 0, 59).map((minute) => hour * 60 + minute),
  );
  const sorted = moments.toSorted((a, b) => a - b);
  const first = sorted[0] ?? 0;
  const gaps = sorted.map((moment, index) => (sorted[index + 1] ?? first + DAY_MINUTES) - moment);
  return Math.min(DAY_MINUTES, ...gaps) * 60_000;
}
