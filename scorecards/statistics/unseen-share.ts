import { shareChange } from './share-change.ts';
import type { ShareChange } from './share-change.ts';

interface Unseen {
  /** Rows with a category that the baseline does not list. */
  readonly unseen: number;
  /** Rows with any category: nulls are not among them. */
  readonly rows: number;
}

/**
 * Shares unseen / rows, from 0 to 1, of rows whose category the baseline does not list, with Wilson's intervals (1927), and their
 * change, current − baseline, with Newcombe's (1998; see `shareChange`). The baseline's own share is 0 unless its list was capped,
 * so the change tells new categories from rare ones. None: 0. One row: intervals that exclude little. A side without a category,
 * as when all are null: undefined.
 */
export const unseenShare = (current: Unseen, baseline: Unseen, designEffect = 1): ShareChange | undefined =>
  shareChange({ current: hitsOf(current), baseline: hitsOf(baseline) }, designEffect);

const hitsOf = ({ unseen, rows }: Unseen) => ({ hits: unseen, rows });
