import { z } from 'zod';
import { checks } from './sections-checks.ts';
import { skew } from './sections-skew.ts';
import { kpi, performance } from './sections-performance.ts';
import { VARIANT_NAME } from '../contracts/trainer.ts';
import { bytes, count, duration, name, objectName, percent, share } from './units.ts';

const warnAndDrift = (warn: number, drift: number) =>
  z.strictObject({ warn: z.number().positive().default(warn), drift: z.number().positive().default(drift) });

export const metadata = z.strictObject({
  name,
  team: z.string().min(1).optional(),
  owner: z.string().min(1, 'an owner who answers for the model is required (GV8)'),
  escalation: z.array(z.string()).optional(),
  rollbackBy: z.array(z.string()).optional(),
  informs: z.array(z.string()).optional(),
  costCentre: z.string().optional(),
});

const ownBounds = z
  .strictObject({ warn: z.number().positive().optional(), drift: z.number().positive().optional() })
  .optional();

/**
 * What can decide that a feature drifted; JS is its distance in base 2, KL is KL(current ‖ baseline) in nats, Wasserstein is in
 * scales of the baseline.
 */
const DRIFT_METRICS = ['psi', 'ks', 'cramersV', 'js', 'kl', 'hellinger', 'totalVariation', 'wasserstein'] as const;

const feature = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['continuous', 'categorical']),
  /** Absent: what the version's trainer says, else 1. */
  importance: z.number().positive().optional(),
  critical: z.boolean().default(false),
  /** Absent: KS and PSI for continuous features, PSI and Cramér's V for categories. */
  metrics: z.array(z.enum(DRIFT_METRICS)).min(1).optional(),
  psi: ownBounds,
  ks: ownBounds,
  cramersV: ownBounds,
  js: ownBounds,
  kl: ownBounds,
  hellinger: ownBounds,
  totalVariation: ownBounds,
  wasserstein: ownBounds,
  freshWithin: duration.optional(),
  /** The column that says when the value was made. */
  at: z.string().min(1).optional(),
});

export const data = z.strictObject({
  pull: z
    .strictObject({
      sql: z.string().optional(),
      command: z.array(z.string().min(1)).min(1).optional(),
      image: z.string().optional(),
      deadline: duration.default(3_600_000),
    })
    .optional(),
  observations: z.strictObject({
    path: z.string().min(1),
    time: z.string().min(1),
    id: z.string().min(1),
    score: z.string().optional(),
    modelVersion: z.string().optional(),
  }),
  labels: z.strictObject({
    path: z.string().min(1),
    id: z.string().min(1),
    label: z.string().min(1),
    availableAt: z.string().min(1),
    maturity: duration.default(0),
    /** A column that is true where the label only stands in for the real one. */
    surrogate: z.string().min(1).optional(),
  }),
  /** Absent: every column of the observations but the ones with a role, inferred at plan time. */
  features: z.array(feature).min(1).optional(),
  slices: z.array(z.string()).default([]),
  clusterBy: z.string().nullable().default(null),
});

export const triggers = z.strictObject({
  check: z.string().min(9, 'expected a cron expression such as "0 6 * * *"').optional(),
  retrainEvery: duration.optional(),
  alerts: z.boolean().default(true),
  cooldown: duration.default(86_400_000),
  maxRunsPerWeek: count.default(3),
  decideWithin: duration.default(86_400_000),
  minNewLabels: count.optional(),
});

const response = z.enum(['ignore', 'observe', 'retrain', 'block']);
export const drift = z.strictObject({
  window: duration.default(7 * 86_400_000),
  bucket: duration.default(86_400_000),
  persistence: z.strictObject({ windows: count.default(2), of: count.default(3) }).prefault({}),
  share: z.number().gt(0).lte(1).default(0.3),
  psi: warnAndDrift(0.1, 0.2).prefault({}),
  ks: warnAndDrift(0.1, 0.15).prefault({}),
  minimum: count.default(500),
  /** Bounds no narrower than what the baseline's own days make usual; absent: they are as written. */
  learned: z.boolean().optional(),
  /** Absent: features are judged over all rows only. */
  slices: z
    .strictObject({
      features: z.array(z.string().min(1)).min(1),
      /** Absent: all of `data.slices` whose values may be shown. */
      by: z.array(z.string().min(1)).min(1).optional(),
      values: count.max(100).default(20),
    })
    .optional(),
  performance: performance.prefault({}),
  kpi: kpi.optional(),
  respond: z
    .strictObject({
      data: response.default('retrain'),
      prediction: response.default('observe'),
      concept: response.default('retrain'),
      fairness: response.default('observe'),
      schema: response.default('block'),
      quality: response.default('block'),
      skew: response.default('block'),
    })
    .prefault({}),
});

export const dataset = z.strictObject({
  train: duration.default(42 * 86_400_000),
  atLeast: duration.default(21 * 86_400_000),
  holdout: duration.default(7 * 86_400_000),
  checks: checks.prefault({}),
  exclusions: z.string().optional(),
  columns: z.array(z.string()).optional(),
  hash: z.array(z.string()).optional(),
});

const labelText = z
  .string()
  .regex(
    /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/,
    'expected letters, digits, dashes, dots and underscores, at most 63',
  );

/** One kind of accelerator that would do, in the words of the scheduler. */
const gpuKind = z.strictObject({
  resource: z
    .string()
    .regex(/^[a-z0-9.-]+\/[\w.-]+$/, 'expected an extended resource such as nvidia.com/gpu')
    .default('nvidia.com/gpu'),
  count: count.default(1),
  nodeSelector: z.record(z.string(), labelText).default({}),
  spot: z.boolean().default(false),
  /** A ResourceClaimTemplate; then `resource` and `count` only say what it stands for. */
  claim: objectName.optional(),
  /** Absent: that of the training. */
  queueDeadline: duration.optional(),
});

export const training = z.strictObject({
  backend: z.enum(['process', 'kubernetes']).default('process'),
  command: z.array(z.string().min(1)).min(1),
  image: z.string().optional(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
  seed: z.number().int().min(0).default(7),
  deadline: duration.default(4 * 3_600_000),
  grace: duration.default(30_000),
  retries: z.number().int().min(0).max(10).default(2),
  budget: z.strictObject({ gpuHours: z.number().positive() }).optional(),
  resources: z
    .strictObject({
      cpu: z.number().positive().default(2),
      memory: bytes.default(4 * 1024 ** 3),
      gpu: z.union([z.number().int().min(0), z.strictObject({ anyOf: z.array(gpuKind).min(1) })]).default(0),
      /** `/dev/shm`; absent: what the container runtime gives. */
      sharedMemory: bytes.optional(),
    })
    .prefault({}),
  /** Pods that train together. */
  nodes: count.default(1),
  /** A LocalQueue of Kueue. */
  queue: objectName.optional(),
  priorityClass: objectName.optional(),
  /** How long a job may wait for its first running pod. */
  queueDeadline: duration.default(3_600_000),
  /** What a run may lose to others before it gives up; `retries` is for what the trainer itself does wrong. */
  attempts: z
    .strictObject({
      evictions: z.number().int().min(0).default(20),
      suspensions: z.number().int().min(0).default(10),
      sameStep: count.default(3),
      afterVanished: z.boolean().default(false),
    })
    .prefault({}),
  lockfile: z.string().optional(),
  /** Of what the trainer hands in, in the order in which it is preferred. */
  variants: z
    .array(z.string().regex(VARIANT_NAME, 'expected lower-case letters, digits and dashes, at most 20'))
    .min(1)
    .max(8)
    .refine((names) => new Set(names).size === names.length, 'expected each variant once')
    .optional(),
});

export const shadow = z.strictObject({
  percent: z.number().int().min(0).max(100).default(100),
  atLeast: count.default(1000),
  within: duration.default(2 * 3_600_000),
  disagreement: share.default(0.3),
  skew: skew.prefault({}),
  skip: z.boolean().default(false),
});

export const approval = z.strictObject({
  /** Absent: the owner. `group:NAME` is resolved by the operators' settings. */
  from: z.array(z.string().min(1)).min(1).optional(),
  quorum: count.default(1),
  within: duration.default(72 * 3_600_000),
  validFor: duration.default(7 * 86_400_000),
  remindAfter: duration.optional(),
  escalateAfter: duration.optional(),
  highRisk: z.array(z.string()).optional(),
  byPolicy: z.boolean().default(false),
});

export const rollout = z.strictObject({
  steps: z.array(percent).min(1).default([5, 25, 50]),
  stepAtLeast: duration.default(10 * 60_000),
  stepAtMost: duration.default(4 * 3_600_000),
  soak: duration.default(24 * 3_600_000),
  look: duration.default(5000),
  lease: duration.default(30_000),
  soakLease: duration.default(30_000),
  judge: z
    .strictObject({
      harmRatio: z.number().min(1).default(1.5),
      alpha: share.default(0.01),
      beta: share.default(0.05),
      floor: share.default(0.005),
      safeRatio: z.number().min(1).default(2),
      safeRate: share.default(0.01),
      minBadEvents: count.default(3),
    })
    .prefault({}),
  guardrails: z.array(z.strictObject({ name: z.string(), bad: z.string(), total: z.string() })).default([]),
});
