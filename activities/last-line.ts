import { stripVTControlCharacters } from 'node:util';

const LONGEST = 200;

/**
 * The last line of a log that says anything, for one sentence: without colours, at most 200 characters, the end cut off.
 * Empty when there is none. A progress bar writes over its line: only what it wrote last counts.
 */
export function lastLine(log = ''): string {
  const lines = stripVTControlCharacters(log)
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trim());
  const last = Array.from(lines.findLast(Boolean) ?? '');
  return last.length > LONGEST ? `${last.slice(0, LONGEST - 1).join('')}…` : last.join('');
}
