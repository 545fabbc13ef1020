import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobState, TrainingJob } from '../../activities/ports/training-backend.ts';
import { eventually } from '../eventually.ts';
import { PULL, trainSpec } from './training-setup.ts';
import type { Behaviour, TrainingSetup } from './training-setup.ts';

type Ended = Extract<JobState, { state: 'succeeded' | 'failed' | 'vanished' }>;

/** The contract of the port: every backend passes it, and so does the fake. */
export function trainingBackendContract(name: string, make: () => Promise<TrainingSetup>): void {
  describe(`training backend: ${name}`, () => {
    let setup: TrainingSetup;
    let count = 0;
    beforeAll(async () => {
      setup = await make();
    });
    afterAll(async () => {
      await setup.close();
    });

    function jobThat(behaviour: Behaviour | `exit-${number}`, more: Partial<TrainingJob> = {}): TrainingJob {
      count += 1;
      const job = `job-${count}-${behaviour}`;
      return {
        name: job,
        command: setup.command(behaviour),
        folder: setup.folder,
        spec: trainSpec(job),
        environment: {},
        checkpoints: join(setup.checkpoints, job),
        deadlineMs: 60_000,
        graceMs: 5_000,
        retries: 0,
        ...more,
      };
    }
    const run = async (job: TrainingJob): Promise<Ended> => {
      await setup.backend.submit(job);
      return (await eventually(() => setup.backend.inspect(job.name), hasEnded)) as Ended;
    };
    const starts = async (job: TrainingJob): Promise<number> => {
      const lines = await readFile(join(job.checkpoints, 'starts'), 'utf8').catch(() => '');
      return lines.split('\n').length - 1;
    };
    const untilStarted = async (job: TrainingJob, times = 1): Promise<JobState> => {
      await eventually(
        () => starts(job),
        (count) => count >= times,
      );
      return await setup.backend.inspect(job.name);
    };

    test('TN1: a trained model is answered with its result and its files', async () => {
      const job = jobThat('trains');
      const ended = await run(job);
      expect(ended).toMatchObject({
        state: 'succeeded',
        attempts: 1,
        result: { mode: 'train', metrics: { auc: 0.75 } },
      });
      const { output } = ended as Extract<Ended, { state: 'succeeded' }>;
      expect(await readFile(join(output, 'model/weights.bin'), 'utf8')).toBe('weights of flights, seed 7');
    });

    test('TN1: the same contract answers predictions', async () => {
      const job = jobThat('predicts');
      const ended = await run({ ...job, spec: { ...job.spec, mode: 'predict', artifact: '/nowhere' } });
      expect(ended).toMatchObject({
        state: 'succeeded',
        result: { mode: 'predict', predictions: { path: 'predictions.parquet', rows: 2 } },
      });
    });

    test('DA1: the same contract answers pulled data, each file with its digest', async () => {
      const job = jobThat('pulls');
      const ended = await run({ ...job, spec: { ...job.spec, ...PULL } });
      const { output } = ended as Extract<Ended, { state: 'succeeded' }>;
      expect(ended).toMatchObject({
        state: 'succeeded',
        result: { mode: 'pull', observations: [{ rows: 2 }], labels: [{ rows: 1 }], sources: [{ uri: 'table:x' }] },
      });
      expect(await readFile(join(output, 'labels/day=2026-02-28/all.parquet'), 'utf8')).toBe('PAR1');
      const other = jobThat('pulls-another');
      expect(await run({ ...other, spec: { ...other.spec, ...PULL } })).toMatchObject({
        state: 'failed',
        code: 'trainer-digest',
      });
    });

    test('a job that nobody submitted has vanished, and removing it is success', async () => {
      expect(await setup.backend.inspect('nobody')).toEqual({ state: 'vanished' });
      await expect(setup.backend.remove('nobody')).resolves.toBeUndefined();
    });

    test('two submits side by side start one trainer', async () => {
      const job = jobThat('hangs');
      await Promise.all([setup.backend.submit(job), setup.other.submit(job), setup.backend.submit(job)]);
      expect(await untilStarted(job)).toMatchObject({ state: 'running', attempt: 1 });
      await setup.other.submit(job);
      expect(await starts(job)).toBe(1);
      await setup.backend.remove(job.name);
    });

    test('a submit after the end adopts what has ended', async () => {
      const job = jobThat('trains');
      await run(job);
      await setup.other.submit(job);
      expect(await setup.other.inspect(job.name)).toMatchObject({ state: 'succeeded' });
      expect(await starts(job)).toBe(1);
    });

    test('a job of the same name that does something else is a conflict and is left alone', async () => {
      const job = jobThat('hangs');
      await setup.backend.submit(job);
      const changed = { ...job, spec: { ...job.spec, seed: 8 } };
      await expect(setup.other.submit(changed)).rejects.toMatchObject({ code: 'job-conflict' });
      expect(await setup.backend.inspect(job.name)).not.toMatchObject({ state: 'failed' });
      await setup.backend.remove(job.name);
    });

    test('a secret that was renewed between two submits is no conflict', async () => {
      const job = jobThat('hangs');
      await setup.backend.submit(job);
      const renewed = { ...job, environment: { MLFLOW_TRACKING_TOKEN: 'renewed' } };
      await expect(setup.other.submit(renewed)).resolves.toBeUndefined();
      await setup.backend.remove(job.name);
    });

    test.each([
      [64, 'trainer-usage', 1],
      [65, 'trainer-data', 1],
      [69, 'trainer-dependency', 2],
      [75, 'trainer-temporary', 2],
      [77, 'trainer-permission', 1],
      [78, 'trainer-configuration', 1],
      [3, 'trainer-error', 2],
    ] as const)('exit code %d is %s after %d attempts of two', async (exitCode, code, attempts) => {
      const job = jobThat(`exit-${exitCode}`, { retries: 1 });
      expect(await run(job)).toMatchObject({ state: 'failed', code, exitCode, attempts });
      expect(await starts(job)).toBe(attempts);
    });

    test('a trainer that is killed is started again, then reported as killed', async () => {
      expect(await run(jobThat('kills-itself', { retries: 1 }))).toMatchObject({
        state: 'failed',
        code: 'trainer-killed',
        attempts: 2,
        message: expect.stringContaining('SIGKILL'),
      });
    });

    test.each([
      ['writes-nothing', 'trainer-no-result', 'result.json'],
      ['writes-nonsense', 'trainer-no-result', 'result.json'],
      ['says-predict', 'trainer-contradiction', 'mode "predict"'],
      ['says-other-seed', 'trainer-contradiction', 'seed 99'],
      ['trains-then-exits-65', 'trainer-contradiction', 'exit code 65'],
      ['names-wrong-digest', 'trainer-digest', 'weights.bin'],
      ['names-missing-file', 'trainer-contradiction', 'gone.bin'],
      ['names-outside-file', 'trainer-contradiction', 'outside'],
      ['leaves-unnamed-file', 'trainer-contradiction', 'notes.txt'],
    ] as const)('TN1: a trainer that %s fails with %s', async (behaviour, code, named) => {
      expect(await run(jobThat(behaviour))).toMatchObject({
        state: 'failed',
        code,
        message: expect.stringContaining(named),
      });
    });

    test('what a failed attempt left behind cannot pass for the result of the next', async () => {
      expect(await run(jobThat('leans-on-earlier', { retries: 1 }))).toMatchObject({
        state: 'failed',
        code: 'trainer-no-result',
        attempts: 2,
      });
    });

    test('checkpoints survive an attempt: the next one goes on from there', async () => {
      expect(await run(jobThat('resumes', { retries: 1 }))).toMatchObject({
        state: 'succeeded',
        attempts: 2,
        result: { resumedFrom: 40 },
      });
    });

    test('checkpoints survive the removal of the job', async () => {
      const job = jobThat('resumes');
      expect(await run(job)).toMatchObject({ state: 'failed' });
      await setup.backend.remove(job.name);
      expect(await run(job)).toMatchObject({ state: 'succeeded', result: { resumedFrom: 40 } });
    });

    test('a trainer over its deadline is stopped and says so', async () => {
      expect(await run(jobThat('hangs', { deadlineMs: 200, retries: 3 }))).toMatchObject({
        state: 'failed',
        code: 'deadline',
        attempts: 1,
        message: expect.stringContaining('0.2 s'),
      });
    });

    test('the progress of a running trainer is shown', async () => {
      const job = jobThat('shows-progress');
      await setup.backend.submit(job);
      const shown = await eventually(() => setup.other.inspect(job.name), showsProgress);
      expect(shown).toMatchObject({ state: 'running', attempt: 1, progress: { step: 3, of: 10 } });
      await setup.backend.remove(job.name);
    });

    test('a removed job has vanished, from every worker, and may be submitted again', async () => {
      const job = jobThat('hangs');
      await setup.backend.submit(job);
      await untilStarted(job);
      await setup.other.remove(job.name);
      expect(await setup.backend.inspect(job.name)).toEqual({ state: 'vanished' });
      await setup.backend.submit(job);
      await untilStarted(job, 2);
      expect(await starts(job)).toBe(2);
      await setup.backend.remove(job.name);
    });

    test.each(['Upper', 'a/b', '..', '', 'x'.repeat(53)])('"%s" is refused as the name of a job', async (bad) => {
      await expect(setup.backend.submit({ ...jobThat('trains'), name: bad })).rejects.toMatchObject({
        code: 'bad-request',
      });
      await expect(setup.backend.remove(bad)).rejects.toMatchObject({ code: 'bad-request' });
    });
  });
}

function showsProgress(state: JobState): boolean {
  return state.state === 'running' && state.progress !== undefined;
}

function hasEnded(state: JobState): boolean {
  return state.state !== 'running' && state.state !== 'waiting';
}
