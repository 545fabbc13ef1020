import { z } from 'zod';
import { signatureSchema } from './signature.ts';

const file = z.object({
  name: z.string(),
  path: z.string(),
  bytes: z.number().int().min(0),
  sha256: z.string().length(64),
});

const rows = z.object({
  path: z.string(),
  sha256: z.string().length(64),
  rows: z.number().int().min(0),
});

/** Where data came from: a table, an object, a query's files. `etag` or `version` names the state that was read. */
export const sourceSchema = z.object({
  uri: z.string().min(1),
  etag: z.string().optional(),
  version: z.string().optional(),
});
export type DataSource = z.output<typeof sourceSchema>;

/**
 * What a trainer finds in the JSON file that `UNDERSTUDY_SPEC` names. The same command is run in the modes `train` and
 * `predict`; the command of `data.pull` is run in mode `pull`, that of a criterion in mode `test`.
 */
export const trainerSpecSchema = z.object({
  schemaVersion: z.literal(1),
  mode: z.enum(['train', 'predict', 'pull', 'test']),
  model: z.string(),
  /** The job's name: stable over retries and evictions. */
  run: z.string(),
  asOf: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  seed: z.number().int(),
  columns: z.object({
    id: z.string(),
    time: z.string(),
    /** Absent in mode `predict`: the rows carry no labels. */
    label: z.string().optional(),
    features: z.array(z.string()),
    slices: z.array(z.string()),
  }),
  /** Mode `pull`: the half-open span of the observations that are asked for, as they were known at `asOf`. */
  span: z.object({ from: z.string(), until: z.string() }).optional(),
  /** Mode `pull`: the columns of the labels. */
  labels: z.object({ id: z.string(), label: z.string(), availableAt: z.string() }).optional(),
  /** Parquet, read-only. `train`: rows with features and label. `predict`: rows with features only. Others: none. */
  files: z.array(file),
  /** Modes `predict` and `test`: the directory of the artifact that `train` handed in. */
  artifact: z.string().optional(),
  /** Mode `test`, Parquet, read-only: what was predicted of the holdout's rows, and their labels. */
  tests: z.object({ holdout: file, labels: file, predictions: file, champion: file.optional() }).optional(),
  /** Where `result.json` and everything it names must be written; in mode `test` `findings.json`, if anything. */
  output: z.string(),
});
export type TrainerSpec = z.output<typeof trainerSpecSchema>;

/** What a trainer's process took, as its operating system counted it. All of it is optional: nobody guesses. */
const used = z.object({
  /** Wall-clock time that the process ran, and processor time in it, that of its children included. */
  seconds: z.number().positive().optional(),
  cpuSeconds: z.number().min(0).optional(),
  /** The most that it held at once: resident memory, and memory of its accelerators. */
  memoryBytes: z.number().int().positive().optional(),
  gpuMemoryBytes: z.number().int().positive().optional(),
});
export type TrainerUse = z.output<typeof used>;

/** What `training.variants` calls the artifact itself. */
export const MAIN_VARIANT = 'main';
export const VARIANT_NAME = /^[a-z0-9][a-z0-9-]{0,19}$/;

const artifact = z.object({
  path: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string().length(64) })).min(1),
});

const trained = z.object({
  mode: z.literal('train'),
  /** Relative to `output`: the artifact's directory and a digest for each file in it. */
  artifact,
  /** The same model in other shapes, such as distilled or quantised: judged where the policy names them in `variants`. */
  variants: z
    .array(
      z.object({
        name: z.string().regex(VARIANT_NAME),
        /** In a directory of its own. */
        artifact,
        metrics: z.record(z.string(), z.number()).default({}),
        outOfSample: rows.optional(),
        mlflowModelId: z.string().optional(),
      }),
    )
    .optional(),
  metrics: z.record(z.string(), z.number()).default({}),
  libraries: z.record(z.string(), z.string()).default({}),
  /**
   * Relative to `output`: Parquet with the id column and `score`, of training rows that the model did not learn from. Its
   * threshold of best F1 is found on them, for scorecards with `operatingPoint: { bestF1: training }`.
   */
  outOfSample: rows.optional(),
  /** How much the model rests on each feature, in any unit: weights of the share that has drifted. Below 0 counts as 0. */
  importances: z.record(z.string(), z.number()).optional(),
  stepsDone: z.number().int().min(0).default(0),
  resumedFrom: z.number().int().min(0).nullable().default(null),
  /** What the model is sent and answers; absent: the features and their types in the snapshot stand for it. */
  signature: signatureSchema.optional(),
  /** Set when the trainer logged several models to MLflow and one of them is the candidate. */
  mlflowModelId: z.string().optional(),
  seed: z.number().int().optional(),
  /** Advice on what to ask for next time rests on it. */
  used: used.optional(),
});
const predicted = z.object({
  mode: z.literal('predict'),
  /** Relative to `output`: Parquet with the id column and `score` (and `prediction` where a label is predicted), or `class` where the scorecard's task is multiclass. */
  predictions: rows,
});

const pulled = z.object({
  mode: z.literal('pull'),
  /** Relative to `output`: Parquet with the columns of the observations; each row goes to the UTC day of its time. */
  observations: z.array(rows).min(1),
  /** The same with the columns of the labels, each file below a folder `day=YYYY-MM-DD` of their observations. */
  labels: z.array(rows).default([]),
  sources: z.array(sourceSchema).default([]),
});

/** What a trainer writes to `result.json`; it must agree with the exit code. */
export const trainerResultSchema = z.discriminatedUnion('mode', [trained, predicted, pulled]);
export type TrainerResult = z.output<typeof trainerResultSchema>;
export type TrainedResult = Extract<TrainerResult, { mode: 'train' }>;
export type TrainedArtifact = z.output<typeof artifact>;
export type PredictedResult = Extract<TrainerResult, { mode: 'predict' }>;
export type PulledResult = Extract<TrainerResult, { mode: 'pull' }>;

/** Exit codes of the contract (sysexits) and whether another try can help. Everything else: trainer error, retried. */
export const EXIT_CODES = {
  0: { means: 'done', retry: false },
  64: { means: 'usage or contract', retry: false },
  65: { means: 'data invalid', retry: false },
  69: { means: 'dependency unavailable', retry: true },
  75: { means: 'temporary failure', retry: true },
  77: { means: 'permission denied', retry: false },
  78: { means: 'configuration', retry: false },
} as const;

/** `UNDERSTUDY_PROGRESS`: a file the trainer may append `{"step": 120, "of": 200}` lines to; shown as live progress. */
export const progressSchema = z.object({
  step: z.number().min(0),
  of: z.number().positive().optional(),
  note: z.string().optional(),
});
export type TrainingProgress = z.output<typeof progressSchema>;
