import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { progressSchema, trainerSpecSchema } from '../../../scorecards/contracts/trainer.ts';
import type { TrainingProgress } from '../../../scorecards/contracts/trainer.ts';
import { errorCode } from '../../error-code.ts';
import { FINAL_EXIT_CODES, jobDigest } from '../../trainer-outcome.ts';
import type { TrainingJob } from '../../ports/training-backend.ts';

const jobFile = z.object({
  digest: z.string(),
  command: z.array(z.string()),
  folder: z.string(),
  mode: trainerSpecSchema.shape.mode,
  seed: z.number(),
  output: z.string(),
  deadlineMs: z.number(),
  graceMs: z.number(),
  retries: z.number(),
  backoffMs: z.number(),
  finalExitCodes: z.array(z.number()),
});
/** What the supervisor needs to know, without the environment. */
export type JobFile = z.output<typeof jobFile>;

const claimFile = z.object({ pid: z.number(), startTicks: z.number(), startedAt: z.string() });

const stateFile = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    attempt: z.number(),
    startedAt: z.string(),
    group: z.number(),
    startTicks: z.number(),
  }),
  z.object({ state: z.literal('waiting'), attempt: z.number(), why: z.string() }),
]);
export type AttemptState = z.output<typeof stateFile>;

const exitFile = z.object({
  cause: z.enum(['exit', 'signal', 'deadline', 'stopped', 'not-found']),
  exitCode: z.number().exactOptional(),
  signal: z.string().exactOptional(),
  message: z.string().exactOptional(),
  attempts: z.number(),
  startedAt: z.string(),
  endedAt: z.string(),
  logTail: z.string(),
});
export type ExitFile = z.output<typeof exitFile>;

/** The files of one job. They appear in one piece each, so a reader finds the old, the new or nothing. */
export interface JobFolder {
  readonly path: string;
  readonly spec: string;
  readonly progress: string;
  job(): Promise<JobFile | undefined>;
  claim(): Promise<z.output<typeof claimFile> | undefined>;
  state(): Promise<AttemptState | undefined>;
  exit(): Promise<ExitFile | undefined>;
  lastProgress(): Promise<TrainingProgress | undefined>;
  writeExit(exit: ExitFile): Promise<void>;
  /** Takes the claim away from supervisors that have not begun. `false`: one has. */
  forbidStart(): Promise<boolean>;
  /** Makes the folder with all that a supervisor reads. `false`: it was there already. */
  create(job: TrainingJob, backoffMs: number): Promise<boolean>;
  /** The folder disappears from its name at once. */
  discard(): Promise<void>;
}

export function jobFolder(root: string, name: string): JobFolder {
  const path = join(root, name);
  const at = (file: string): string => join(path, file);
  return {
    path,
    spec: at('spec.json'),
    progress: at('progress.jsonl'),
    job: async () => await readJson(at('job.json'), jobFile),
    claim: async () => await readJson(at('supervisor.json'), claimFile),
    state: async () => await readJson(at('state.json'), stateFile),
    exit: async () => await readJson(at('exit.json'), exitFile),
    lastProgress: async () => parseProgress(await readFile(at('progress.jsonl'), 'utf8').catch(() => '')),
    writeExit: async (exit) => {
      await writeFile(at('exit.json.tmp'), JSON.stringify(exit));
      await rename(at('exit.json.tmp'), at('exit.json'));
    },
    forbidStart: async () => {
      const draft = at(`supervisor.${randomUUID()}.tmp`);
      // Pid 0 is nobody's: whoever reads this claim finds its holder dead.
      await writeFile(draft, JSON.stringify({ pid: 0, startTicks: 0, startedAt: new Date().toISOString() }));
      const won = await unlessThere(async () => await link(draft, at('supervisor.json')));
      await rm(draft, { force: true });
      return won;
    },
    create: async (job, backoffMs) => {
      const draft = join(root, `.new-${name}-${randomUUID()}`);
      await fill(draft, path, job, backoffMs);
      const created = await unlessThere(async () => await rename(draft, path));
      if (!created) await rm(draft, { recursive: true, force: true });
      return created;
    },
    discard: async () => {
      const away = join(root, `.removed-${name}-${randomUUID()}`);
      await rename(path, away);
      await rm(away, { recursive: true, force: true });
    },
  };
}

async function fill(draft: string, path: string, job: TrainingJob, backoffMs: number): Promise<void> {
  const output = join(path, 'output');
  const file: JobFile = {
    digest: jobDigest(job),
    command: [...job.command],
    folder: job.folder,
    mode: job.spec.mode,
    seed: job.spec.seed,
    output,
    deadlineMs: job.deadlineMs,
    graceMs: job.graceMs,
    retries: job.retries,
    backoffMs,
    finalExitCodes: [...FINAL_EXIT_CODES],
  };
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await writeFile(join(draft, 'spec.json'), JSON.stringify({ ...job.spec, output }, undefined, 2));
  await writeFile(join(draft, 'job.json'), JSON.stringify(file, undefined, 2));
}

/** A folder with content cannot be replaced by renaming another onto it: that is what makes `create` happen once. */
async function unlessThere(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY'].includes(errorCode(error))) return false;
    throw error;
  }
}

async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

/** The last line that is one; the trainer may be in the middle of writing another. */
function parseProgress(text: string): TrainingProgress | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.toReversed().slice(0, 5)) {
    const parsed = progressSchema.safeParse(parseLine(line));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Whether a directory is there. */
export async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
