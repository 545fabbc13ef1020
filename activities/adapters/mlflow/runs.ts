import { PortFailure } from '../../ports/port-failure.ts';
import type { OpenRun, TrackingRun } from '../../ports/model-registry.ts';
import type { MlflowClient } from './client.ts';
import { alreadyExists, isNotFound } from './errors.ts';
import { DUPLICATE_TAG, KEY_TAG, ensureOne, hasKey } from './keyed.ts';
import { paramPairs, tagPairs } from './tags.ts';
import type { Pair } from './tags.ts';

/** MLflow takes 36 characters; the whole digest is in the source and in a tag of the run. */
const DIGEST_LENGTH = 32;
const BATCH = 100;

/** The id of the experiment, made when absent. A deleted one is told, not restored: somebody deleted it. */
export async function ensureExperiment(client: MlflowClient, name: string): Promise<string> {
  try {
    return await activeExperiment(client, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    return (await client.call('createExperiment', { name })).experiment_id;
  } catch (error) {
    if (alreadyExists(error)) return await activeExperiment(client, name);
    throw error;
  }
}

async function activeExperiment(client: MlflowClient, name: string): Promise<string> {
  const { experiment } = await client.call('experimentByName', { experiment_name: name });
  if (experiment.lifecycle_stage === 'active') return experiment.experiment_id;
  throw new PortFailure(
    'bad-request',
    `the MLflow experiment ${name} is ${experiment.lifecycle_stage}; restore it (mlflow experiments restore ` +
      `--experiment-id ${experiment.experiment_id}) or set mlflow.experiment to another name`,
  );
}

/** One run for each key, with params and the dataset logged before the trainer sees it. */
export async function openRun(client: MlflowClient, experiment: string, request: OpenRun): Promise<TrackingRun> {
  const params = paramPairs(request.params);
  const { dataset } = request;
  const tags = tagPairs({ ...request.tags, 'understudy.snapshot_digest': dataset.digest, [KEY_TAG]: request.key });
  const experimentId = await ensureExperiment(client, experiment);
  const { info } = await ensureOne(`a run for ${request.key}`, {
    search: async () =>
      (await client.call('searchRuns', { experiment_ids: [experimentId], filter: hasKey(request.key) })).runs,
    create: async () =>
      await client.call('createRun', {
        experiment_id: experimentId,
        run_name: request.name,
        // Without it MLflow says 0, which is 1970 to whoever reads the list.
        start_time: request.startedAtMs,
        tags,
      }),
    order: (a, b) => a.info.start_time - b.info.start_time || (a.info.run_id < b.info.run_id ? -1 : 1),
    isMarked: (extra) => DUPLICATE_TAG in extra.data.tags,
    mark: async (extra, kept) =>
      await client.call('logBatch', {
        run_id: extra.info.run_id,
        tags: [{ key: DUPLICATE_TAG, value: kept.info.run_id }],
      }),
  });
  for (const some of batches(params)) await client.call('logBatch', { run_id: info.run_id, params: some });
  await logDataset(client, info.run_id, dataset);
  return {
    runId: info.run_id,
    experimentId,
    environment: {
      MLFLOW_TRACKING_URI: client.uri,
      MLFLOW_EXPERIMENT_ID: experimentId,
      MLFLOW_RUN_ID: info.run_id,
    },
  };
}

async function logDataset(client: MlflowClient, runId: string, dataset: OpenRun['dataset']): Promise<void> {
  const entry = {
    name: dataset.name,
    digest: dataset.digest.slice(0, DIGEST_LENGTH),
    source_type: 'understudy',
    source: JSON.stringify({ uri: dataset.source, sha256: dataset.digest }),
  };
  const tags = [{ key: 'mlflow.data.context', value: 'training' }];
  await client.call('logInputs', { run_id: runId, datasets: [{ dataset: entry, tags }] });
}

/** The last word on a run: a trainer may have ended it itself, or been killed and left it running. */
export async function closeRun(
  client: MlflowClient,
  runId: string,
  status: 'FINISHED' | 'FAILED' | 'KILLED',
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  for (const some of batches(tagPairs(tags))) await client.call('logBatch', { run_id: runId, tags: some });
  await client.call('updateRun', { run_id: runId, status, end_time: Date.now() });
}

function batches(pairs: readonly Pair[]): Pair[][] {
  const count = Math.ceil(pairs.length / BATCH);
  return Array.from({ length: count }, (_, index) => pairs.slice(index * BATCH, (index + 1) * BATCH));
}
