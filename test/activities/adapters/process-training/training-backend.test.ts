import { once } from 'node:events';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jobDigest } from '../../../../activities/trainer-outcome.ts';
import type { JobState, TrainingJob } from '../../../../activities/ports/training-backend.ts';
import { trainSpec } from '../../../contracts/training-setup.ts';
import { eventually } from '../../../eventually.ts';
import { shellTraining } from './shell-trainer.ts';
import type { ShellSetup } from './shell-trainer.ts';
import { killFirst, linesOf, submitInAnotherProcess, supervisorsOf, trainersOf, untilThere } from './witness.ts';

let setup: ShellSetup;
beforeAll(async () => {
  setup = await shellTraining();
});
afterAll(async () => {
  await setup.close();
});

describe('a trainer outlives who started it', () => {
  test('a job whose worker was killed with -9 is finished and found by the next worker', async () => {
    const job = jobThat('outlives', 'saves-when-told', { retries: 1, deadlineMs: 60_000 });
    const worker = await submitInAnotherProcess(setup.root, job);
    await untilThere(join(job.checkpoints, 'ready'));
    worker.kill('SIGKILL');
    await once(worker, 'exit');

    await setup.backend.submit(job);
    expect(await setup.backend.inspect(job.name)).toMatchObject({ state: 'running', attempt: 1 });
    expect(await linesOf(join(job.checkpoints, 'starts'))).toHaveLength(1);
    expect(await supervisorsOf(setup.root, job.name)).toHaveLength(1);
    await setup.backend.remove(job.name);
  });

  test('the outcome of a trainer that ended while no worker lived is not lost', async () => {
    const job = jobThat('ends-alone', 'trains');
    const worker = await submitInAnotherProcess(setup.root, job);
    worker.kill('SIGKILL');
    expect(await untilEnded(job)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  test('a worker that died between laying out the job and starting it leaves a job that the next submit starts', async () => {
    const job = jobThat('half-submitted', 'trains');
    await setup.backend.submit(job);
    await untilEnded(job);
    await forgetStart(job);
    expect(await setup.backend.inspect(job.name)).toEqual({ state: 'vanished' });
    await setup.backend.submit(job);
    expect(await untilEnded(job)).toMatchObject({ state: 'succeeded' });
  });
});

test.each(['trains', 'saves-when-told'] as const)(
  'CO1: a job that %s says what it used, however it ends: seconds from its first start, and no accelerator',
  async (behaviour) => {
    const job = jobThat(`used-${behaviour}`, behaviour, { deadlineMs: 3_000 });
    await setup.backend.submit(job);
    expect(await untilEnded(job)).toMatchObject({
      compute: {
        backend: 'process',
        jobUid: expect.stringMatching(/^\d+-\d+$/),
        queueSeconds: 0,
        runSeconds: expect.any(Number),
        gpuSeconds: 0,
      },
    });
    await setup.backend.remove(job.name);
  },
);

describe('a trainer whose supervisor was killed', () => {
  test('is shown running and not started twice; when it ends without a witness, the job has vanished', async () => {
    const job = jobThat('orphan', 'saves-when-told');
    await setup.backend.submit(job);
    await untilThere(join(job.checkpoints, 'ready'));
    await killSupervisor(job);
    await setup.other.submit(job);
    expect(await setup.other.inspect(job.name)).toMatchObject({ state: 'running', attempt: 1 });
    expect(await linesOf(join(job.checkpoints, 'starts'))).toHaveLength(1);

    killFirst(await trainersOf(setup.root, job.name));
    expect(await untilEnded(job)).toEqual({ state: 'vanished' });
  });

  test('is stopped at its deadline by whoever looks', async () => {
    const job = jobThat('overdue-orphan', 'saves-when-told');
    await setup.backend.submit(job);
    await untilThere(join(job.checkpoints, 'ready'));
    await killSupervisor(job);
    await letDeadlinePass(job);
    expect(await setup.other.inspect(job.name)).toMatchObject({ state: 'failed', code: 'deadline' });
    expect(await trainersOf(setup.root, job.name)).toEqual([]);
  });

  test('is stopped when the job is removed', async () => {
    const job = jobThat('removed-orphan', 'scatters', { graceMs: 50 });
    await setup.backend.submit(job);
    await untilThere(join(job.checkpoints, 'ready'));
    await killSupervisor(job);
    await setup.backend.remove(job.name);
    expect(await trainersOf(setup.root, job.name)).toEqual([]);
  });
});

describe('removal', () => {
  test('leaves no process: not the children, not those that left the group, not those that ignore SIGTERM', async () => {
    const job = jobThat('scattered', 'scatters', { graceMs: 50 });
    await setup.backend.submit(job);
    await untilThere(join(job.checkpoints, 'ready'));
    await eventually(
      () => trainersOf(setup.root, job.name),
      (found) => found.length >= 5,
    );
    await setup.backend.remove(job.name);
    expect(await trainersOf(setup.root, job.name)).toEqual([]);
    expect(await supervisorsOf(setup.root, job.name)).toEqual([]);
    expect((await readdir(setup.root)).filter((entry) => entry.includes(job.name))).toEqual([]);
  });

  test('gives the trainer time to write a checkpoint', async () => {
    const job = jobThat('saves', 'saves-when-told');
    await setup.backend.submit(job);
    await untilThere(join(job.checkpoints, 'ready'));
    await setup.backend.remove(job.name);
    expect(await linesOf(join(job.checkpoints, 'step'))).toEqual(['12']);
  });

  test('TN7: so does the deadline, and the retry that it ends is not charged', async () => {
    const job = jobThat('deadline-saves', 'saves-when-told', { deadlineMs: 2_500, retries: 5 });
    await setup.backend.submit(job);
    expect(await untilEnded(job)).toMatchObject({ state: 'failed', code: 'deadline', attempts: 1 });
    expect(await linesOf(join(job.checkpoints, 'step'))).toEqual(['12']);
  });
});

describe('what a trainer is given', () => {
  test('RP7: PATH, HOME and LANG of the worker, the contract, what the tracking run needs, and nothing else', async () => {
    const job = jobThat('environment', 'shows-environment', {
      environment: { MLFLOW_RUN_ID: 'abc', MLFLOW_TRACKING_URI: 'http://127.0.0.1:1' },
    });
    await setup.backend.submit(job);
    expect(await untilEnded(job)).toMatchObject({ state: 'succeeded' });
    const seen = await linesOf(join(job.checkpoints, 'environment'));
    const ofTheShell = ['PWD', 'OLDPWD', 'SHLVL', '_'];
    const allowed = ['HOME', 'LANG', 'MLFLOW_RUN_ID', 'MLFLOW_TRACKING_URI', 'PATH', 'UNDERSTUDY_CHECKPOINTS'];
    const all = [...allowed, 'UNDERSTUDY_PROGRESS', 'UNDERSTUDY_SPEC', ...ofTheShell];
    expect(seen.filter((name) => !all.includes(name))).toEqual([]);
    expect(seen).toEqual(expect.arrayContaining(['MLFLOW_RUN_ID', 'PATH', 'UNDERSTUDY_SPEC']));
  });

  test('TN6: the file it reads is, but for the output, what the recorded digest covers', async () => {
    const job = jobThat('told', 'trains');
    await setup.backend.submit(job);
    await untilEnded(job);
    const told = JSON.parse(await readFile(join(setup.root, job.name, 'spec.json'), 'utf8')) as Record<string, unknown>;
    const { output, ...rest } = told;
    expect(output).toBe(join(setup.root, job.name, 'output'));
    expect(rest).toEqual(job.spec);
    expect(jobDigest({ ...job, spec: rest as TrainingJob['spec'] })).toBe(jobDigest(job));
    expect(rest).toMatchObject({ params: { num_leaves: 31 }, seed: 7 });
  });

  test('its folder is readable by its owner only, for the log may hold secrets', async () => {
    const { mode } = await stat(join(setup.root, 'told'));
    expect(mode & 0o777).toBe(0o700);
  });
});

describe('what goes wrong is told', () => {
  test('the last 200 lines of the log come with the failure, secrets removed', async () => {
    const job = jobThat('prints', 'prints', { environment: { SERVICE_TOKEN: 'hush-hush' } });
    await setup.backend.submit(job);
    const ended = (await untilEnded(job)) as Extract<JobState, { state: 'failed' }>;
    const lines = ended.logTail.split('\n');
    expect(lines).toHaveLength(200);
    expect(lines[0]).toBe('52');
    expect(lines.at(-1)).toBe('token is ***, store is http://me:***@store.example/');
  });

  test('a command that does not exist is not retried and named', async () => {
    const job = { ...jobThat('unknown', 'trains', { retries: 3 }), command: ['no-such-trainer'] };
    await setup.backend.submit(job);
    expect(await untilEnded(job)).toMatchObject({
      state: 'failed',
      code: 'command-not-found',
      attempts: 1,
      message: expect.stringContaining('no-such-trainer'),
    });
  });

  test('a working directory that does not exist is refused before anything starts', async () => {
    const job = { ...jobThat('nowhere', 'trains'), folder: '/does/not/exist' };
    await expect(setup.backend.submit(job)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('/does/not/exist'),
    });
  });
});

async function untilEnded(job: TrainingJob): Promise<JobState> {
  return await eventually(
    () => setup.other.inspect(job.name),
    (state) => state.state !== 'running' && state.state !== 'waiting',
  );
}

async function killSupervisor(job: TrainingJob): Promise<void> {
  killFirst(await supervisorsOf(setup.root, job.name));
  await eventually(
    () => supervisorsOf(setup.root, job.name),
    (left) => left.length === 0,
  );
}

/** Nobody but the reader of the folder looks at the clock any more, so the limit is moved instead of waited for. */
async function letDeadlinePass(job: TrainingJob): Promise<void> {
  const file = join(setup.root, job.name, 'job.json');
  const known = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...known, deadlineMs: 1 }));
}

/** As the folder is when its worker dies between writing it and starting the supervisor. */
async function forgetStart(job: TrainingJob): Promise<void> {
  for (const file of ['supervisor.json', 'state.json', 'exit.json']) await rm(join(setup.root, job.name, file));
}

function jobThat(name: string, behaviour: string, more: Partial<TrainingJob> = {}): TrainingJob {
  return {
    name,
    command: setup.command(behaviour),
    folder: setup.folder,
    spec: trainSpec(name),
    environment: {},
    checkpoints: join(setup.checkpoints, name),
    deadlineMs: 60_000,
    graceMs: 5_000,
    retries: 0,
    ...more,
  };
}
