import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import type { TrainingProgress } from '../../scorecards/contracts/trainer.ts';
import { FINAL_EXIT_CODES, jobDigest, judgeEnd } from '../../activities/trainer-outcome.ts';
import type { TrainerEnd } from '../../activities/trainer-outcome.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../../activities/ports/port-failure.ts';
import type {
  CheckpointSeen,
  ComputeUse,
  JobState,
  TrainingBackend,
  TrainingJob,
} from '../../activities/ports/training-backend.ts';

/** What the scripted trainer does in one attempt. What it writes into `output` is judged as a real trainer's work is. */
export type Attempt =
  | {
      readonly does: 'ends';
      readonly exitCode: number;
      readonly write?: (output: string) => Promise<void>;
      readonly log?: string;
    }
  | { readonly does: 'is-killed' }
  | { readonly does: 'hangs'; readonly progress?: TrainingProgress }
  /** As a cluster does it: no other attempt of this job follows. */
  | {
      readonly does: 'fails';
      readonly code: PortFailureCode;
      readonly message: string;
      readonly failures?: number;
      readonly compute?: ComputeUse;
      readonly checkpoint?: CheckpointSeen;
    }
  | { readonly does: 'waits'; readonly why: string }
  | { readonly does: 'vanishes' };

export interface MemoryTrainingOptions {
  /** Where the outputs are written: the port answers directories. */
  readonly root: string;
  /** The script: asked once for each attempt, which is 1 for the first. */
  readonly play: (job: TrainingJob, attempt: number) => Attempt | Promise<Attempt>;
  /** How often a job is seen running before it is seen ended; 0 by default. */
  readonly looksBeforeEnd?: number;
  /** The clock of the deadline, milliseconds. */
  readonly now?: () => number | Promise<number>;
}

interface Job {
  readonly job: TrainingJob;
  readonly output: string;
  readonly startedAtMs: number;
  readonly attempts: number;
  readonly last: Attempt;
  looks: number;
}

export interface MemoryTraining extends TrainingBackend {
  /** Every job that was started, in order; adoption starts nothing. */
  readonly started: readonly TrainingJob[];
  /** Names of the jobs that are there. */
  names(): readonly string[];
}

/** The port in memory: a trainer that follows a script. It passes the contract of the port. */
export function createMemoryTraining(options: MemoryTrainingOptions): MemoryTraining {
  const jobs = new Map<string, Promise<Job>>();
  const started: TrainingJob[] = [];
  const now = async (): Promise<number> => await (options.now ?? Date.now)();

  const start = async (job: TrainingJob): Promise<Job> => {
    const output = join(options.root, job.name, 'output');
    const startedAtMs = await now();
    const played = await playAttempts(options, job, output);
    return { job, output, startedAtMs, looks: options.looksBeforeEnd ?? 0, ...played };
  };

  return {
    started,
    names: () => [...jobs.keys()],
    submit: async (job) => {
      checkName(job.name);
      const known = jobs.get(job.name);
      if (!known) {
        started.push(job);
        jobs.set(job.name, start(job));
      }
      const { job: there } = await (known ?? jobs.get(job.name) ?? start(job));
      if (jobDigest(there) !== jobDigest(job)) {
        throw new PortFailure('job-conflict', `a job named ${job.name} is there and does something else`);
      }
    },
    inspect: async (name) => {
      const job = await jobs.get(checkName(name));
      return job ? await inspect(job, await now()) : { state: 'vanished' };
    },
    remove: async (name) => {
      const job = await jobs.get(checkName(name));
      jobs.delete(name);
      if (job) await rm(job.output, { recursive: true, force: true });
    },
  };
}

type Files = Readonly<Record<string, string>>;

/** An attempt that leaves a trained model: its files by path, and its metrics; and the files of its variants by their names. */
export function trainedModel(
  files: Files,
  more: Readonly<Partial<Record<'metrics' | 'importances', Readonly<Record<string, number>>>>> & {
    readonly resumedFrom?: number;
  } = {},
  variants: Readonly<Record<string, Files>> = {},
): Attempt {
  const write = async (output: string): Promise<void> => {
    const artifact = await writeArtifact(output, 'model', files);
    const further = [];
    for (const [name, own] of Object.entries(variants))
      further.push({ name, artifact: await writeArtifact(output, `variants/${name}`, own) });
    const result = { mode: 'train', artifact, ...(further.length === 0 ? {} : { variants: further }), ...more };
    await writeFile(join(output, 'result.json'), JSON.stringify(result));
  };
  return { does: 'ends', exitCode: 0, write };
}

async function writeArtifact(output: string, folder: string, files: Files) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(output, folder, path)), { recursive: true });
    await writeFile(join(output, folder, path), text);
  }
  return { path: folder, files: Object.entries(files).map(([path, text]) => ({ path, sha256: sha256(text) })) };
}

/** An attempt that leaves predictions: the bytes of a Parquet file and the number of its rows. */
export function predictions(bytes: Uint8Array | string, rows: number): Attempt {
  const path = 'predictions.parquet';
  const write = async (output: string): Promise<void> => {
    await writeFile(join(output, path), bytes);
    const result = { mode: 'predict', predictions: { path, sha256: sha256(bytes), rows } };
    await writeFile(join(output, 'result.json'), JSON.stringify(result));
  };
  return { does: 'ends', exitCode: 0, write };
}

async function playAttempts(
  options: MemoryTrainingOptions,
  job: TrainingJob,
  output: string,
): Promise<Pick<Job, 'attempts' | 'last'>> {
  for (let attempt = 1; ; attempt += 1) {
    await rm(output, { recursive: true, force: true });
    await mkdir(output, { recursive: true });
    const last = await options.play(job, attempt);
    if (last.does === 'ends') await last.write?.(output);
    const again = last.does === 'is-killed' || (last.does === 'ends' && !FINAL_EXIT_CODES.includes(last.exitCode));
    if (!again || attempt > job.retries) return { attempts: attempt, last };
  }
}

/** What a trainer did that was begun. */
type Played = Exclude<Attempt, { readonly does: 'fails' | 'waits' | 'vanishes' }>;

async function inspect(known: Job, nowMs: number): Promise<JobState> {
  const { job, last, attempts } = known;
  if (last.does === 'waits') return { state: 'waiting', why: last.why };
  if (last.does === 'vanishes') return { state: 'vanished' };
  if (last.does === 'fails') {
    const { does: _, ...failure } = last;
    return { state: 'failed', ...failure, attempts, logTail: 'the last line' };
  }
  const startedAt = new Date(known.startedAtMs).toISOString();
  const overdue = nowMs - known.startedAtMs >= job.deadlineMs;
  const busy = last.does === 'hangs' ? !overdue : known.looks > 0;
  if (busy) {
    known.looks -= 1;
    const progress = last.does === 'hangs' ? last.progress : undefined;
    return { state: 'running', startedAt, attempt: attempts, ...(progress ? { progress } : {}) };
  }
  const endedAt = new Date(nowMs).toISOString();
  const logTail = last.does === 'ends' ? (last.log ?? '') : '';
  return await judgeEnd({ ...causeOf(last, job), attempts, startedAt, endedAt, logTail }, job.spec, known.output);
}

function causeOf(last: Played, job: TrainingJob): Pick<TrainerEnd, 'cause' | 'exitCode' | 'signal' | 'message'> {
  if (last.does === 'ends') return { cause: 'exit', exitCode: last.exitCode };
  if (last.does === 'is-killed') return { cause: 'signal', signal: 'SIGKILL' };
  return { cause: 'deadline', message: `the trainer was stopped at its deadline of ${job.deadlineMs / 1000} s` };
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function checkName(name: string): string {
  if (/^[a-z0-9-]{1,52}$/.test(name)) return name;
  throw new PortFailure(
    'bad-request',
    `"${name}" is no name of a job; expected at most 52 characters of a-z, 0-9 and -`,
  );
}
