import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import type { MlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import { requestFor, runFor } from '../../../contracts/model-registry.ts';
import { mlflowServer } from '../../../servers.ts';
import { restOf } from './rest.ts';
import type { Rest } from './rest.ts';

let uri: string;
let rest: Rest;
let registry: MlflowRegistry;
let root: string;
const experiment = `registry-${randomUUID()}`;
beforeAll(async () => {
  ({ uri } = await mlflowServer());
  rest = restOf(uri);
  registry = createMlflowRegistry({ uri, experiment });
  root = await mkdtemp(join(tmpdir(), 'mlflow-registry-'));
}, 120_000);
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const newRun = async (model = `model-${randomUUID()}`) => {
  const request = runFor(model, `${randomUUID()}/training/0`);
  return { model, request, ...(await registry.openRun(request)) };
};

/** A model as a trainer logs it: in the run, ready. */
async function logModel(run: { runId: string; experimentId: string }): Promise<string> {
  const body = { experiment_id: run.experimentId, source_run_id: run.runId, name: 'model' };
  const made = (await rest.send('POST', 'logged-models', body)).json;
  const { model_id } = (made as { model: { info: { model_id: string } } }).model.info;
  await rest.send('PATCH', `logged-models/${model_id}`, { model_id, status: 'LOGGED_MODEL_READY' });
  return model_id;
}

describe('an opened run', () => {
  test('TN6: holds params, dataset, start and tags before the trainer begins', async () => {
    const { runId, request } = await newRun();
    const { digest } = request.dataset;
    const { run } = (await rest.get('runs/get', { run_id: runId })).json as { run: unknown };
    expect(run).toMatchObject({
      info: { status: 'RUNNING', start_time: request.startedAtMs, run_name: request.name },
      data: {
        params: expect.arrayContaining([{ key: 'num_leaves', value: '31' }]),
        tags: expect.arrayContaining([
          { key: 'understudy.snapshot_digest', value: digest },
          { key: 'understudy.idempotency_key', value: request.key },
        ]),
      },
      inputs: {
        dataset_inputs: [
          {
            dataset: {
              name: request.dataset.name,
              digest: digest.slice(0, 32),
              source: JSON.stringify({ uri: request.dataset.source, sha256: digest }),
            },
          },
        ],
      },
    });
  });

  test('more params than one call may carry are all logged', async () => {
    const params = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, String(index)]));
    const { runId } = await registry.openRun({ ...runFor('many', `${randomUUID()}/training/0`), params });
    const { run } = (await rest.get('runs/get', { run_id: runId })).json as { run: { data: { params: unknown[] } } };
    expect(run.data.params).toHaveLength(250);
  });

  test('a param that MLflow would cut is refused before a run is made', async () => {
    const key = `${randomUUID()}/training/0`;
    const long = { ...runFor('long', key), params: { prompt: 'x'.repeat(6_001) } };
    await expect(registry.openRun(long)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('prompt'),
    });
  });

  test('is closed as we say, although the trainer ended it otherwise', async () => {
    const { runId } = await newRun();
    await rest.send('POST', 'runs/update', { run_id: runId, status: 'FAILED', end_time: 5 });
    await registry.closeRun(runId, 'FINISHED', { 'understudy.outcome': 'trained' });
    expect((await rest.get('runs/get', { run_id: runId })).json).toMatchObject({
      run: {
        info: { status: 'FINISHED' },
        data: { tags: expect.arrayContaining([{ key: 'understudy.outcome', value: 'trained' }]) },
      },
    });
  });

  test('a deleted experiment is not revived: the message says how to', async () => {
    const name = `deleted-${randomUUID()}`;
    const made = await rest.send('POST', 'experiments/create', { name });
    await rest.send('POST', 'experiments/delete', made.json);
    const other = createMlflowRegistry({ uri, experiment: name });
    await expect(other.openRun(runFor('m', randomUUID()))).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('mlflow experiments restore'),
    });
  });

  test('the trainer gets what the operator grants it, and not our credentials', async () => {
    const guarded = createMlflowRegistry({
      uri,
      experiment,
      token: 'ours',
      trainerEnvironment: { MLFLOW_TRACKING_TOKEN: 'theirs' },
    });
    const { environment } = await guarded.openRun(runFor('m', randomUUID()));
    expect(environment).toMatchObject({ MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: 'theirs' });
    expect(JSON.stringify(environment)).not.toContain('ours');
  });
});

describe('what a version points at', () => {
  test('RG6: a directory of random bytes is uploaded byte for byte', async () => {
    const { model, runId } = await newRun();
    const request = await requestFor(model, runId, { root });
    const { source } = await registry.register(request);
    expect(source).toMatch(/^models:\/m-[0-9a-f]+$/);
    const { artifact_uri } = (await rest.get('model-versions/get-download-uri', { name: model, version: '1' }))
      .json as { artifact_uri: string };
    for (const { path } of request.artifact.files) {
      const address = artifact_uri.replace('mlflow-artifacts:', `${uri}/api/2.0/mlflow-artifacts/artifacts`);
      const served = await fetch(`${address}/${encodeURI(path)}`);
      const held = await readFile(join(request.artifact.directory, path));
      expect(Buffer.from(await served.arrayBuffer()).equals(held)).toBe(true);
    }
  });

  test('RG1: the one model that the trainer logged is registered, and nothing is uploaded', async () => {
    const run = await newRun();
    const modelId = await logModel(run);
    const version = await registry.register(await requestFor(run.model, run.runId, { root }));
    expect(version.source).toBe(`models:/${modelId}`);
  });

  test('of several logged models the trainer must name one', async () => {
    const run = await newRun();
    const [first, second] = [await logModel(run), await logModel(run)];
    const request = await requestFor(run.model, run.runId, { root });
    await expect(registry.register(request)).rejects.toMatchObject({
      code: 'trainer-contradiction',
      message: expect.stringContaining(first),
    });
    const named = await registry.register({ ...request, mlflowModelId: second });
    expect(named.source).toBe(`models:/${second}`);
  });

  test('a model that another run logged is not this candidate', async () => {
    const [run, other] = [await newRun(), await newRun()];
    const request = await requestFor(run.model, run.runId, { root });
    const mlflowModelId = await logModel(other);
    await expect(registry.register({ ...request, mlflowModelId })).rejects.toMatchObject({
      code: 'trainer-contradiction',
    });
    await expect(registry.register({ ...request, mlflowModelId: 'm-none' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('a logged model that the trainer did not finish does not count', async () => {
    const run = await newRun();
    const body = { experiment_id: run.experimentId, source_run_id: run.runId, name: 'half' };
    await rest.send('POST', 'logged-models', body);
    const request = await requestFor(run.model, run.runId, { root });
    const { source } = await registry.register(request);
    expect(source).toMatch(/^models:\/m-/);
    expect((await registry.register(request)).source).toBe(source);
  });

  test('RP5: a file whose size and digest the record does not cover is refused', async () => {
    const run = await newRun();
    const request = await requestFor(run.model, run.runId, { root });
    const files = request.artifact.files.slice(0, 1);
    const fewer = { ...request, artifact: { ...request.artifact, files } };
    await expect(registry.register(fewer)).rejects.toMatchObject({ code: 'artifact-changed' });
  });
});

describe('probe', () => {
  test('names the version of the server', async () => {
    expect(await registry.probe()).toEqual({ version: expect.stringMatching(/^3\.\d+/) });
  });

  test('an address where nobody listens is unavailable', async () => {
    const nobody = createMlflowRegistry({ uri: 'http://127.0.0.1:9', experiment });
    await expect(nobody.probe()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('http://127.0.0.1:9'),
    });
  });

  test('an address with a wrong prefix is told apart from "no champion"', async () => {
    const astray = createMlflowRegistry({ uri: `${uri}/mlflow`, experiment });
    await expect(astray.aliases('flights')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('path prefix'),
    });
  });
});
