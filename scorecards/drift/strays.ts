import { counted } from '../counted.ts';
import { dayOf, spanText } from './sentence.ts';
import type { DriftFinding } from './verdict.ts';
import type { WindowInput } from './window-input.ts';
import { isComplete } from './windows.ts';
import { qualityCriterion } from './quality-criterion.ts';

/** From this share of the rows on the window cannot be trusted: a clock, a time zone or a unit is another than it was. */
const LIMIT = 0.01;

/**
 * Rows that stand in a file of the window but lie in none of its buckets: of the future, of another day, without a time. No
 * sketch counts them, so whatever drifted in them would be seen by nobody. They warn from the first row on, and fail from one
 * row in a hundred on; in an incomplete window they are only told. No finding where there are none.
 */
export function judgeStrays(input: WindowInput): readonly DriftFinding[] {
  const some = input.facts.flatMap(({ bucket, strays }) => (strays ? [{ bucket, ...strays }] : []));
  const [most] = some.toSorted((a, b) => b.rows - a.rows);
  if (!most) return [];
  const rows = some.reduce((sum, one) => sum + one.rows, 0);
  const all = input.facts.reduce((sum, one) => sum + one.rows, rows);
  const value = rows / all;
  const criterion = criterionOf(most.column);
  const measurement = { value, n: { current: all, baseline: 0 } };
  const range = most.first === undefined ? 'without a time' : `from ${most.first} to ${most.last}`;
  const said = `${most.column}: ${counted(rows)} of ${counted(all)} rows (${percent(value)} %) in the files from ${spanText(input.window)} are of none of their days, most of them in ${dayOf(most.bucket.from)} (${range}); nobody counts them, and less than ${percent(LIMIT)} % may be.`;
  const about = { criterion, measurement };
  if (!isComplete(input)) {
    const sentence = `${said} The window is incomplete. Not judged.`;
    return [{ ...about, judged: 'inconclusive', level: 'none', reason: 'too-few-buckets', sentence }];
  }
  return value >= LIMIT
    ? [{ ...about, judged: 'fail', level: 'breach', reason: 'breach', sentence: said }]
    : [{ ...about, judged: 'pass', level: 'warn', reason: 'warning', sentence: said }];
}

/** A share that is there is never told as none. */
const percent = (share: number): string => {
  const rounded = Number((share * 100).toFixed(2));
  return rounded === 0 ? '< 0.01' : String(rounded);
};

const criterionOf = (column: string) =>
  qualityCriterion({
    name: `${column} rows of no bucket`,
    metric: 'strayRows',
    column,
    warn: 0,
    limit: LIMIT,
  });
