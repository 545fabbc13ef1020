import { z } from 'zod';
import { CLASS_METRICS } from './class-metrics.ts';
import { CLASSIFICATION_METRICS } from './classification-metrics.ts';
import { bytes, duration, rate, share } from './policy/units.ts';
import { serviceFields } from './service/fields.ts';
import { SERVICE_METRICS } from './service/metrics.ts';
import { RUN_METRICS } from './run-metrics.ts';
import { PART_METRICS } from './parts.ts';
import { GROUP_METRICS } from './statistics/group-gaps.ts';

export const GROUPS = ['business', 'quality', 'latency', 'size', 'fairness', 'cost', 'robustness'] as const;
export const MANDATORY_GROUPS = ['business', 'quality', 'latency', 'size'] as const;

const ROW_METRICS = [...CLASSIFICATION_METRICS, 'mae', 'rmse', 'mape', 'meanLabelAtTop'] as const;

/** Metrics of single rows or of their order, so that each part of the rows has its own. */
export const MEASURED_METRICS = [...ROW_METRICS, 'quantileLoss'] as const;

/** Metrics that the first engine measures; each is explained by `understudy explain METRIC`. */
export const METRICS = [
  ...ROW_METRICS,
  'p50',
  'p95',
  'p99',
  'bytes',
  'sql',
  'quantileLoss',
  ...GROUP_METRICS,
  ...SERVICE_METRICS,
  ...RUN_METRICS,
  ...CLASS_METRICS,
  ...PART_METRICS,
] as const;

/** A bound is a bare number in the metric's own unit, or a text with a unit (`60ms`, `50MB`, `30%`). */
const bound = z.union([z.number(), duration, bytes, share]);

const versusChampion = z.strictObject({
  /** For `cost` a share of the champion's value, for all other metrics an absolute difference in the metric's unit. */
  noWorseBy: bound.optional(),
  betterBy: bound.optional(),
});

const BLOCKS = 'expected a number of blocks such as 4, or how long each is, such as 7d';

const criterion = z.strictObject({
  name: z.string().min(1),
  group: z.enum(GROUPS),
  metric: z.enum(METRICS),
  by: z.string().optional(),
  /** Consecutive blocks of the holdout's time in which it must hold: so many equally long ones, or each as long as that (`7d`). */
  blocks: z
    .union([z.number().int().min(2).max(2000), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, BLOCKS)], {
      error: BLOCKS,
    })
    .optional(),
  /** What `worst` and `spread` are of. */
  of: z.enum(MEASURED_METRICS).optional(),
  /** Values of `by` that there will be no rows of any more, such as a shop that closed: without them nothing is missing. */
  gone: z.array(z.string()).optional(),
  /** For `task: multiclass`: the class that the metric is of, against the rest, as the labels write it. */
  class: z.string().min(1).optional(),
  atLeast: bound.optional(),
  atMost: bound.optional(),
  versusChampion: versusChampion.optional(),
  minimum: z.number().int().positive().default(500),
  /** `interval`: the bound must hold at the unfavourable end of the interval. `point`: at the estimate. */
  judge: z.enum(['interval', 'point']).default('interval'),
  confidence: share.default(0.95),
  falseNegative: z.number().min(0).optional(),
  falsePositive: z.number().min(0).optional(),
  /** What a right answer costs, for `cost`; less than 0 where it earns something, and 0 when absent. */
  truePositive: z.number().optional(),
  trueNegative: z.number().optional(),
  /** What one row is worth, for `sql`: an SQL expression over score, flagged, label and the columns of the holdout. */
  sql: z.string().min(1).max(4000).optional(),
  /** Which way is good, for a metric that does not say so itself. */
  direction: z.enum(['higher', 'lower']).optional(),
  /** The share of labels that should lie below the prediction, for `quantileLoss`. */
  quantile: share.optional(),
  k: z.union([z.number().int().positive(), share]).optional(),
  load: z.strictObject({ rate, for: duration }).optional(),
  ...serviceFields,
  /** The team's own tests, and how long they may take; for `metric: command`. */
  command: z.array(z.string().min(1)).min(1).optional(),
  deadline: duration.optional(),
});

const operatingPoint = z.union([
  z.strictObject({ top: share }),
  z.strictObject({ threshold: z.number().min(0).max(1) }),
  /** Each model's own threshold of highest F1 on training rows that it did not learn from: `outOfSample` of its trainer. */
  z.strictObject({ bestF1: z.literal('training') }),
]);

/** The shape of `scorecard.yaml`. At least one criterion in each mandatory group; all must pass. */
export const scorecardSchema = z.strictObject({
  apiVersion: z.literal('understudy/v1'),
  kind: z.literal('Scorecard'),
  metadata: z.strictObject({ name: z.string().min(1) }),
  spec: z.strictObject({
    extends: z.string().optional(),
    task: z.enum(['classification', 'regression', 'ranking', 'multiclass']).default('classification'),
    signedOffBy: z.array(z.string().min(1)).default([]),
    /** Share of the holdout's rows that must have a label before anything that is measured on them is judged; 80 % when absent. */
    labelCoverage: share.optional(),
    /** Most values that all columns of `by` may have together; 200 when absent. More are refused, never judged in part. */
    maxSlices: z.number().int().positive().max(2000).optional(),
    operatingPoint: operatingPoint.default({ threshold: 0.5 }),
    criteria: z.array(criterion).min(1, 'a scorecard without criteria judges nothing'),
  }),
});

export type Scorecard = z.output<typeof scorecardSchema>;
export type ScorecardCriterion = Scorecard['spec']['criteria'][number];
export type CriterionMetric = ScorecardCriterion['metric'];
