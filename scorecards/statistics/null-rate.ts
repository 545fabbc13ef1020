import { shareChange } from './share-change.ts';
import type { ShareChange } from './share-change.ts';

interface Nulls {
  readonly nulls: number;
  readonly rows: number;
}

/**
 * Shares nulls / rows of both sides, from 0 to 1, with Wilson's intervals (1927), and their change, current − baseline, with
 * Newcombe's (1998; see `shareChange`). No nulls: 0 with an upper end above 0. All null: 1 with a lower end below 1. One row:
 * intervals that exclude little. A side without rows: undefined.
 */
export const nullRate = (current: Nulls, baseline: Nulls, designEffect = 1): ShareChange | undefined =>
  shareChange({ current: hitsOf(current), baseline: hitsOf(baseline) }, designEffect);

const hitsOf = ({ nulls, rows }: Nulls) => ({ hits: nulls, rows });
