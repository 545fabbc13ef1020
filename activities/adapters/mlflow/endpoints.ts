import { z } from 'zod';

const pair = z.object({ key: z.string(), value: z.string().default('') });
/** MLflow leaves empty lists out; several of its lists of tags are objects for us. */
const pairs = z
  .array(pair)
  .default([])
  .transform((list): Record<string, string> => Object.fromEntries(list.map(({ key, value }) => [key, value])));

const experiment = z.object({ experiment_id: z.string(), lifecycle_stage: z.string().default('active') });
const run = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: z.string(),
    status: z.string().default('RUNNING'),
    start_time: z.coerce.number().default(0),
    artifact_uri: z.string().default(''),
  }),
  data: z.object({ tags: pairs, params: pairs }).prefault({}),
});
const loggedModel = z.object({
  info: z.object({
    model_id: z.string(),
    experiment_id: z.string(),
    artifact_uri: z.string().default(''),
    status: z.string().default(''),
    source_run_id: z.string().default(''),
    creation_timestamp_ms: z.coerce.number().default(0),
    tags: pairs,
  }),
});
const version = z.object({
  name: z.string(),
  version: z.string(),
  creation_timestamp: z.coerce.number().default(0),
  source: z.string().default(''),
  run_id: z.string().default(''),
  status: z.string().default('READY'),
  tags: pairs,
});
export type WireRun = z.output<typeof run>;
export type WireLoggedModel = z.output<typeof loggedModel>;
export type WireVersion = z.output<typeof version>;

const nothing = z.object({});
const page = { next_page_token: z.string().default('') };

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/2.0/mlflow/`; `{name}` is taken from the fields of the call, which keep it too. */
  readonly path: string;
  readonly required: readonly string[];
  /** `create`: a lost answer leaves an object behind, so the caller looks for its key first. */
  readonly repeat: 'safe' | 'create';
  readonly answer: z.ZodObject;
}

/** Every call that we make to MLflow, as data; a call that is not in the table cannot be written. */
export const ENDPOINTS = {
  experimentByName: {
    method: 'GET',
    path: 'experiments/get-by-name',
    required: ['experiment_name'],
    repeat: 'safe',
    answer: z.object({ experiment }),
  },
  createExperiment: {
    method: 'POST',
    path: 'experiments/create',
    required: ['name'],
    repeat: 'create',
    answer: z.object({ experiment_id: z.string() }),
  },
  createRun: {
    method: 'POST',
    path: 'runs/create',
    required: ['experiment_id', 'start_time', 'tags'],
    repeat: 'create',
    answer: z.object({ run }),
  },
  searchRuns: {
    method: 'POST',
    path: 'runs/search',
    required: ['experiment_ids', 'filter'],
    repeat: 'safe',
    answer: z.object({ runs: z.array(run).default([]), ...page }),
  },
  getRun: { method: 'GET', path: 'runs/get', required: ['run_id'], repeat: 'safe', answer: z.object({ run }) },
  updateRun: { method: 'POST', path: 'runs/update', required: ['run_id', 'status'], repeat: 'safe', answer: nothing },
  logBatch: { method: 'POST', path: 'runs/log-batch', required: ['run_id'], repeat: 'safe', answer: nothing },
  logInputs: {
    method: 'POST',
    path: 'runs/log-inputs',
    required: ['run_id', 'datasets'],
    repeat: 'safe',
    answer: nothing,
  },
  createLoggedModel: {
    method: 'POST',
    path: 'logged-models',
    required: ['experiment_id', 'source_run_id', 'tags'],
    repeat: 'create',
    answer: z.object({ model: loggedModel }),
  },
  finalizeLoggedModel: {
    method: 'PATCH',
    path: 'logged-models/{model_id}',
    required: ['model_id', 'status'],
    repeat: 'safe',
    answer: z.object({ model: loggedModel }),
  },
  getLoggedModel: {
    method: 'GET',
    path: 'logged-models/{model_id}',
    required: ['model_id'],
    repeat: 'safe',
    answer: z.object({ model: loggedModel }),
  },
  searchLoggedModels: {
    method: 'POST',
    path: 'logged-models/search',
    required: ['experiment_ids', 'filter'],
    repeat: 'safe',
    answer: z.object({ models: z.array(loggedModel).default([]), ...page }),
  },
  setLoggedModelTags: {
    method: 'PATCH',
    path: 'logged-models/{model_id}/tags',
    required: ['model_id', 'tags'],
    repeat: 'safe',
    answer: nothing,
  },
  createModel: {
    method: 'POST',
    path: 'registered-models/create',
    required: ['name'],
    repeat: 'create',
    answer: nothing,
  },
  getModel: {
    method: 'GET',
    path: 'registered-models/get',
    required: ['name'],
    repeat: 'safe',
    answer: z.object({
      // `latest_versions` never tells aliases; this list does.
      registered_model: z.object({
        name: z.string(),
        aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]),
        tags: pairs,
      }),
    }),
  },
  setModelTag: {
    method: 'POST',
    path: 'registered-models/set-tag',
    required: ['name', 'key', 'value'],
    repeat: 'safe',
    answer: nothing,
  },
  createVersion: {
    method: 'POST',
    path: 'model-versions/create',
    required: ['name', 'source', 'run_id', 'tags'],
    repeat: 'create',
    answer: z.object({ model_version: version }),
  },
  getVersion: {
    method: 'GET',
    path: 'model-versions/get',
    required: ['name', 'version'],
    repeat: 'safe',
    answer: z.object({ model_version: version }),
  },
  searchVersions: {
    method: 'GET',
    path: 'model-versions/search',
    required: ['filter'],
    repeat: 'safe',
    answer: z.object({ model_versions: z.array(version).default([]), ...page }),
  },
  setVersionTag: {
    method: 'POST',
    path: 'model-versions/set-tag',
    required: ['name', 'version', 'key', 'value'],
    repeat: 'safe',
    answer: nothing,
  },
  setAlias: {
    method: 'POST',
    path: 'registered-models/alias',
    required: ['name', 'alias', 'version'],
    repeat: 'safe',
    answer: nothing,
  },
  deleteAlias: {
    method: 'DELETE',
    path: 'registered-models/alias',
    required: ['name', 'alias'],
    repeat: 'safe',
    answer: nothing,
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;
export type Answer<N extends EndpointName> = z.output<(typeof ENDPOINTS)[N]['answer']>;
