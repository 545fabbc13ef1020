import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { mlflowServer } from '../../../servers.ts';
import { restOf } from './rest.ts';
import type { Rest } from './rest.ts';

/** What the adapter relies on, said by the server itself: the first to fail when MLflow changes. */
let rest: Rest;
let experiment: string;
let runId: string;
beforeAll(async () => {
  rest = restOf((await mlflowServer()).uri);
  const made = await rest.send('POST', 'experiments/create', { name: `wire-${randomUUID()}` });
  experiment = (made.json as { experiment_id: string }).experiment_id;
  runId = await newRun();
}, 120_000);

async function newRun(tags: readonly { key: string; value: string }[] = []): Promise<string> {
  const made = await rest.send('POST', 'runs/create', { experiment_id: experiment, start_time: 1, tags });
  return (made.json as { run: { info: { run_id: string } } }).run.info.run_id;
}

async function newModel(): Promise<string> {
  const name = `wire-${randomUUID()}`;
  await rest.send('POST', 'registered-models/create', { name });
  return name;
}

async function newVersion(): Promise<string> {
  const name = await newModel();
  await rest.send('POST', 'model-versions/create', { name, source: `runs:/${runId}/model`, run_id: runId });
  return name;
}

describe('what is missing', () => {
  test('a missing alias is 400, a missing model 404', async () => {
    const name = await newModel();
    const alias = await rest.get('registered-models/alias', { name, alias: 'champion' });
    expect(alias).toMatchObject({
      status: 400,
      json: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(/alias champion not found/) },
    });
    expect(await rest.get('registered-models/get', { name: `${name}-no` })).toMatchObject({
      status: 404,
      json: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
  });

  test('a search without hits answers an empty object', async () => {
    const filter = "tags.`understudy.idempotency_key` = 'nobody'";
    expect((await rest.send('POST', 'runs/search', { experiment_ids: [experiment], filter })).json).toEqual({});
    expect((await rest.get('model-versions/search', { filter: "name = 'nobody'" })).json).toEqual({});
  });

  test('deleting an alias that is not there is 200, and DELETE wants its fields in the body', async () => {
    const name = await newModel();
    expect(await rest.send('DELETE', 'registered-models/alias', { name, alias: 'x' })).toMatchObject({ status: 200 });
    expect(await rest.send('DELETE', `registered-models/alias?name=${name}&alias=x`, {})).toMatchObject({
      status: 400,
    });
  });

  test('an unknown path is 404 with a page, not with JSON', async () => {
    const answer = await rest.get('no/such/route');
    expect(answer).toMatchObject({ status: 404, json: undefined });
    expect(answer.type).toContain('html');
  });
});

describe('what exists already', () => {
  test('a taken name is 400 with its own word', async () => {
    const name = await newModel();
    expect(await rest.send('POST', 'registered-models/create', { name })).toMatchObject({
      status: 400,
      json: { error_code: 'RESOURCE_ALREADY_EXISTS' },
    });
  });

  test('a deleted experiment is still found by its name', async () => {
    const name = `wire-${randomUUID()}`;
    const made = await rest.send('POST', 'experiments/create', { name });
    await rest.send('POST', 'experiments/delete', made.json);
    expect((await rest.get('experiments/get-by-name', { experiment_name: name })).json).toMatchObject({
      experiment: { lifecycle_stage: 'deleted' },
    });
  });

  test('nothing keeps two runs from carrying one key', async () => {
    const tags = [{ key: 'understudy.idempotency_key', value: `twice/${randomUUID()}` }];
    expect(await newRun(tags)).not.toBe(await newRun(tags));
  });

  test('an alias is overwritten without a word', async () => {
    const name = await newVersion();
    await rest.send('POST', 'model-versions/create', { name, source: `runs:/${runId}/model`, run_id: runId });
    for (const version of ['1', '2']) {
      expect(await rest.send('POST', 'registered-models/alias', { name, alias: 'champion', version })).toMatchObject({
        status: 200,
      });
    }
    expect((await rest.get('registered-models/get', { name })).json).toMatchObject({
      registered_model: { aliases: [{ alias: 'champion', version: '2' }] },
    });
  });
});

describe('what is taken without complaint', () => {
  test('a bare NaN is stored as 0', async () => {
    const body = `{"run_id":"${runId}","metrics":[{"key":"nan","value":NaN,"timestamp":1,"step":1}]}`;
    expect(await rest.send('POST', 'runs/log-batch', body)).toMatchObject({ status: 200 });
    const run = await rest.get('runs/get', { run_id: runId });
    expect(run.json).toMatchObject({
      run: { data: { metrics: expect.arrayContaining([expect.objectContaining({ key: 'nan', value: 0 })]) } },
    });
  });

  test('a long param and a long tag of a run are cut silently', async () => {
    const [id, long] = [await newRun(), 'x'.repeat(9_000)];
    const pair = [{ key: 'long', value: long }];
    expect(await rest.send('POST', 'runs/log-batch', { run_id: id, params: pair, tags: pair })).toMatchObject({
      status: 200,
    });
    const { run } = (await rest.get('runs/get', { run_id: id })).json as {
      run: { data: { params: { value: string }[]; tags: { key: string; value: string }[] } };
    };
    expect(run.data.params[0]?.value).toHaveLength(6_000);
    expect(run.data.tags.find(({ key }) => key === 'long')?.value).toHaveLength(8_000);
  });

  test('an unknown status of a run and of a logged model is answered 200', async () => {
    expect(await rest.send('POST', 'runs/update', { run_id: runId, status: 'DONE' })).toMatchObject({ status: 200 });
    const made = await rest.send('POST', 'logged-models', { experiment_id: experiment, source_run_id: runId });
    const { model_id } = (made.json as { model: { info: { model_id: string } } }).model.info;
    const patched = await rest.send('PATCH', `logged-models/${model_id}`, { model_id, status: 'READY' });
    expect(patched).toMatchObject({
      status: 200,
      json: { model: { info: { status: 'LOGGED_MODEL_STATUS_UNSPECIFIED' } } },
    });
  });

  test('the same dataset logged twice keeps its first source', async () => {
    const id = await newRun();
    const log = async (source: string) =>
      await rest.send('POST', 'runs/log-inputs', {
        run_id: id,
        datasets: [{ dataset: { name: `d-${id}`, digest: 'a', source_type: 'understudy', source } }],
      });
    expect([(await log('first')).status, (await log('second')).status]).toEqual([200, 200]);
    expect((await rest.get('runs/get', { run_id: id })).json).toMatchObject({
      run: { inputs: { dataset_inputs: [{ dataset: { source: 'first' } }] } },
    });
  });
});

describe('what is refused', () => {
  test('a dataset digest of 64 characters', async () => {
    const dataset = { name: 'd', digest: 'a'.repeat(64), source_type: 'understudy', source: 's' };
    expect(await rest.send('POST', 'runs/log-inputs', { run_id: runId, datasets: [{ dataset }] })).toMatchObject({
      status: 400,
    });
  });

  test('a version as a number', async () => {
    const name = await newVersion();
    const body = { name, alias: 'champion', version: 1 };
    expect(await rest.send('POST', 'registered-models/alias', body)).toMatchObject({ status: 400 });
  });

  test('a models:/ source without model_id, and a local path', async () => {
    const name = await newModel();
    for (const source of ['models:/m-0123', '/etc/passwd', 'file:///etc/passwd']) {
      expect(await rest.send('POST', 'model-versions/create', { name, source, run_id: runId })).toMatchObject({
        status: 400,
      });
    }
  });

  test('a param that is logged again with another value', async () => {
    const id = await newRun();
    const log = async (value: string) =>
      await rest.send('POST', 'runs/log-batch', { run_id: id, params: [{ key: 'lr', value }] });
    expect([(await log('1')).status, (await log('1')).status, (await log('2')).status]).toEqual([200, 200, 400]);
  });
});

describe('filters', () => {
  test('a value in double quotes may hold a single one', async () => {
    const value = `it's/${randomUUID()}`;
    const id = await newRun([{ key: 'understudy.idempotency_key', value }]);
    const filter = `tags.\`understudy.idempotency_key\` = "${value}"`;
    expect((await rest.send('POST', 'runs/search', { experiment_ids: [experiment], filter })).json).toMatchObject({
      runs: [{ info: { run_id: id } }],
    });
  });

  test('logged models are found by the run that made them', async () => {
    const id = await newRun();
    const made = await rest.send('POST', 'logged-models', { experiment_id: experiment, source_run_id: id });
    const filter = `source_run_id = '${id}'`;
    const found = await rest.send('POST', 'logged-models/search', { experiment_ids: [experiment], filter });
    expect(found.json).toMatchObject({ models: [(made.json as { model: unknown }).model] });
  });
});
