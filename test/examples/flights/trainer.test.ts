import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pointerSchema } from '../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import {
  progressSchema,
  trainerResultSchema,
  type PredictedResult,
  type TrainedResult,
  type TrainerSpec,
} from '../../../scorecards/contracts/trainer.ts';
import { eventually } from '../../eventually.ts';
import { mlflowServer } from '../../servers.ts';
import { query, runTrainer, smallSnapshot, start, temporaryFolder, trainedArtifact, trainerSpec } from './python.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let train: string;
let holdout: string;
let artifact: string;
const within = (name: string) => join(folder.path, name);
const text = async (path: string) => readFile(path, 'utf8');
const digest = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

beforeAll(async () => {
  folder = await temporaryFolder();
  ({ train, holdout } = await smallSnapshot(folder.path));
  artifact = await trainedArtifact(folder.path, train);
}, 60_000);
afterAll(async () => folder.remove());

async function resultOf(spec: TrainerSpec) {
  return trainerResultSchema.parse(JSON.parse(await text(join(spec.output, 'result.json'))));
}

describe('train', () => {
  test('TN1: answers with an artifact of which every file has its digest', async () => {
    const result = (await resultOf(
      await trainerSpec(train, { mode: 'train', output: within('trained') }),
    )) as TrainedResult;
    expect(result).toMatchObject({ stepsDone: 40, resumedFrom: null, seed: 7 });
    expect(result.artifact.files.map(({ path }) => path)).toEqual(['encoders.json', 'model.txt']);
    const found = await Promise.all(result.artifact.files.map(async ({ path }) => digest(join(artifact, path))));
    expect(result.artifact.files.map(({ sha256 }) => sha256)).toEqual(found);
    expect(Object.keys(result.libraries)).toEqual(['lightgbm', 'numpy', 'pyarrow']);
    expect(result.metrics['train_auc']).toBeGreaterThan(0.7);
  });

  test('gives the same bytes for the same spec, and others for another parameter', async () => {
    const same = await trainerSpec(train, { mode: 'train', output: within('same') });
    const other = await trainerSpec(train, {
      mode: 'train',
      output: within('other'),
      params: { trees: 40, num_leaves: 7 },
    });
    expect(await Promise.all([runTrainer(same), runTrainer(other)])).toMatchObject([{ code: 0 }, { code: 0 }]);
    const model = (spec: TrainerSpec) => digest(join(spec.output, 'artifact', 'model.txt'));
    expect(await model(same)).toBe(await digest(join(artifact, 'model.txt')));
    expect(await model(other)).not.toBe(await model(same));
  });

  test('learns the late rates of airports from the training rows only', async () => {
    const encoders = JSON.parse(await text(join(artifact, 'encoders.json')));
    const [expected] = await query(
      `select (sum(late) filter (origin = 'ORD') + 50 * avg(late)) / (count(*) filter (origin = 'ORD') + 50) as ord from '${train}'`,
    );
    expect(encoders.origin.ORD).toBeCloseTo(Number(expected?.['ord']), 12);
  });

  test('told to stop, keeps what it has learnt, and goes on from what a cluster brings into its next pod', async () => {
    const progress = within('progress.jsonl');
    const environment = { UNDERSTUDY_CHECKPOINTS: within('checkpoints'), UNDERSTUDY_PROGRESS: progress };
    const spec = await trainerSpec(train, { mode: 'train', output: within('resumed'), params: { trees: 1500 } });
    await writeFile(progress, '');
    const first = await start(['train.py'], spec, environment);
    await eventually(
      async () => text(progress),
      (lines) => lines !== '',
    );
    first.child.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 75, stderr: expect.stringMatching(/\d+ of 1500 trees are saved/) });

    const pointer = pointerSchema.parse(JSON.parse(await text(join(within('checkpoints'), 'latest'))));
    const { step } = pointer;
    expect(step).toBeGreaterThan(0);
    await mkdir(within('next-pod'));
    await writeFile(within('next-pod/latest'), JSON.stringify(pointer));
    await copyFile(join(within('checkpoints'), pointer.path), join(within('next-pod'), pointer.path));
    const next = { ...environment, UNDERSTUDY_CHECKPOINTS: within('next-pod') };
    expect(await runTrainer(spec, next)).toMatchObject({ code: 0 });
    expect(await resultOf(spec)).toMatchObject({ resumedFrom: step, stepsDone: 1500 });
    const lines = (await text(progress)).trim().split('\n');
    const told = lines.map((line) => progressSchema.parse(JSON.parse(line)).step);
    expect(told).toEqual(told.toSorted((left, right) => left - right));
  });

  test('starts from zero when the checkpoint is damaged or belongs to other data', async () => {
    const checkpoints = within('foreign');
    const environment = { UNDERSTUDY_CHECKPOINTS: checkpoints };
    const first = await trainerSpec(train, { mode: 'train', output: within('first'), params: { trees: 60 } });
    expect(await runTrainer(first, environment)).toMatchObject({ code: 0 });
    const other = { ...first, seed: 8, output: within('other-seed') };
    const damaged = { ...other, output: within('damaged') };
    expect(await runTrainer(other, environment)).toMatchObject({ code: 0 });
    const saved = (await readdir(checkpoints)).filter((name) => name.endsWith('-trees-50.txt'));
    expect(saved).toHaveLength(2);
    await Promise.all(saved.map(async (name) => writeFile(join(checkpoints, name), 'tree')));
    expect(await runTrainer(damaged, environment)).toMatchObject({ code: 0 });
    expect(await Promise.all([other, damaged].map(resultOf))).toMatchObject([
      { resumedFrom: null },
      { resumedFrom: null, stepsDone: 60 },
    ]);
  });
});

describe('predict', () => {
  test('TN1: scores every row it is given, under its own id', async () => {
    const spec = await trainerSpec(holdout, { mode: 'predict', output: within('predicted'), artifact });
    expect(await runTrainer(spec)).toMatchObject({ code: 0 });
    const { predictions } = (await resultOf(spec)) as PredictedResult;
    const path = join(spec.output, predictions.path);
    expect(predictions).toMatchObject({ rows: 1000, sha256: await digest(path) });
    const [matched] = await query(
      `select count(*)::int as n, min(score) > 0 and max(score) < 1 as probable, count(distinct score) > 100 as varied
       from '${path}' join '${holdout}' using (flight)`,
    );
    expect(matched).toEqual({ n: 1000, probable: true, varied: true });
  });
});

describe('exit codes', () => {
  test('65: a column is missing, and the message names it', async () => {
    const lacking = within('lacking.parquet');
    await query(`copy (select * exclude (hour) from '${train}') to '${lacking}'`);
    const spec = await trainerSpec(lacking, { mode: 'train', output: within('none') });
    const ended = await runTrainer(spec);
    expect(ended).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/lacking\.parquet lacks the columns \['hour'\]/),
    });
    await expect(resultOf(spec)).rejects.toThrow(/ENOENT/);
  });

  test.each([
    ['a text among the numbers', `select * replace ('noon' as hour) from`, /noon/],
    ['an empty value', `select * replace (nullif(origin, 'ORD') as origin) from`, /null values in \['origin'\]/],
    ['labels of one kind', `select * replace (0 as late) from`, /expected both 0 and 1/],
  ])('65: %s', async (name, select, message) => {
    const broken = within(`${name.replaceAll(' ', '-')}.parquet`);
    await query(`copy (${select} '${train}') to '${broken}'`);
    const ended = await runTrainer(await trainerSpec(broken, { mode: 'train', output: within('broken') }));
    expect(ended).toMatchObject({ code: 65, stderr: expect.stringMatching(message) });
  });

  test('78: a parameter it does not know; 64: a mode that is not in the contract', async () => {
    const spec = await trainerSpec(train, { mode: 'train', output: within('never'), params: { leaves: 3 } });
    const [unknown, usage] = await Promise.all([runTrainer(spec), runTrainer({ ...spec, mode: 'evaluate' })]);
    expect(unknown).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/unknown params \['leaves'\].*num_leaves/),
    });
    expect(usage).toMatchObject({ code: 64 });
  });

  test('69: MLflow does not answer, so another try may help', async () => {
    const server = createServer((_request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address() as { port: number };
    const ended = await runTrainer(await trainerSpec(train, { mode: 'train', output: within('down') }), {
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${address.port}`,
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
    });
    server.close();
    expect(ended).toMatchObject({ code: 69, stderr: expect.stringMatching(/MLflow at http.* did not answer/) });
  }, 60_000);
});

describe('MLflow', () => {
  test('RP7: an ordinary MLflow trainer logs parameters, metrics and one model into the run opened for it', async () => {
    const { uri } = await mlflowServer();
    const call = async (path: string, body: object) => {
      const answer = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await answer.json()) as { experiment_id: string; run: { info: { run_id: string } } };
    };
    const { experiment_id: experiment } = await call('experiments/create', { name: `flights-${process.pid}` });
    const { run } = await call('runs/create', { experiment_id: experiment, start_time: Date.now() });
    const ended = await runTrainer(await trainerSpec(train, { mode: 'train', output: within('tracked') }), {
      MLFLOW_TRACKING_URI: uri,
      MLFLOW_RUN_ID: run.info.run_id,
    });
    expect(ended).toMatchObject({ code: 0 });
    const logged = await (await fetch(`${uri}/api/2.0/mlflow/runs/get?run_id=${run.info.run_id}`)).json();
    expect(logged).toMatchObject({
      run: {
        info: { status: 'FINISHED' },
        data: {
          params: expect.arrayContaining([
            { key: 'trees', value: '40' },
            { key: 'seed', value: '7' },
          ]),
        },
        outputs: { model_outputs: [{ model_id: expect.stringMatching(/^m-/) }] },
      },
    });
  }, 150_000);
});
