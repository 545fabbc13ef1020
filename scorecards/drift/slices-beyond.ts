import { counted } from '../counted.ts';
import { lengthOf } from './sentence.ts';
import type { Sketch } from './sketch.ts';
import { rowsBeyond } from './slices.ts';
import type { SliceList } from './slices.ts';
import type { DriftCriterion, DriftFinding } from './verdict.ts';
import type { Span } from '../vocabulary.ts';
import { qualityCriterion } from './quality-criterion.ts';

/**
 * Rows of the window in which no feature is judged by itself, because their slice is not among the listed ones: one finding per
 * slice column that has such rows. It is only told, and never raised: all rows together are judged anyway.
 */
export function tellBeyond(
  lists: readonly SliceList[],
  current: ReadonlyMap<string, Sketch>,
  window: Span,
): readonly DriftFinding[] {
  return lists.flatMap((list): DriftFinding[] => {
    const sketch = current.get(list.column);
    const rows = sketch ? rowsBeyond(list, sketch) : 0;
    if (!sketch || rows === 0) return [];
    const share = Number(((rows / sketch.rows) * 100).toFixed(1));
    const sentence = `${list.column}: ${counted(rows)} of ${counted(sketch.rows)} rows in ${lengthOf(window)} (${share} %) lie in none of the ${counted(list.values.length)} slices that are counted by themselves.`;
    const measurement = { value: rows / sketch.rows, n: { current: sketch.rows, baseline: 0 } };
    const criterion = criterionOf(list.column, 'quality');
    return [{ criterion, judged: 'pass', level: 'none', reason: 'within-bound', measurement, sentence }];
  });
}

/** What a policy asks for by slices, but the baseline was counted without: it is listed, and decides nothing. */
export function tellUncounted(features: readonly string[], columns: readonly string[]): readonly DriftFinding[] {
  return features.flatMap((feature) =>
    columns.map((column): DriftFinding => {
      const sentence = `${feature} by ${column}: the champion's baseline was counted before the policy asked for these slices; the next version's will have them. Not judged.`;
      const criterion = { ...criterionOf(feature, 'data'), name: `${feature} by ${column}` };
      return { criterion, judged: 'inconclusive', level: 'none', reason: 'suppressed-slice', sentence };
    }),
  );
}

const criterionOf = (column: string, kind: DriftCriterion['kind']) =>
  qualityCriterion({
    name: `${column} rows in no slice`,
    kind,
    metric: 'slicesBeyond',
    column,
    warn: 1,
    limit: Number.MAX_SAFE_INTEGER,
  });
