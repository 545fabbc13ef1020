import type { Policy } from '../../scorecards/policy/schema.ts';
import type { ScoreBins } from '../../scorecards/candidate/charts.ts';
import type { CriterionMeasurement } from '../../scorecards/candidate/measurement.ts';
import type { Scorecard } from '../../scorecards/scorecard-schema.ts';
import type { DataSource } from '../../scorecards/contracts/trainer.ts';
import type { BestF1, PointSources, Unknown } from '../../scorecards/operating-point.ts';
import type { DataProfile, SourceCounts } from '../../scorecards/data-checks/profile.ts';
import type { CompareSnapshots, Document, ProfileRequest } from './data-profile.ts';
import type { ComparePredictions, PairCounts, PairRequest } from './pairs.ts';
import type { BucketSums, CountedScores, ScoreRequest, SumRequest } from './score-questions.ts';
import type { LogProfile, LogRequest, Parity, ParityRequest, ServedProfile, ServedRequest } from './serving-log.ts';
import type { LossCells } from '../../scorecards/candidate/weak-cell.ts';
import type { WeakCellsRequest } from './weak-cells.ts';
import type { FileRef, Slice, Span } from '../../scorecards/vocabulary.ts';
import type { Grid, Partition, PartitionFacts, PartitionFile, Sketch } from '../../scorecards/drift/sketch.ts';
import type { SliceList } from '../../scorecards/drift/slices.ts';

export type { CriterionMeasurement };

type DataSection = Policy['spec']['data'];

/** All questions that are asked of rows. Long calls report progress and stop on `signal`. */
export interface DataStore {
  /** Runs the policy's query with `$as_of`, `$from`, `$until` bound; writes day partitions. */
  pull(request: PullRequest, work: Work): Promise<Pulled>;
  /** Writes the rows of delivered files as day partitions, without those that were not known at as-of. */
  deliver(request: DeliverRequest, work: Work): Promise<readonly FileRef[]>;
  /** Day partitions that exist, ascending, without reading rows. Nothing there is `[]`. */
  partitions(request: PartitionRequest): Promise<readonly Partition[]>;
  /** Columns and types of a set of files as DuckDB sees them. */
  columns(files: readonly string[]): Promise<readonly { readonly name: string; readonly type: string }[]>;
  /**
   * Writes CSV files as Parquet, in their order. A type is what every row of the file agrees to; `data-unreadable` names the
   * file and, where DuckDB does, the line.
   */
  importCsv(request: CsvImport, work: Work): Promise<readonly string[]>;
  /** Reads a whole file. Throws `data-changed` when it is not the one that was listed. */
  digest(file: PartitionFile, work: Work): Promise<FileDigest>;
  /** Freezes one grid per column from the baseline's rows. */
  freezeGrids(
    request: { readonly files: readonly string[]; readonly columns: readonly SketchColumn[] },
    work: Work,
  ): Promise<readonly Grid[]>;
  /**
   * One sketch per column for one partition, by the column's name; with `slice` one per column and value of that list, by
   * `sketchName`, of no rows where there are none. A column that is not there is left out.
   */
  sketch(request: SketchRequest, work: Work): Promise<ReadonlyMap<string, Sketch>>;
  facts(
    partition: Partition,
    columns: { readonly id: string; readonly time: string },
    work: Work,
  ): Promise<PartitionFacts>;
  /** The small text files that match an absolute glob, ascending by path. None is `[]`. */
  documents(pattern: string): Promise<readonly Document[]>;
  /** What a serving log holds, row faults included. No file is `undefined`. */
  profileLog(request: LogRequest, work: Work): Promise<LogProfile | undefined>;
  /** Writes what was served, of each request its first good answer, as a table of features. No file is `undefined`. */
  served(
    request: ServedRequest,
    work: Work,
  ): Promise<{ readonly file: FileRef; readonly profile: ServedProfile } | undefined>;
  /** Holds served values against the observations of the same ids. */
  compareRows(request: ParityRequest, work: Work): Promise<Parity>;
  /** Rows, shared rows and changed labels of two snapshots, by source. */
  compareSnapshots(request: CompareSnapshots, work: Work): Promise<readonly SourceCounts[]>;
  /** What the files hold, from their footers where these say it; no rows are kept. No partition is an empty profile. */
  profile(request: ProfileRequest, work: Work): Promise<DataProfile>;
  /**
   * Materialises train and holdout: features joined with labels that were available and mature at `asOf`; the holdout is the
   * last `holdoutMs` of which every label is mature. Same input, same digests, on any machine.
   */
  snapshot(request: SnapshotRequest, work: Work): Promise<Snapshot>;
  /** Measures every criterion of the groups that read predictions, champion and challenger on the same rows. */
  measure(request: MeasureRequest, work: Work): Promise<HoldoutMeasurements>;
  /** The threshold at which F1 of the predictions is highest, of several the highest; or why there is none. */
  bestF1(request: BestF1Request, work: Work): Promise<BestF1 | Unknown>;
  /** What rows cost in every cell of one or two slices. */
  weakCells(request: WeakCellsRequest, work: Work): Promise<LossCells>;
  /** The features of a span's rows without labels, as `predict` takes them (a batch policy's shadow). */
  features(request: FeaturesRequest, work: Work): Promise<FileRef>;
  /** Pairs two prediction files by id; `championAnswers` and `challengerAnswers` are their rows. */
  comparePredictions(request: ComparePredictions, work: Work): Promise<PairCounts>;
  /** Pairs champion and challenger answers of the serving logs by request id. */
  pairs(request: PairRequest, work: Work): Promise<PairCounts>;
  /** Rows by bucket, slice, label and score bin, from one scan; the labels are those that were known at `asOf`. */
  scores(request: ScoreRequest, work: Work): Promise<CountedScores>;
  /** Count and sum of one column by bucket: of the rows, or of the labels that were known at `asOf`. */
  sums(request: SumRequest, work: Work): Promise<BucketSums>;
  /** Some rows of a file as JSON objects (load runs, `lint`, `init`). */
  sample(file: string, rows: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface Work {
  readonly signal: AbortSignal;
  /** Called often; `done` and `of` in the step's own unit. */
  progress(step: string, done: number, of: number): void;
}

export interface PullRequest {
  readonly sql: string;
  /** Bound values and the folder (of the policy) that relative paths resolve against. */
  readonly asOf: string;
  readonly span: Span;
  readonly folder: string;
  /** Directory for `day=YYYY-MM-DD/data.parquet`. */
  readonly into: string;
  readonly time: string;
}

export interface Pulled {
  readonly queryDigest: string;
  readonly files: readonly FileRef[];
  /** The files that the query read; their etag is `<bytes>-<nanoseconds of the last change>`. */
  readonly sources: readonly DataSource[];
}

export interface DeliverRequest extends Pick<PullRequest, 'into' | 'time'> {
  /** Parquet, absolute paths; the labels' each below a folder `day=YYYY-MM-DD`. */
  readonly files: readonly string[];
  /**
   * `observations`: rows of the span by the UTC day of `time`; a day of the span without rows loses its file. `labels`: rows
   * with `time` up to `asOf` by the day of their file; other days are left alone.
   */
  readonly as: { readonly observations: Span } | { readonly labels: { readonly asOf: string } };
}

export interface FileDigest {
  readonly sha256: string;
  /** The file was written so long ago that a later change would show in its stamp. */
  readonly settled: boolean;
}

export interface PartitionRequest {
  readonly dataset: 'observations' | 'labels';
  /** Glob with a `day=*` part, absolute. */
  readonly path: string;
  readonly span?: Span;
  readonly bucketMs: number;
}

export interface SketchColumn {
  readonly name: string;
  readonly type: 'continuous' | 'categorical' | 'score';
}

export interface SketchRequest {
  readonly partition: Partition;
  readonly grids: readonly Grid[];
  /** Absent: every row of the files counts, whenever it was. */
  readonly time?: string;
  /** Set where each of these values is counted by itself; rows with another one are not counted. */
  readonly slice?: SliceList;
}

export interface CsvImport {
  /** Absolute, with a header; `.gz` is unpacked. */
  readonly files: readonly string[];
  /** The type of a column in which not one row has a value: CSV itself cannot tell it. */
  readonly like: readonly { readonly name: string; readonly type: string }[];
  /** Directory for the Parquet files, one for each. */
  readonly into: string;
}

export interface SnapshotRequest {
  readonly data: DataSection;
  readonly dataset: Policy['spec']['dataset'];
  /** The columns that become features, in the order the trainer sees them. */
  readonly features: readonly string[];
  readonly asOf: string;
  readonly bucketMs: number;
  readonly folder: string;
  /** Directory that the files are written to. */
  readonly into: string;
  /** Set at bootstrap: `atLeast` of data is enough. */
  readonly bootstrap: boolean;
}

export interface Snapshot {
  /** SHA-256 over the canonical manifest (names, sizes, digests, spans, as-of, query). */
  readonly digest: string;
  readonly train: FileRef;
  readonly holdout: FileRef;
  /** Id and label of the holdout's rows; never given to a model. */
  readonly holdoutLabels: FileRef;
  readonly sources: readonly FileRef[];
  readonly trainSpan: Span;
  readonly holdoutSpan: Span;
  readonly labelWatermark: string;
  readonly labelCoverage: number;
  /** Share of the labels that only stand in for the real one; absent where no column says so. */
  readonly labelSurrogates?: number;
  readonly newestObservation: string;
  /** The objects that the sources are copies of, when the policy names objects instead of files. */
  readonly origins?: readonly DataSource[];
  /** SHA-256 over the sorted ids of `dataset.exclusions`, when the policy names such a file. */
  readonly exclusionsDigest?: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export interface MeasureRequest {
  readonly scorecard: Scorecard;
  readonly holdout: FileRef;
  readonly labels: FileRef;
  readonly challenger: FileRef;
  readonly champion?: FileRef;
  readonly columns: { readonly id: string; readonly label: string };
  /** When each row of the holdout was, for criteria with blocks of time; they are cut out of the span, or of that of the rows. */
  readonly time?: { readonly column: string; readonly span?: Span };
  /** Each model's own threshold, for the operating point `bestF1`; what rests on one that is not known is not measured. */
  readonly points?: PointSources;
}

/** Both Parquet: id and score of rows, and id and label of them and of others. */
export interface BestF1Request {
  readonly predictions: FileRef;
  readonly labels: FileRef;
  readonly columns: { readonly id: string; readonly label: string };
}

export interface HoldoutMeasurements {
  /** The frozen cut on each model's own score. Absent for regression, and where nobody knows it. */
  readonly operatingPoint?: { readonly challenger: number; readonly champion?: number };
  readonly coverage: {
    readonly rows: number;
    readonly labelled: number;
    readonly challenger: number;
    readonly champion?: number;
  };
  /** Every value that the holdout's rows have in the columns that criteria name in `by`, and every block of time, measured or not. */
  readonly slices: readonly Slice[];
  readonly measurements: readonly CriterionMeasurement[];
  /** The measured rows by score, for a report's charts. Absent without a measured row. */
  readonly charts?: ScoreBins;
}

export interface FeaturesRequest extends Pick<
  SnapshotRequest,
  'data' | 'dataset' | 'features' | 'folder' | 'into' | 'bucketMs'
> {
  readonly span: Span;
}
