import type { Span } from '../vocabulary.ts';

/** What a file says of one column, or what a scan counted. */
export interface ColumnProfile {
  readonly name: string;
  /** As DuckDB names it. */
  readonly type: string;
  readonly nulls?: number;
  /** Of finite numbers; absent for other types and where there is none. */
  readonly min?: number;
  readonly max?: number;
}

export interface FileProfile {
  readonly path: string;
  /** The UTC day that its folder names. */
  readonly day: Span;
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
  readonly newestEvent?: string;
  readonly arrivedAt: string;
  /** Counted by a scan, not taken from the footer. */
  readonly scanned: boolean;
}

/** Values outside of a declared set, of the file with the most of them. */
export interface OutsideSet {
  readonly column: string;
  readonly file: string;
  readonly rows: number;
  readonly examples: readonly string[];
}

/** How many rows repeat a value that another row has already. */
export interface Duplicates {
  readonly column: string;
  readonly rows: number;
  readonly repeated: number;
  readonly example?: { readonly value: string; readonly times: number; readonly file: string };
}

/** How old a feature's values were when they were observed, of the file with the most that are too old. */
export interface FeatureAges {
  readonly feature: string;
  readonly rows: number;
  /** Values older than allowed, and values without their instant. */
  readonly stale: number;
  readonly unknown: number;
  readonly file: string;
}

/** One source of rows in two snapshots, or all rows where `source` is undefined. */
export interface SourceCounts {
  readonly source?: string;
  readonly before: number;
  readonly now: number;
  /** Rows that are in both with a label, and those whose label differs. */
  readonly shared: number;
  readonly flipped: number;
}

/** Everything that the checks of a dataset are judged on. */
export interface DataProfile {
  /** Of the observations, oldest first. */
  readonly files: readonly FileProfile[];
  readonly outside: readonly OutsideSet[];
  readonly duplicates: readonly Duplicates[];
  /** Of the features whose age the policy bounds; one whose column is not there is left out. */
  readonly ages: readonly FeatureAges[];
}
