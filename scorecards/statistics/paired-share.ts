import type { Estimate } from '../vocabulary.ts';
import { twoSidedZ } from './normal-quantile.ts';
import type { PairedEstimates } from './paired-estimates.ts';
import { wilson } from './wilson.ts';

/** The same rows judged by both models: how many only one of them, and how many both, got right. */
export interface PairedShareCounts {
  readonly rows: number;
  readonly both: number;
  readonly onlyChallenger: number;
  readonly onlyChampion: number;
}

/**
 * Two shares of the same rows (recall, accuracy): each with its Wilson interval, their difference with the adjusted Wald
 * interval for paired proportions of Bonett and Price (British Journal of Mathematical and Statistical Psychology 65, 2012),
 * which adds one row to either kind of disagreement and so is honest when there is none. Undefined without rows.
 */
export function pairedShares(counts: PairedShareCounts, confidence = 0.95): PairedEstimates | undefined {
  const { rows, both, onlyChallenger, onlyChampion } = counts;
  const challenger = wilson(both + onlyChallenger, rows, confidence);
  const champion = wilson(both + onlyChampion, rows, confidence);
  if (challenger === undefined || champion === undefined) return undefined;
  return { challenger, champion, difference: differenceOf(counts, confidence) };
}

function differenceOf({ rows, onlyChallenger, onlyChampion }: PairedShareCounts, confidence: number): Estimate {
  const value = (onlyChallenger - onlyChampion) / rows;
  const [p, q] = [(onlyChallenger + 1) / (rows + 2), (onlyChampion + 1) / (rows + 2)];
  const half = twoSidedZ(confidence) * Math.sqrt((p + q - (p - q) ** 2) / (rows + 2));
  // The centre is pulled towards 0; the estimate itself always belongs to its interval.
  return { value, low: Math.max(-1, Math.min(value, p - q - half)), high: Math.min(1, Math.max(value, p - q + half)) };
}
