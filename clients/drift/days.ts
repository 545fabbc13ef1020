import type { Span } from '../../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from '../failure.ts';

const DAY_MS = 86_400_000;

/** A day or a moment in milliseconds. Throws CliFailure 2 naming the flag. */
export function dayFrom(flag: string, text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new CliFailure(EXIT.usage, `${flag} ${text}: expected a day`, 'write it as 2001-05-01');
}

/** `2001-01-01..2001-03-31`: whole UTC days, the last one included. */
export function daysFrom(flag: string, text: string): Span {
  const [first = '', last = ''] = text.split('..');
  const [from, to] = [Date.parse(first), Date.parse(last)];
  if (!(from <= to))
    throw new CliFailure(
      EXIT.usage,
      `${flag} ${text}: expected a first and a last day`,
      'write it as 2001-01-01..2001-03-31',
    );
  return { from: new Date(from).toISOString(), until: new Date(to + DAY_MS).toISOString() };
}
