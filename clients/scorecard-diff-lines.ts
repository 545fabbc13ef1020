import { printable } from '../scorecards/diagnostics/diagnostic.ts';
import type { Direction, ScorecardChange } from '../scorecards/scorecard-diff.ts';
import { painter } from './paint.ts';
import type { Style } from './paint.ts';

const STYLES: Readonly<Record<Direction, Style>> = { looser: 'red', stricter: 'green', other: 'yellow' };
const DIRECTIONS = ['looser', 'stricter', 'other'] as const;

/** A line for each change and one that counts them; the word at its beginning says what the colour does. */
export function renderScorecardDiff(changes: readonly ScorecardChange[], color: boolean): string {
  if (changes.length === 0) return 'no difference';
  const paint = painter(color);
  const lines = changes.map(({ criterion, direction, sentence }) => {
    const whose = criterion === null ? '' : `${criterion}: `;
    return `${paint(STYLES[direction], direction.padEnd(8))}  ${printable(`${whose}${sentence}`)}`;
  });
  const counts = DIRECTIONS.map((one) => `${changes.filter(({ direction }) => direction === one).length} ${one}`);
  return [...lines, counts.join(', ')].join('\n');
}
