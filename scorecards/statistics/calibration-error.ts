import type { CountStatistic } from './count-bootstrap.ts';

/** Rows that fall into the same score bin of each model and have the same label. */
export interface CalibrationCell {
  readonly rows: number;
  readonly positive: boolean;
  readonly challenger: { readonly bin: number; readonly meanScore: number };
  readonly champion?: { readonly bin: number; readonly meanScore: number };
}

/**
 * Expected calibration error Σ_bins (n_bin / n) · |mean score − share of positives| (Naeini, Cooper and Hauskrecht, AAAI 2015),
 * as a statistic of the cells' counts. Bins hold equal numbers of rows of their own model's scores.
 */
export function calibrationError(cells: readonly CalibrationCell[]): CountStatistic {
  const withChampion = cells.some(({ champion }) => champion !== undefined);
  return (counts) => {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    if (rows === 0) return undefined;
    const errorOf = (model: 'challenger' | 'champion') => {
      const gaps = new Map<number, number>();
      for (const [index, cell] of cells.entries()) {
        const placed = cell[model];
        if (placed === undefined) continue;
        const gap = (counts[index] ?? 0) * (placed.meanScore - (cell.positive ? 1 : 0));
        gaps.set(placed.bin, (gaps.get(placed.bin) ?? 0) + gap);
      }
      return [...gaps.values()].reduce((sum, gap) => sum + Math.abs(gap), 0) / rows;
    };
    return { challenger: errorOf('challenger'), ...(withChampion ? { champion: errorOf('champion') } : {}) };
  };
}
