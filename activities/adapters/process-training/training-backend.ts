import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { judgeEnd, jobDigest } from '../../trainer-outcome.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { ComputeUse, JobState, TrainingBackend, TrainingJob } from '../../ports/training-backend.ts';
import { isDirectory, jobFolder } from './job-folder.ts';
import type { AttemptState, ExitFile, JobFile, JobFolder } from './job-folder.ts';
import { isAlive, membersOf, stopAll } from './processes.ts';

export interface ProcessTrainingOptions {
  /** Directory that holds a folder for each job; made when absent. */
  readonly root: string;
  /** The worker's own environment. A trainer is given PATH, HOME and LANG of it and nothing else. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds before the second attempt; doubles with each further one up to a minute. */
  readonly backoffMs?: number;
}

/** What a trainer inherits. Everything else it finds was given to it by name. */
export const INHERITED = ['PATH', 'HOME', 'LANG'] as const;

const SUPERVISOR = fileURLToPath(new URL('./supervisor.mjs', import.meta.url));
const CLAIM_WITHIN_MS = 20_000;

/**
 * Runs trainers as processes of this machine (Linux: identity comes from `/proc`). A small supervisor, detached from the
 * worker, runs the command in a process group of its own, starts it again where the exit code says that this helps,
 * enforces the deadline, and writes down how it ended; a worker may die and another one finds the job by its folder.
 */
export function createProcessTraining(options: ProcessTrainingOptions): TrainingBackend {
  const folderOf = (name: string): JobFolder => jobFolder(options.root, checkName(name));
  return {
    submit: async (job) => {
      const folder = folderOf(job.name);
      await submit(folder, job, options);
    },
    inspect: async (name) => await inspect(folderOf(name)),
    remove: async (name) => await remove(folderOf(name)),
  };
}

async function submit(folder: JobFolder, job: TrainingJob, options: ProcessTrainingOptions): Promise<void> {
  if (!(await isDirectory(job.folder))) {
    throw new PortFailure('bad-request', `the working directory ${job.folder} of job ${job.name} is not a directory`);
  }
  await mkdir(options.root, { recursive: true });
  await mkdir(job.checkpoints, { recursive: true });
  await folder.create(job, options.backoffMs ?? 1_000);
  const known = await folder.job();
  if (known?.digest !== jobDigest(job)) {
    throw new PortFailure(
      'job-conflict',
      `a job named ${job.name} is there with digest ${known?.digest ?? 'unknown'}, submitted was ${jobDigest(job)}`,
    );
  }
  if (!(await folder.claim())) await startSupervisor(folder, environmentOf(folder, job, options));
}

function environmentOf(
  folder: JobFolder,
  job: TrainingJob,
  { hostEnvironment }: ProcessTrainingOptions,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = hostEnvironment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    ...job.environment,
    UNDERSTUDY_SPEC: folder.spec,
    UNDERSTUDY_CHECKPOINTS: job.checkpoints,
    UNDERSTUDY_PROGRESS: folder.progress,
  };
}

/** Several may be started at the same time by several workers; the one that takes the claim runs, the others leave. */
async function startSupervisor(folder: JobFolder, environment: Record<string, string>): Promise<void> {
  const log = openSync(join(folder.path, 'supervisor.log'), 'a', 0o600);
  const supervisor = spawn(process.execPath, [SUPERVISOR, folder.path], {
    detached: true,
    cwd: '/',
    env: {},
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  supervisor.stdin?.on('error', () => undefined); // It ended before it read: the wait below says so.
  supervisor.stdin?.end(JSON.stringify(environment));
  supervisor.unref();
  const ended = once(supervisor, 'exit').then(() => true);
  const giveUpAt = Date.now() + CLAIM_WITHIN_MS;
  let over = false;
  while (!(await folder.claim())) {
    if (over || Date.now() > giveUpAt) {
      throw new PortFailure('unavailable', `the supervisor of ${folder.path} did not start; see its supervisor.log`);
    }
    over = await Promise.race([ended, pause(10, false)]);
  }
}

async function inspect(folder: JobFolder): Promise<JobState> {
  const job = await folder.job();
  const claim = await folder.claim();
  if (!job || !claim) return { state: 'vanished' };
  const supervised = await isAlive(claim);
  // Read after the look at the process: a supervisor that has just ended has written its file before.
  const exit = await folder.exit();
  if (exit) {
    const ended = await judgeEnd(exit, job, job.output);
    return ended.state === 'succeeded' || ended.state === 'failed' ? { ...ended, compute: useOf(claim, exit) } : ended;
  }
  const state = await folder.state();
  if (supervised) return await showAttempt(folder, state);
  return await inspectOrphan(folder, job, claim.startedAt, state);
}

/** A process waits for nobody and takes the accelerators it finds: nobody assigned it one that could be counted. */
function useOf(claim: { readonly pid: number; readonly startTicks: number }, exit: ExitFile): ComputeUse {
  return {
    backend: 'process',
    jobUid: `${claim.pid}-${claim.startTicks}`,
    pods: [],
    nodes: [hostname()],
    queueSeconds: 0,
    runSeconds: Math.max(0, Date.parse(exit.endedAt) - Date.parse(exit.startedAt)) / 1000,
    gpuSeconds: 0,
    evictions: 0,
    suspensions: 0,
  };
}

async function showAttempt(folder: JobFolder, state: AttemptState | undefined): Promise<JobState> {
  if (!state) return { state: 'waiting', why: 'the supervisor is starting the trainer' };
  if (state.state === 'waiting') return { state: 'waiting', why: state.why };
  const progress = await folder.lastProgress();
  const { startedAt, attempt } = state;
  return { state: 'running', startedAt, attempt, ...(progress ? { progress } : {}) };
}

/**
 * The supervisor was killed and its trainer may go on alone: it is shown as running, so that nobody starts a second one,
 * and its deadline holds. When it ends, nobody has seen its exit code; without one a result proves nothing, and the job
 * has vanished. The next job of the run goes on from its checkpoints.
 */
async function inspectOrphan(
  folder: JobFolder,
  job: JobFile,
  firstStart: string,
  state: AttemptState | undefined,
): Promise<JobState> {
  const members = membersOfJob(folder, state);
  if ((await members()).length === 0) return { state: 'vanished' };
  if (Date.now() < Date.parse(firstStart) + job.deadlineMs) return await showAttempt(folder, state);
  await stopAll(members, job.graceMs);
  const attempts = state?.attempt ?? 1;
  const endedAt = new Date().toISOString();
  const message = `the trainer, whose supervisor was killed, was stopped at its deadline of ${job.deadlineMs / 1000} s`;
  await folder.writeExit({ cause: 'deadline', message, attempts, startedAt: firstStart, endedAt, logTail: '' });
  return await inspect(folder);
}

async function remove(folder: JobFolder): Promise<void> {
  if (!(await isDirectory(folder.path))) return;
  await folder.forbidStart();
  const [claim, job] = [await folder.claim(), await folder.job()];
  const graceMs = job?.graceMs ?? 0;
  // The supervisor first: it would start a killed trainer again. It stops its group itself, with the same grace.
  const supervisor = async (): Promise<number[]> => (claim && (await isAlive(claim)) ? [claim.pid] : []);
  await stopAll(supervisor, graceMs + 2_000);
  await stopAll(membersOfJob(folder, await folder.state()), graceMs);
  await folder.discard();
}

function membersOfJob(folder: JobFolder, state: AttemptState | undefined): () => Promise<number[]> {
  const leader = state?.state === 'running' ? { pid: state.group, startTicks: state.startTicks } : undefined;
  return async () => await membersOf(`UNDERSTUDY_SPEC=${folder.spec}`, leader);
}

function checkName(name: string): string {
  if (/^[a-z0-9-]{1,52}$/.test(name)) return name;
  throw new PortFailure(
    'bad-request',
    `"${name}" is no name of a job; expected at most 52 characters of a-z, 0-9 and -`,
  );
}
