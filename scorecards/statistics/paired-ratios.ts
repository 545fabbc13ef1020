import { normalPair, type Limits, type PairedEstimates } from './paired-estimates.ts';

/** Rows that are alike: how many, and what each adds to numerator and denominator of both models' ratios. */
export interface RatioCell {
  readonly rows: number;
  readonly challenger: Part;
  readonly champion?: Part;
}

interface Part {
  readonly over: number;
  readonly under: number;
}

/**
 * Ratios of sums (precision, F1, a mean) of both models, by the delta method: a row's influence on R = Σ over / Σ under is
 * (over − R · under) / mean(under), the variance of R that of the influences divided by the rows, and the variance of the
 * difference that of the differences of influences (linearised ratios: Cochran, Sampling Techniques, 1977, chapter 6).
 * Undefined when a denominator is empty or there are fewer than two rows.
 */
export function pairedRatios(
  cells: readonly RatioCell[],
  confidence = 0.95,
  limits?: Limits,
): PairedEstimates | undefined {
  const rows = sum(cells, ({ rows: count }) => count);
  const challenger = influence(cells, rows, ({ challenger: part }) => part);
  if (rows < 2 || challenger === undefined) return undefined;
  const champion = influence(cells, rows, ({ champion: part }) => part);
  const moment = (one: (cell: RatioCell) => number, other: (cell: RatioCell) => number) =>
    sum(cells, (cell) => cell.rows * one(cell) * other(cell)) / (rows - 1) / rows;
  const first = { value: challenger.value, variance: moment(challenger.of, challenger.of) };
  if (champion === undefined) return normalPair({ challenger: first }, confidence, limits);
  const second = { value: champion.value, variance: moment(champion.of, champion.of) };
  const covariance = moment(challenger.of, champion.of);
  return normalPair({ challenger: first, champion: second, covariance }, confidence, limits);
}

function influence(cells: readonly RatioCell[], rows: number, part: (cell: RatioCell) => Part | undefined) {
  if (cells.some((cell) => part(cell) === undefined)) return undefined;
  const under = sum(cells, (cell) => cell.rows * (part(cell)?.under ?? 0));
  if (under === 0) return undefined;
  const value = sum(cells, (cell) => cell.rows * (part(cell)?.over ?? 0)) / under;
  const of = (cell: RatioCell) => (((part(cell)?.over ?? 0) - value * (part(cell)?.under ?? 0)) * rows) / under;
  return { value, of };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
