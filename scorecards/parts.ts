import type { Slice } from './vocabulary.ts';

/** Metrics that say of another metric how it is over the parts of the rows: in the worst of them, and how far they are apart. */
export const PART_METRICS = ['worst', 'spread'] as const;
export type PartMetric = (typeof PART_METRICS)[number];

const isPartMetric: ReadonlySet<string> = new Set(PART_METRICS);

/** Whether a metric is one number about all parts of the rows. */
export const isOfParts = (metric: string): metric is PartMetric => isPartMetric.has(metric);

/** How a criterion cuts the rows: by the values of a column, or into blocks of time. */
interface Cut {
  readonly by?: string | undefined;
  /** How many, or how long each: `7d`. */
  readonly blocks?: number | string | undefined;
}

/** The name under which the parts of the rows are told apart, which is `by` where that is given; undefined: the rows are not cut. */
export const partitionOf = ({ by, blocks }: Cut): string | undefined =>
  by ?? (blocks === undefined ? undefined : timePartition(blocks));

/** What stands in a slice in place of a column where rows are told apart by when they were. */
export const timePartition = (blocks: number | string): string =>
  typeof blocks === 'number' ? `time in ${blocks} blocks` : `time in blocks of ${blocks}`;

const TIME = /^time in (\d+ blocks|blocks of \d+(\.\d+)?(ms|s|m|h|d))$/;

export const isTimePartition = (column: string): boolean => TIME.test(column);

/** `carrier=F9`; of a block of time its first and its last day. */
export const sliceText = ({ column, value }: Slice): string =>
  isTimePartition(column) ? (value ?? 'no time') : `${column}=${value ?? 'null'}`;

/** `worst of recall`; any other metric as it is called. */
export const metricText = ({ metric, of }: { readonly metric: string; readonly of?: string | undefined }): string =>
  isOfParts(metric) && of !== undefined ? `${metric} of ${of}` : metric;

/** The metric that is measured on the rows: of `worst` and `spread` the one that they are of. */
export const measuredMetric = <M extends string>({
  metric,
  of,
}: {
  readonly metric: M;
  readonly of?: M | undefined;
}): M => (isOfParts(metric) ? (of ?? metric) : metric);
