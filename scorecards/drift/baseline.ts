import type { Span } from '../vocabulary.ts';
import type { Grid, Sketch } from './sketch.ts';
import type { DayToDay } from './learned.ts';
import type { SliceList } from './slices.ts';

/** What a champion was trained and judged on, counted; frozen with its version. Evidence, never in history. */
export interface Baseline {
  readonly schemaVersion: 1;
  /** Days of training and holdout. */
  readonly span: Span;
  readonly grids: readonly Grid[];
  /** By column, summed over the days. */
  readonly sketches: Readonly<Record<string, Sketch>>;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number;
  /** Declared slices, counted value by value; absent in baselines of versions from before they were counted. */
  readonly slices?: { readonly grids: readonly Grid[]; readonly sketches: Readonly<Record<string, Sketch>> };
  /** Features that the policy had watched in slices when this was counted; absent: none. */
  readonly inSlices?: FeaturesInSlices;
  /** What is usual from day to day, by criterion; absent: the policy did not ask when this was counted. */
  readonly learned?: Readonly<Record<string, DayToDay>>;
  /** Of features in the share that has drifted, with a mean of 1; absent: the trainer of the version named none. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Rows of each bucket that has files; absent in baselines of versions from before they were kept. */
  readonly volumes?: readonly BucketVolume[];
}

/** How many rows a bucket has. */
export interface BucketVolume {
  readonly bucket: Span;
  readonly rows: number;
}

/** Features counted for each value of slice columns by itself. */
export interface FeaturesInSlices {
  readonly features: readonly string[];
  readonly lists: readonly SliceList[];
  /** By `sketchName`. */
  readonly sketches: Readonly<Record<string, Sketch>>;
}
