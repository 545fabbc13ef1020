import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactDigest, fileDigest } from '../../artifact.ts';
import type { ArtifactFile } from '../../artifact.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { RegisterVersion } from '../../ports/model-registry.ts';
import type { MlflowClient } from './client.ts';
import type { WireLoggedModel, WireRun } from './endpoints.ts';
import { DUPLICATE_TAG, KEY_TAG, ensureOne, hasKey, quoted } from './keyed.ts';

/** What a version points at. */
export interface Source {
  readonly source: string;
  /** Set for `models:/…` sources, which MLflow accepts with it only. */
  readonly model_id?: string;
}

/**
 * The model that the trainer logged to the run, the one it named, or else its artifact directory, uploaded. Several
 * logged models and none named is `trainer-contradiction`: we do not choose. Servers before MLflow 3 have no logged
 * models; there the directory goes to the run's own artifacts.
 */
export async function findSource(client: MlflowClient, request: RegisterVersion, run: WireRun): Promise<Source> {
  if (request.mlflowModelId !== undefined) return await namedModel(client, request.mlflowModelId, request.runId);
  let models: readonly WireLoggedModel[];
  try {
    models = await modelsOfRun(client, run);
  } catch (error) {
    if (!(error instanceof PortFailure) || error.code !== 'unsupported') throw error;
    return await uploadToRun(client, request, run);
  }
  const logged = models.filter(({ info }) => !(KEY_TAG in info.tags) && info.status === 'LOGGED_MODEL_READY');
  if (logged.length > 1) {
    throw new PortFailure(
      'trainer-contradiction',
      `the trainer logged ${logged.length} models to run ${request.runId}` +
        ` (${logged.map(({ info }) => info.model_id).join(', ')}); expected result.json to name one as mlflowModelId`,
    );
  }
  return logged[0] ? sourceOf(logged[0]) : sourceOf(await uploadModel(client, request, run));
}

async function namedModel(client: MlflowClient, modelId: string, runId: string): Promise<Source> {
  const { model } = await client.call('getLoggedModel', { model_id: modelId });
  if (model.info.source_run_id === runId) return sourceOf(model);
  throw new PortFailure(
    'trainer-contradiction',
    `result.json names the logged model ${modelId} of run ${model.info.source_run_id || 'none'}; expected one of ${runId}`,
  );
}

async function modelsOfRun(client: MlflowClient, { info }: WireRun): Promise<readonly WireLoggedModel[]> {
  const filter = `source_run_id = ${quoted(info.run_id)}`;
  return (await client.call('searchLoggedModels', { experiment_ids: [info.experiment_id], filter })).models;
}

async function uploadModel(client: MlflowClient, request: RegisterVersion, run: WireRun): Promise<WireLoggedModel> {
  const files = await proveFiles(request);
  const { experiment_id } = run.info;
  const model = await ensureOne(`a logged model for ${request.key}`, {
    search: async () =>
      (await client.call('searchLoggedModels', { experiment_ids: [experiment_id], filter: hasKey(request.key) }))
        .models,
    create: async () =>
      await client.call('createLoggedModel', {
        experiment_id,
        name: 'artifact',
        source_run_id: request.runId,
        tags: [{ key: KEY_TAG, value: request.key }],
      }),
    order: ({ info: a }, { info: b }) =>
      a.creation_timestamp_ms - b.creation_timestamp_ms || (a.model_id < b.model_id ? -1 : 1),
    isMarked: (extra) => DUPLICATE_TAG in extra.info.tags,
    mark: async (extra, kept) =>
      await client.call('setLoggedModelTags', {
        model_id: extra.info.model_id,
        tags: [{ key: DUPLICATE_TAG, value: kept.info.model_id }],
      }),
  });
  const { model_id, status, artifact_uri } = model.info;
  if (status === 'LOGGED_MODEL_READY') return model;
  await putFiles(client, request, files, artifact_uri);
  // Any other word than this one is answered 200 and stored as "unspecified".
  return (await client.call('finalizeLoggedModel', { model_id, status: 'LOGGED_MODEL_READY' })).model;
}

async function uploadToRun(client: MlflowClient, request: RegisterVersion, run: WireRun): Promise<Source> {
  const folder = `artifact-${request.record.artifactDigest ?? ''}`;
  await putFiles(client, request, await proveFiles(request), `${run.info.artifact_uri}/${folder}`);
  return { source: `runs:/${request.runId}/${folder}` };
}

async function putFiles(
  client: MlflowClient,
  request: RegisterVersion,
  files: readonly ArtifactFile[],
  address: string,
): Promise<void> {
  const root = servedPath(address);
  for (const { path } of files) {
    await client.putArtifact(`${root}/${path}`, join(request.artifact.directory, path));
  }
}

/** `mlflow-artifacts:/1/models/m-1/artifacts` is served by MLflow itself under that path. */
function servedPath(address: string): string {
  const path = /^mlflow-artifacts:\/+(?:[^/]+:\d+\/)?(.+)$/.exec(address)?.[1];
  if (path !== undefined) return path;
  throw new PortFailure(
    'unsupported',
    `MLflow stores artifacts at ${address}, which cannot be written through it; start it with --serve-artifacts, or let` +
      ' the trainer log its model itself',
  );
}

/** What is registered is what was judged: every file still has its digest, and together they have the artifact's. */
async function proveFiles({ artifact, record }: RegisterVersion): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for (const { path, sha256 } of artifact.files) {
    const file = join(artifact.directory, path);
    const found = await fileDigest(file).catch((cause: unknown) => {
      throw new PortFailure('artifact-changed', `the artifact's file ${file} cannot be read`, { cause });
    });
    if (found !== sha256) throw new PortFailure('artifact-changed', `${file} has SHA-256 ${found}, expected ${sha256}`);
    files.push({ path, sha256, bytes: (await stat(file)).size });
  }
  const digest = artifactDigest(files);
  if (digest === record.artifactDigest) return files;
  throw new PortFailure(
    'artifact-changed',
    `the ${files.length} files of the artifact have the digest ${digest}, the record says ${record.artifactDigest}`,
  );
}

function sourceOf({ info }: WireLoggedModel): Source {
  return { source: `models:/${info.model_id}`, model_id: info.model_id };
}
