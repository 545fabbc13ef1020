import { formatSeconds } from '../scorecards/run-sheet.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `9 Nov 08:14 UTC`, with the year where it is not this one. */
export function moment(iso: string, now: number): string {
  const date = new Date(iso);
  const year = date.getUTCFullYear() === new Date(now).getUTCFullYear() ? '' : ` ${date.getUTCFullYear()}`;
  const clock = date.toISOString().slice(11, 16);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}${year} ${clock} UTC`;
}

/** `12 d`, `3 h 04 m`, `8.4 s`. */
export function lasting(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  return days >= 2 ? `${days} d` : formatSeconds(Math.max(0, ms) / 1000);
}

/** `12 d ago (9 Nov 08:14 UTC)`: relative and absolute. */
export function ago(iso: string, now: number): string {
  return `${lasting(now - Date.parse(iso))} ago (${moment(iso, now)})`;
}
