import { formatSeconds } from '../scorecards/run-sheet.ts';

/** `12 d`, `3 h 04 m`, `8.4 s`. */
export function lasting(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  return days >= 2 ? `${days} d` : formatSeconds(Math.max(0, ms) / 1000);
}
