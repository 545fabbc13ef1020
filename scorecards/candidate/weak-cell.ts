import { measuredMetric } from '../parts.ts';
import type { CriterionMetric, Scorecard } from '../scorecard-schema.ts';
import type { SampleMoments } from '../statistics/paired-means.ts';
import type { Slice } from '../vocabulary.ts';

/** What a row costs that a model gets wrong: prices of mistakes at each model's own cut, the distance from the label, or a wrong class. */
export type RowLoss =
  | {
      readonly kind: 'mistakes';
      readonly falseNegative: number;
      readonly falsePositive: number;
      readonly cuts: { readonly challenger: number; readonly champion?: number };
    }
  | { readonly kind: 'distance' }
  /** 1 for a row whose class is wrong. */
  | { readonly kind: 'classes' };

/** Rows that lie in all of `slices`: none of them, that is all rows, or one, or two of different columns. */
export interface LossCell {
  readonly slices: readonly Slice[];
  readonly rows: number;
  /** Of the challenger. */
  readonly loss: SampleMoments;
  /** Challenger − champion, row by row; absent without a champion. */
  readonly difference?: SampleMoments;
}

/** What a search looked at. */
export interface LossCells {
  readonly all: LossCell;
  /** Of one slice and of two, each with enough rows. */
  readonly cells: readonly LossCell[];
  /** Columns that were searched. */
  readonly columns: readonly string[];
  /** What the caps left out: columns, and columns of which only the most frequent values were looked at. */
  readonly leftOut: { readonly columns: readonly string[]; readonly values: readonly string[] };
}

/** How far a search goes. Chosen: 8 columns of 20 values have at most 11,360 cells. */
export const SEARCH = { columns: 8, values: 20, minimum: 100 } as const;

/**
 * The loss that a scorecard cares about: by the prices of its first cost criterion what a mistake costs more than the right answer
 * to the same row, else every mistake as one; for a regression the distance, for several classes every wrong one as one. A right
 * answer costs nothing whatever its price: a slice with few hits to be had is not weak for that.
 */
export function lossOf({ spec }: Scorecard, cuts: { challenger: number; champion?: number } | undefined): RowLoss {
  if (spec.task === 'multiclass') return { kind: 'classes' };
  if (spec.task === 'regression' || cuts === undefined) return { kind: 'distance' };
  const priced = spec.criteria.find((criterion) => measuredMetric<CriterionMetric>(criterion) === 'cost');
  const { falseNegative = 1, falsePositive = 1, truePositive = 0, trueNegative = 0 } = priced ?? {};
  return {
    kind: 'mistakes',
    falseNegative: falseNegative - truePositive,
    falsePositive: falsePositive - trueNegative,
    cuts,
  };
}
