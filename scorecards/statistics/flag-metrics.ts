import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { SHARE, type PairedEstimates } from './paired-estimates.ts';
import { pairedRatios, type RatioCell } from './paired-ratios.ts';
import { pairedShares } from './paired-share.ts';
import { pairedLabelMeans } from './paired-label-means.ts';
import { wilson } from './wilson.ts';

/** Rows with the same label and the same flags of both models. */
export interface FlagCell {
  readonly positive: boolean;
  readonly challenger: boolean;
  /** Undefined without a champion. */
  readonly champion?: boolean | undefined;
  readonly rows: number;
  /** Sums of labels and of their squares, for labels that are not 0 or 1. */
  readonly labels: number;
  readonly squares: number;
}

/** The estimates, or undefined for the reason `why`. n are the rows that the metric rests on. */
export interface FlagMeasurement {
  readonly n: number;
  readonly estimates: PairedEstimates | undefined;
  readonly why: string;
}

/** Metrics that are counted from flags. */
export const FLAG_METRICS = [
  'recall',
  'accuracy',
  'precision',
  'precisionAtK',
  'f1',
  'cost',
  'meanLabelAtTop',
] as const satisfies readonly ScorecardCriterion['metric'][];

type Prices = Pick<ScorecardCriterion, 'falseNegative' | 'falsePositive' | 'truePositive' | 'trueNegative'>;

/** What a criterion on flags says of itself. */
export interface FlagCriterion extends Prices, Pick<ScorecardCriterion, 'confidence'> {
  readonly metric: (typeof FLAG_METRICS)[number];
}

/**
 * A metric of flagged rows from the counts of label × flag × flag, with the paired difference: recall on positive rows, accuracy
 * on all, precision on flagged rows, F1 on rows that are positive or flagged, cost per row (1 per error and 0 per right
 * answer where the criterion names no price), mean label of flagged rows. The cut counts as fixed: its own uncertainty is not in the intervals.
 */
export function flagMetric(criterion: FlagCriterion, cells: readonly FlagCell[]): FlagMeasurement {
  const { metric, confidence } = criterion;
  switch (metric) {
    case 'recall':
      return shares(
        cells.filter(({ positive }) => positive),
        (_, flag) => flag,
        confidence,
      );
    case 'accuracy':
      return shares(cells, ({ positive }, flag) => positive === flag, confidence);
    case 'precision':
    case 'precisionAtK':
      return precision(cells, confidence);
    case 'f1':
      return f1(cells, confidence);
    case 'cost':
      return cost(cells, criterion);
    case 'meanLabelAtTop':
      return {
        n: flaggedRows(cells),
        estimates: pairedLabelMeans(cells, confidence),
        why: 'a model flags fewer than two rows',
      };
  }
}

function shares(
  cells: readonly FlagCell[],
  isRight: (cell: FlagCell, flag: boolean) => boolean,
  confidence: number,
): FlagMeasurement {
  const n = rowsOf(cells, () => true);
  const why = 'there are no such rows';
  const challenger = (cell: FlagCell) => isRight(cell, cell.challenger);
  if (cells.some((cell) => cell.champion === undefined)) {
    const alone = wilson(rowsOf(cells, challenger), n, confidence);
    return { n, estimates: alone && { challenger: alone }, why };
  }
  const champion = (cell: FlagCell) => isRight(cell, cell.champion === true);
  const counts = {
    rows: n,
    both: rowsOf(cells, (cell) => challenger(cell) && champion(cell)),
    onlyChallenger: rowsOf(cells, (cell) => challenger(cell) && !champion(cell)),
    onlyChampion: rowsOf(cells, (cell) => !challenger(cell) && champion(cell)),
  };
  return { n, estimates: pairedShares(counts, confidence), why };
}

type Part = (positive: boolean, flag: boolean) => { readonly over: number; readonly under: number };

function ratioCells(cells: readonly FlagCell[], part: Part): readonly RatioCell[] {
  return cells.map(({ rows, positive, challenger, champion }) => ({
    rows,
    challenger: part(positive, challenger),
    ...(champion === undefined ? {} : { champion: part(positive, champion) }),
  }));
}

/** Linearised for the difference, Wilson's interval for each model alone. */
function precision(cells: readonly FlagCell[], confidence: number): FlagMeasurement {
  const part: Part = (positive, flag) => ({ over: positive && flag ? 1 : 0, under: flag ? 1 : 0 });
  const linear = pairedRatios(ratioCells(cells, part), confidence, SHARE);
  const alone = (flag: (cell: FlagCell) => boolean) =>
    wilson(
      rowsOf(cells, (cell) => flag(cell) && cell.positive),
      rowsOf(cells, flag),
      confidence,
    );
  return { n: flaggedRows(cells), estimates: linear && withSingles(linear, alone), why: 'no row is flagged' };
}

/** F1 = 2J / (1 + J) with J = TP / (TP + FP + FN): monotone, so the ends of J's Wilson interval are those of F1. */
function f1(cells: readonly FlagCell[], confidence: number): FlagMeasurement {
  const part: Part = (positive, flag) => ({ over: positive && flag ? 2 : 0, under: Number(positive) + Number(flag) });
  const linear = pairedRatios(ratioCells(cells, part), confidence, SHARE);
  const alone = (flag: (cell: FlagCell) => boolean) => {
    const jaccard = wilson(
      rowsOf(cells, (cell) => flag(cell) && cell.positive),
      rowsOf(cells, (cell) => flag(cell) || cell.positive),
      confidence,
    );
    const through = (j: number) => (2 * j) / (1 + j);
    return jaccard && { value: through(jaccard.value), low: through(jaccard.low), high: through(jaccard.high) };
  };
  const n = rowsOf(cells, (cell) => cell.positive || cell.challenger || cell.champion === true);
  return { n, estimates: linear && withSingles(linear, alone), why: 'no row is positive or flagged' };
}

function withSingles(
  linear: PairedEstimates,
  alone: (flag: (cell: FlagCell) => boolean) => PairedEstimates['challenger'] | undefined,
): PairedEstimates {
  const challenger = alone((cell) => cell.challenger) ?? linear.challenger;
  if (linear.champion === undefined) return { challenger };
  return { ...linear, challenger, champion: alone((cell) => cell.champion === true) ?? linear.champion };
}

function cost(cells: readonly FlagCell[], criterion: FlagCriterion): FlagMeasurement {
  const { falseNegative = 1, falsePositive = 1, truePositive = 0, trueNegative = 0, confidence } = criterion;
  const right = (positive: boolean) => (positive ? truePositive : trueNegative);
  const wrong = (positive: boolean) => (positive ? falseNegative : falsePositive);
  const price: Part = (positive, flag) => ({
    over: positive === flag ? right(positive) : wrong(positive),
    under: 1,
  });
  const prices = [falseNegative, falsePositive, truePositive, trueNegative];
  const limits = { least: Math.min(...prices), most: Math.max(...prices) };
  const estimates = pairedRatios(ratioCells(cells, price), confidence, limits);
  return { n: rowsOf(cells, () => true), estimates, why: 'there are fewer than two rows' };
}

/** Rows that the model with fewer flags flags: the metric rests on no more. */
function flaggedRows(cells: readonly FlagCell[]): number {
  const challenger = rowsOf(cells, (cell) => cell.challenger);
  if (cells.some(({ champion }) => champion === undefined)) return challenger;
  return Math.min(
    challenger,
    rowsOf(cells, (cell) => cell.champion === true),
  );
}

function rowsOf(cells: readonly FlagCell[], which: (cell: FlagCell) => boolean): number {
  return cells.reduce((sum, cell) => sum + (which(cell) ? cell.rows : 0), 0);
}
