const RANGES = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const NAMES = /^(sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$/i;

/** Whether a text is a cron expression of five fields (POSIX crontab, with steps and names), as Temporal Schedules read it. */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === RANGES.length && fields.every((field, index) => isField(field, index));
}

function isField(field: string, index: number): boolean {
  return field.split(',').every((part) => {
    const [range = '', step, ...rest] = part.split('/');
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
    if (range === '*') return true;
    const ends = range.split('-');
    return ends.length <= 2 && ends.every((end) => isEnd(end, index));
  });
}

function isEnd(end: string, index: number): boolean {
  if (index >= 3 && NAMES.test(end)) return true;
  const [low, high] = RANGES[index] ?? [0, -1];
  return /^\d+$/.test(end) && Number(end) >= low && Number(end) <= high;
}

/** Whether an expression fires on every day of the year. */
export function isDaily(cron: string): boolean {
  const [, , dayOfMonth, month, dayOfWeek] = cron.trim().split(/\s+/);
  const always = (field: string | undefined, full: readonly string[]): boolean => full.includes(field ?? '');
  return (
    always(dayOfMonth, ['*', '*/1', '1-31']) &&
    always(month, ['*', '*/1', '1-12']) &&
    always(dayOfWeek, ['*', '*/1', '0-6', '1-7', '0-7'])
  );
}
