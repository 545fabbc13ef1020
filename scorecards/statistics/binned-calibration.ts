/** Rows of one score bin: how many, Σ score, and how many are positive. Ascending by score. */
export interface CalibrationBin {
  readonly rows: number;
  readonly scores: number;
  readonly positives: number;
}

const GROUPS = 10;

/**
 * Expected calibration error Σ (n_g/N) |mean score − share of positives| (Naeini, Cooper and Hauskrecht, AAAI 2015) over ten
 * groups of nearly equal counts; a bin belongs whole to the group of its first row, as equal scores do. Biased upwards in small
 * samples, and without interval. Undefined without rows.
 */
export function binnedCalibrationError(bins: readonly CalibrationBin[]): number | undefined {
  const total = bins.reduce((sum, { rows }) => sum + rows, 0);
  if (total === 0) return undefined;
  const gaps = Array.from({ length: GROUPS }, () => 0);
  let below = 0;
  for (const { rows, scores, positives } of bins) {
    const group = Math.min(GROUPS - 1, Math.floor((GROUPS * below) / total));
    gaps[group] = (gaps[group] ?? 0) + scores - positives;
    below += rows;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
}
