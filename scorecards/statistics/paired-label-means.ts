import { normalPair, type PairedEstimates } from './paired-estimates.ts';

/** Rows with the same flags: how many, and the sums of their labels and of the labels' squares. */
export interface LabelCell {
  readonly challenger: boolean;
  /** Undefined without a champion. */
  readonly champion?: boolean | undefined;
  readonly rows: number;
  readonly labels: number;
  readonly squares: number;
}

/**
 * Mean label of the rows that each model flags. A flagged row's influence on its model's mean is (label − mean) / flagged rows;
 * rows that both flag tie the two means together and make the difference a paired one. Undefined with fewer than two flagged rows.
 */
export function pairedLabelMeans(cells: readonly LabelCell[], confidence = 0.95): PairedEstimates | undefined {
  const challenger = meanOf(cells.filter((cell) => cell.challenger));
  if (challenger === undefined) return undefined;
  if (cells.some(({ champion }) => champion === undefined)) return normalPair({ challenger }, confidence);
  const champion = meanOf(cells.filter((cell) => cell.champion === true));
  if (champion === undefined) return undefined;
  const both = totals(cells.filter((cell) => cell.challenger && cell.champion === true));
  const [a, b] = [challenger.value, champion.value];
  const shared = both.squares - (a + b) * both.labels + a * b * both.rows;
  return normalPair({ challenger, champion, covariance: shared / (challenger.rows * champion.rows) }, confidence);
}

function meanOf(cells: readonly LabelCell[]) {
  const { rows, labels, squares } = totals(cells);
  if (rows < 2) return undefined;
  const value = labels / rows;
  return { rows, value, variance: Math.max(0, squares - rows * value * value) / (rows - 1) / rows };
}

function totals(cells: readonly LabelCell[]) {
  const sum = (of: (cell: LabelCell) => number) => cells.reduce((total, cell) => total + of(cell), 0);
  return { rows: sum((cell) => cell.rows), labels: sum((cell) => cell.labels), squares: sum((cell) => cell.squares) };
}
