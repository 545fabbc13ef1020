import type { FileRef, Span } from '../../scorecards/vocabulary.ts';

export interface ComparePredictions {
  readonly champion: FileRef;
  readonly challenger: FileRef;
  readonly id: string;
  readonly cuts: { readonly champion: number; readonly challenger: number };
}

export interface PairRequest {
  readonly championLog: string;
  readonly challengerLog: string;
  readonly span: Span;
  /** The frozen cuts: disagreement is "on different sides of each model's own cut". */
  readonly cuts: { readonly champion: number; readonly challenger: number };
}

export interface PairCounts {
  readonly pairs: number;
  readonly disagreements: number;
  readonly championAnswers: number;
  readonly challengerAnswers: number;
  readonly challengerErrors: number;
  readonly meanScoreDifference: number;
}
