const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
/** A leap day on a given weekday comes round within 28 years, or 40 over a century without one. */
const MOST_DAYS = 41 * 366;

const NAMES = {
  month: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  weekday: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
} as const;

/**
 * The first moment after `afterMs` (milliseconds since 1970) at which a five-field cron expression fires, in UTC. Days of the
 * month and days of the week that are both restricted are alternatives, as in POSIX. Undefined when it never fires.
 */
export function nextMoment(cron: string, afterMs: number): number | undefined {
  const [minute = '*', hour = '*', dayOfMonth = '*', month = '*', dayOfWeek = '*'] = cron.trim().split(/\s+/);
  const moments = valuesOf(hour, 0, 23).flatMap((h) => valuesOf(minute, 0, 59).map((m) => (h * 60 + m) * MINUTE_MS));
  const ordered = moments.toSorted((a, b) => a - b);
  const days = { dayOfMonth, month: named(month, NAMES.month, 1), dayOfWeek: named(dayOfWeek, NAMES.weekday, 0) };
  const first = Math.floor(afterMs / DAY_MS) * DAY_MS;
  for (let day = first; day <= first + MOST_DAYS * DAY_MS; day += DAY_MS) {
    if (!firesOn(new Date(day), days)) continue;
    const found = ordered.find((moment) => day + moment > afterMs);
    if (found !== undefined) return day + found;
  }
  return undefined;
}

interface Days {
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
}

function firesOn(date: Date, { dayOfMonth, dayOfWeek, month }: Days): boolean {
  if (!valuesOf(month, 1, 12).includes(date.getUTCMonth() + 1)) return false;
  const inMonth = valuesOf(dayOfMonth, 1, 31).includes(date.getUTCDate());
  const inWeek = valuesOf(dayOfWeek, 0, 7).some((weekday) => weekday % 7 === date.getUTCDay());
  const isFree = (field: string) => field.startsWith('*');
  return isFree(dayOfMonth) || isFree(dayOfWeek) ? inMonth && inWeek : inMonth || inWeek;
}

const named = (field: string, names: readonly string[], from: number): string =>
  field.toLowerCase().replaceAll(/[a-z]+/g, (name) => String(names.indexOf(name) + from));

/** The numbers from `low` to `high` that one field names: `*`, `5`, `1-5`, any of them with a step `/2`, separated by commas. */
export function valuesOf(field: string, low: number, high: number): readonly number[] {
  const values = field.split(',').flatMap((part) => {
    const [range = '*', step = '1'] = part.split('/');
    const [from = low, to = part.includes('/') ? high : from] =
      range === '*' ? [low, high] : range.split('-').map(Number);
    const count = Math.floor((to - from) / Number(step)) + 1;
    return Array.from({ length: Math.max(0, count) }, (_, index) => from + index * Number(step));
  });
  return [...new Set(values)];
}
