import type { FileRef } from '../../scorecards/vocabulary.ts';
import type { Partition } from '../../scorecards/drift/sketch.ts';

/** What the checks of a dataset want to know of its files. */
export interface ProfileRequest {
  /** Of the observations, oldest first. */
  readonly partitions: readonly Partition[];
  readonly time: string;
  /** Columns whose nulls, smallest and largest values are asked for. */
  readonly columns: readonly string[];
  /** `footer`: what a file says of itself, counted only where it says nothing. `scan`: everything is counted. */
  readonly verify: 'footer' | 'scan';
  /** Columns that may have these values only. */
  readonly sets: readonly { readonly column: string; readonly oneOf: readonly (string | number | boolean)[] }[];
  /** Columns whose values should occur once. */
  readonly unique: readonly string[];
  /** Features that may only be so old when they are observed; `at` is the column with the instant of the value. */
  readonly fresh: readonly { readonly feature: string; readonly at: string; readonly withinMs: number }[];
}

/** Two snapshots, as they were taken. */
export interface CompareSnapshots {
  readonly before: SnapshotFiles;
  readonly now: SnapshotFiles;
  readonly id: string;
  readonly label: string;
  /** Column that tells sources apart; absent: all rows are one source. */
  readonly by?: string;
}

export interface SnapshotFiles {
  readonly train: FileRef;
  readonly holdout: FileRef;
  readonly holdoutLabels: FileRef;
}

/** A small text file that another tool wrote. */
export interface Document {
  readonly path: string;
  readonly text: string;
  readonly modifiedAt: string;
}
