import type { Estimate } from '../vocabulary.ts';
import { independentDifference } from './independent-difference.ts';
import { wilson } from './wilson.ts';

/** So many of the rows. */
export interface Hits {
  readonly hits: number;
  readonly rows: number;
}

export interface ShareChange {
  readonly current: Estimate;
  readonly baseline: Estimate;
  /** Current − baseline; a rise is certain when its lower end lies above 0. */
  readonly change: Estimate;
}

/**
 * One share on two sides, each with Wilson's interval, and their difference with Newcombe's (Statistics in Medicine 17, 1998),
 * all at 95 %. `designEffect` divides hits and rows where rows are correlated. A side without rows: undefined.
 */
export function shareChange(
  counts: { readonly current: Hits; readonly baseline: Hits },
  designEffect = 1,
): ShareChange | undefined {
  const share = ({ hits, rows }: Hits) => wilson(hits / designEffect, rows / designEffect);
  const [current, baseline] = [share(counts.current), share(counts.baseline)];
  return current && baseline && { current, baseline, change: independentDifference(current, baseline) };
}
