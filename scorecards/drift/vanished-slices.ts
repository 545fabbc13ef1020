import { counted } from '../counted.ts';
import { lengthOf } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import type { DriftFinding } from './verdict.ts';
import type { Span } from '../vocabulary.ts';
import { qualityCriterion } from './quality-criterion.ts';

/** So many rows of a value would be in the window by its share of the baseline: then none at all is no chance (e⁻¹⁰). */
const EXPECTED_ROWS = 10;
const SHOWN = 5;

/** A declared slice column on both sides, counted value by value. */
export interface SliceSides {
  readonly column: string;
  readonly baseline: Sketch;
  /** Absent: the window has no such column. */
  readonly current?: Sketch;
}

/**
 * EV3: values of declared slices that the baseline had and the window has not. A criterion per slice can only judge rows that
 * are there; a group that is gone altogether would otherwise be noticed by nobody. It warns and never breaches: a shop that
 * closed is no fault of the data.
 */
export function judgeVanished(sides: readonly SliceSides[], window: Span): readonly DriftFinding[] {
  return sides.flatMap(({ baseline, column, current }): DriftFinding[] => {
    const rows = current?.rows ?? 0;
    if (rows === 0 || baseline.rows === 0) return [];
    const present = new Set(current?.keys);
    const gone = baseline.keys.flatMap((key, index) => {
      const expected = ((baseline.counts[index] ?? 0) / baseline.rows) * rows;
      return present.has(key) || expected < EXPECTED_ROWS ? [] : [{ key, expected }];
    });
    const worst = gone.toSorted((a, b) => b.expected - a.expected);
    const measurement = { value: gone.length, n: { current: rows, baseline: baseline.rows } };
    const about = { criterion: criterionOf(column), measurement, judged: 'pass' } as const;
    if (gone.length === 0) {
      const sentence = `${column}: every slice of the baseline has rows in the window.`;
      return [{ ...about, level: 'none', reason: 'within-bound', sentence }];
    }
    const named = worst.slice(0, SHOWN).map(({ expected, key }) => `${key} (about ${counted(expected)} expected)`);
    const more = gone.length > SHOWN ? ` and ${gone.length - SHOWN} more` : '';
    const sentence = `${column}: no row in ${lengthOf(window)} where it is ${named.join(', ')}${more}; the baseline had such rows.`;
    return [{ ...about, level: 'warn', reason: 'warning', sentence }];
  });
}

const criterionOf = (column: string) =>
  qualityCriterion({
    name: `${column} slices`,
    metric: 'vanishedSlices',
    column,
    warn: 1,
    limit: Number.MAX_SAFE_INTEGER,
    minimum: EXPECTED_ROWS,
  });
