import type { RowLoss } from '../../scorecards/candidate/weak-cell.ts';
import type { FileRef } from '../../scorecards/vocabulary.ts';

/** What to search for slices in which a model is weak. The files are those that were measured, which refuses bad ones. */
export interface WeakCellsRequest {
  readonly holdout: FileRef;
  readonly labels: FileRef;
  readonly challenger: FileRef;
  readonly champion?: FileRef;
  readonly columns: { readonly id: string; readonly label: string };
  /** Slice columns of the holdout, the most important first; one that it lacks is left out. */
  readonly by: readonly string[];
  readonly loss: RowLoss;
  /** So many columns, so many most frequent values of each, and cells of so many rows at least. */
  readonly search: { readonly columns: number; readonly values: number; readonly minimum: number };
}
