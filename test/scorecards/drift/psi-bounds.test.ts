import { expect, test } from '@jest/globals';
import { decideDrift } from '../../../scorecards/drift/decide.ts';
import { judgeWindow } from '../../../scorecards/drift/judge.ts';
import { present } from '../../present.ts';
import { categories, sketchFrom } from './sketches.ts';
import { criterion, read, week, WEEK } from './worlds.ts';

/** So many that the smoothing of empty bins moves no digit that is looked at. */
const ROWS = 10_000_000;
const grid = categories('carrier', ['AA', 'UA']);

/** The share of one of two categories whose PSI from halves is this: PSI = (q − ½) ln(q / (1 − q)) grows with q. */
function shareAt(psi: number): number {
  let [low, high] = [0.5, 1];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    const far = (middle - 0.5) * Math.log(middle / (1 - middle)) > psi;
    [low, high] = far ? [low, middle] : [middle, high];
  }
  return low;
}

const counted = (share: number) =>
  sketchFrom(grid, { AA: Math.round(share * ROWS), UA: Math.round((1 - share) * ROWS) });

test.each([
  [0.0999, ['pass', 'none', 'within-bound'], 'steady'],
  [0.18, ['pass', 'warn', 'warning'], 'warn'],
  [0.1999, ['pass', 'warn', 'warning'], 'warn'],
  [0.2001, ['fail', 'breach', 'breach'], 'drift'],
])(
  'N1, N2: a window whose counts lie at a PSI of %d is judged by its bound and nothing else',
  (psi, expected, word) => {
    const found = judgeWindow(
      week(0, {
        criteria: [criterion({ name: 'carrier psi', column: 'carrier' })],
        grids: [grid],
        baseline: new Map([['carrier', counted(0.5)]]),
        current: new Map([['carrier', counted(shareAt(psi))]]),
        facts: [],
      }),
    );
    const [one] = found;
    expect(present(present(one).measurement).value).toBeCloseTo(psi, 6);
    expect(read(one)).toEqual(expected);
    expect(decideDrift(found, { share: 0.3, window: WEEK }).verdict).toBe(word);
  },
);
