import { counted } from '../counted.ts';
import { lengthOf, spanText } from './sentence.ts';
import type { DriftFinding } from './verdict.ts';
import type { WindowInput } from './window-input.ts';
import { isComplete, millisecondsOf } from './windows.ts';
import { qualityCriterion } from './quality-criterion.ts';

const HOUR_MS = 3_600_000;

/**
 * FE4: rows that stopped coming although files still do. The newest row of a window must not lie longer before the window's end
 * than the policy allows, but never less than one bucket: where a window ends is ours to choose, and a shop may be closed at
 * midnight. One finding where that does not hold, or where the time of the rows is not there to tell; of an incomplete window
 * nothing is said, because the rows may be in what is missing.
 */
export function judgeFreshness(input: WindowInput): readonly DriftFinding[] {
  const { arrival, facts, window } = input;
  if (!arrival || facts.length === 0 || !isComplete(input)) return [];
  const { time } = arrival;
  const until = millisecondsOf(window.until);
  const boundMs = Math.max(arrival.freshWithinMs, ...facts.map(({ bucket }) => lengthMs(bucket)));
  const criterion = criterionOf(time, boundMs / HOUR_MS);
  if (facts.some(({ columns }) => !columns.some(({ name }) => name === time))) {
    const sentence = `${time}: the column is absent from files of the window, so the age of its newest row is unknown. Not judged.`;
    return [{ criterion, judged: 'missing', level: 'none', reason: 'column-absent', sentence }];
  }
  const times = facts.flatMap(({ newestEvent }) => (newestEvent === undefined ? [] : [newestEvent]));
  const [newest] = times.toSorted((a, b) => millisecondsOf(b) - millisecondsOf(a));
  // Without any row the newest is older than the window is long.
  const ageMs = newest === undefined ? lengthMs(window) : until - millisecondsOf(newest);
  if (ageMs <= boundMs) return [];
  const rows = facts.reduce((sum, one) => sum + one.rows, 0);
  const hours = ageMs / HOUR_MS;
  const found =
    newest === undefined
      ? `there is no row in ${lengthOf(window)}`
      : `the newest of ${counted(rows)} rows is of ${newest}, ${Number(hours.toFixed(1))} hours before the end`;
  const sentence = `${time}: ${found} of the window from ${spanText(window)}; at most ${boundMs / HOUR_MS} are allowed.`;
  const measurement = { value: hours, n: { current: rows, baseline: 0 } };
  return [{ criterion, judged: 'fail', level: 'breach', reason: 'breach', measurement, sentence }];
}

const lengthMs = ({ from, until }: WindowInput['window']): number => millisecondsOf(until) - millisecondsOf(from);

const criterionOf = (column: string, hours: number) =>
  qualityCriterion({
    name: `${column} freshness`,
    metric: 'freshness',
    column,
    warn: hours,
    limit: hours,
  });
