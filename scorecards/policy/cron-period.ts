const DAY_MINUTES = 1440;

/**
 * The shortest time between two moments of a five-field cron expression, in milliseconds. Minutes and hours are read; days
 * only make the gaps longer. A day when it fires once a day or less often.
 */
export function shortestPeriodMs(cron: string): number {
  const [minutes = '*', hours = '*'] = cron.trim().split(/\s+/);
  const moments = valuesOf(hours, 24).flatMap((hour) => valuesOf(minutes, 60).map((minute) => hour * 60 + minute));
  const sorted = moments.toSorted((a, b) => a - b);
  const first = sorted[0] ?? 0;
  const gaps = sorted.map((moment, index) => (sorted[index + 1] ?? first + DAY_MINUTES) - moment);
  return Math.min(DAY_MINUTES, ...gaps) * 60_000;
}

/** The numbers below `end` that one field names: `*`, `5`, `1-5`, any of them with a step `/2`, separated by commas. */
function valuesOf(field: string, end: number): number[] {
  const values = field.split(',').flatMap((part) => {
    const [range = '*', step = '1'] = part.split('/');
    const [low = 0, high = part.includes('/') ? end - 1 : low] =
      range === '*' ? [0, end - 1] : range.split('-').map(Number);
    const count = Math.floor((high - low) / Number(step)) + 1;
    return Array.from({ length: Math.max(0, count) }, (_, index) => low + index * Number(step));
  });
  return [...new Set(values)];
}
