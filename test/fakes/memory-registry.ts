import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactDigest, fileDigest } from '../../activities/artifact.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type {
  FourFields,
  ModelRegistry,
  OpenRun,
  RegisterVersion,
  RegisteredVersion,
  TrackingRun,
} from '../../activities/ports/model-registry.ts';

interface Run {
  readonly answer: TrackingRun;
  readonly request: OpenRun;
  status: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';
  tags: Record<string, string>;
}

interface Model {
  readonly versions: { version: RegisteredVersion; readonly key: string }[];
  readonly aliases: Map<string, string>;
  tags: Record<string, string>;
}

export interface MemoryRegistry extends ModelRegistry {
  run(runId: string): Run | undefined;
  modelTags(model: string): Readonly<Record<string, string>>;
  /** Moves the pointer behind everybody's back, as a person in the registry's own pages does. */
  meddle(model: string, alias: string, version: string): void;
}

const FIELDS: Readonly<Record<keyof FourFields, readonly [tag: string, called: string]>> = {
  paramsDigest: ['understudy.params_digest', 'params'],
  datasetDigest: ['understudy.snapshot_digest', 'dataset version'],
  environmentHash: ['understudy.environment_hash', 'environment hash'],
  artifactDigest: ['understudy.artifact_digest', 'artifact digest'],
};

/** The port in memory. It passes the contract of the port. */
export function createMemoryRegistry(): MemoryRegistry {
  const runs = new Map<string, Run>();
  const models = new Map<string, Model>();
  const find = (model: string, version: string) =>
    models.get(model)?.versions.find((one) => one.version.version === version);
  const found = (model: string, version: string) => {
    const one = find(model, version);
    if (one) return one;
    throw new PortFailure('not-found', `there is no version ${version} of ${model}`);
  };
  return {
    run: (runId) => runs.get(runId),
    modelTags: (model) => models.get(model)?.tags ?? {},
    meddle: (model, alias, version) => void models.get(model)?.aliases.set(alias, version),
    openRun: async (request) => {
      const known = [...runs.values()].find((run) => run.request.key === request.key);
      if (known) return known.answer;
      const runId = `run-${runs.size + 1}`;
      const environment = { MLFLOW_TRACKING_URI: 'memory:', MLFLOW_EXPERIMENT_ID: '1', MLFLOW_RUN_ID: runId };
      const answer = { runId, experimentId: '1', environment };
      runs.set(runId, { answer, request, status: 'RUNNING', tags: { ...request.tags } });
      return answer;
    },
    closeRun: async (runId, status, tags) => {
      const run = runs.get(runId);
      if (!run) throw new PortFailure('not-found', `there is no run ${runId}`);
      run.status = status;
      Object.assign(run.tags, checkTags(tags));
    },
    register: async (request) => {
      const record = completeRecord(request);
      checkTags(request.tags);
      if (!runs.has(request.runId)) throw new PortFailure('not-found', `there is no run ${request.runId}`);
      await proveFiles(request, record);
      const model = models.get(request.model) ?? { versions: [], aliases: new Map<string, string>(), tags: {} };
      models.set(request.model, model);
      const known = model.versions.find(({ key }) => key === request.key);
      if (known) return adopt(known.version, request, record);
      const version = versionOf(request, record, model.versions.length + 1);
      model.versions.push({ version, key: request.key });
      return version;
    },
    version: async (model, version) => find(model, version)?.version,
    aliases: async (model) => Object.fromEntries(models.get(model)?.aliases ?? []),
    setAlias: async (model, alias, version) => {
      found(model, version);
      models.get(model)?.aliases.set(alias, version);
    },
    removeAlias: async (model, alias) => void models.get(model)?.aliases.delete(alias),
    setVersionTags: async (model, version, tags) => {
      const one = found(model, version);
      one.version = { ...one.version, tags: { ...one.version.tags, ...checkTags(tags) } };
    },
    setModelTags: async (name, tags) => {
      const model = models.get(name);
      if (!model) throw new PortFailure('not-found', `there is no model ${name}`);
      Object.assign(model.tags, checkTags(tags));
    },
  };
}

function completeRecord({ model, record }: RegisterVersion): FourFields {
  const missing = Object.entries(FIELDS)
    .filter(([field]) => !record[field as keyof FourFields])
    .map(([, [, called]]) => called);
  if (missing.length === 0) return record as FourFields;
  throw new PortFailure('record-incomplete', `${model} is not registered: its record has no ${missing.join(', no ')}`);
}

async function proveFiles({ artifact }: RegisterVersion, record: FourFields): Promise<void> {
  const files = await Promise.all(
    artifact.files.map(async ({ path }) => {
      const file = join(artifact.directory, path);
      return { path, sha256: await fileDigest(file), bytes: (await stat(file)).size };
    }),
  );
  if (artifactDigest(files) === record.artifactDigest) return;
  throw new PortFailure('artifact-changed', `the files in ${artifact.directory} are not those of the record`);
}

function adopt(known: RegisteredVersion, request: RegisterVersion, record: FourFields): RegisteredVersion {
  if (known.artifactDigest === record.artifactDigest && known.runId === request.runId) return known;
  throw new PortFailure('registry-conflict', `version ${known.version} of ${known.model} holds another artifact`);
}

function versionOf(request: RegisterVersion, record: FourFields, number: number): RegisteredVersion {
  const fields = Object.entries(FIELDS).map(([field, [tag]]) => [tag, record[field as keyof FourFields]]);
  return {
    model: request.model,
    version: String(number),
    artifactDigest: record.artifactDigest,
    source: `memory:${request.artifact.directory}`,
    runId: request.runId,
    ready: true,
    tags: { ...request.tags, ...Object.fromEntries(fields), 'understudy.idempotency_key': request.key },
    createdAt: new Date().toISOString(),
  };
}

function checkTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const long = Object.keys(tags).find((key) => (tags[key] ?? '').length > 5_000);
  if (long === undefined) return tags;
  throw new PortFailure('bad-request', `the tag ${long} has more than 5000 characters`);
}
