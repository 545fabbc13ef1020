import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { progressSchema, trainerSpecSchema } from '../../../scorecards/contracts/trainer.ts';
import type { TrainingProgress } from '../../../scorecards/contracts/trainer.ts';
import { errorCode } from '../../error-code.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { JobPast } from './observation.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const servedFile = z.object({
  /** Where it goes in the pod, relative to `POD_PATHS.data`. */
  to: z.string(),
  /** Where it lies here. */
  from: z.string(),
  bytes: z.number(),
  sha256: digest,
});
const jobFile = z.object({
  mode: trainerSpecSchema.shape.mode,
  seed: z.number(),
  /** Keyed by run: outlives this folder. */
  checkpoints: z.string(),
  deadlineMs: z.number(),
  queueDeadlineMs: z.number(),
  retries: z.number(),
  disruptions: z.object({ evictions: z.number(), suspensions: z.number(), sameStep: z.number() }).exactOptional(),
  /** Devices of each pod that are no extended resource. */
  accelerators: z.number().exactOptional(),
  files: z.array(servedFile),
});
const serverFile = z.object({
  files: z.array(servedFile),
  /** The directory into which the serving log is laid; outlives this folder. */
  log: z.string(),
});
export type ExchangeJob = z.output<typeof jobFile>;
/** What the exchange knows of a model server. */
export type ExchangeServer = z.output<typeof serverFile>;
export type ServedFile = z.output<typeof servedFile>;

const createdFile = z.object({
  uid: z.string(),
  /** The uid of its anchor. */
  anchor: z.string().exactOptional(),
});
export type CreatedJob = z.output<typeof createdFile>;

const pointer = z.object({ step: z.number().min(0), path: z.string().min(1).max(300), sha256: digest });
/** What a trainer's `latest` file says, and what the exchange keeps of each checkpoint. */
export type CheckpointPointer = z.output<typeof pointer>;
export const pointerSchema = pointer;

/** The largest file of a serving log that is taken. */
export const LOG_FILE_BYTES = 64 * 1024 ** 2;
/** So many checkpoints are kept: a corrupt one is not the end. */
const KEPT = 3;

/**
 * What the exchange knows of one job, below `<root>/<job>/`: what pods may read, and what they handed in. Every file
 * appears in one piece.
 */
export interface ExchangeFolder {
  readonly path: string;
  readonly spec: string;
  readonly output: string;
  /** Writes what pods may read; writing it again is harmless. */
  prepare(job: ExchangeJob, spec: string): Promise<void>;
  job(): Promise<ExchangeJob | undefined>;
  /** The same for a model server, which has no attempts and no results. */
  prepareServer(server: ExchangeServer, spec: string): Promise<void>;
  server(): Promise<ExchangeServer | undefined>;
  /** An attempt of the trainer begins: what an earlier one handed in is no longer a result. */
  begin(attempt: string): Promise<void>;
  attempt(): Promise<string | undefined>;
  /** Where an attempt's files wait until all of them are there. */
  incoming(attempt: string): string;
  /** All files of the attempt are there: they become the output. */
  commit(attempt: string): Promise<void>;
  /** Whether the attempt that began last has handed in all that it has. */
  isCommitted(): Promise<boolean>;
  /** When that was, milliseconds; `undefined` before. */
  committedAt(): Promise<number | undefined>;
  /** The uid of the Job that was created: from then on its absence means that somebody removed it. */
  recordCreated(created: CreatedJob): Promise<void>;
  created(): Promise<CreatedJob | undefined>;
  /** What earlier polls saw, as `remember` made it. */
  writePast(past: JobPast): Promise<void>;
  past(): Promise<JobPast | undefined>;
  writeProgress(progress: TrainingProgress): Promise<void>;
  progress(): Promise<TrainingProgress | undefined>;
  discard(): Promise<void>;
}

export function exchangeFolder(root: string, name: string): ExchangeFolder {
  const path = join(root, name);
  const at = (file: string): string => join(path, file);
  const readAttempt = async () =>
    await readJson(at('attempt.json'), z.object({ attempt: z.string(), committed: z.boolean() }));
  return {
    path,
    spec: at('spec.json'),
    output: at('output'),
    prepare: async (job, spec) => {
      await writeWhole(at('spec.json'), spec);
      await writeWhole(at('job.json'), JSON.stringify(job));
    },
    job: async () => await readJson(at('job.json'), jobFile),
    prepareServer: async (server, spec) => {
      await writeWhole(at('spec.json'), spec);
      await writeWhole(at('server.json'), JSON.stringify(server));
    },
    server: async () => await readJson(at('server.json'), serverFile),
    begin: async (attempt) => {
      if ((await readAttempt())?.attempt === attempt) return;
      // Only what this attempt hands in may lie there once it has begun.
      await rm(at('output'), { recursive: true, force: true });
      await rm(at('incoming'), { recursive: true, force: true });
      await writeWhole(at('attempt.json'), JSON.stringify({ attempt, committed: false }));
    },
    attempt: async () => (await readAttempt())?.attempt,
    incoming: (attempt) => at(`incoming/${attempt}`),
    commit: async (attempt) => {
      if ((await readAttempt())?.committed === true) return;
      await moveOnce(at(`incoming/${attempt}`), at('output'));
      await writeWhole(at('attempt.json'), JSON.stringify({ attempt, committed: true }));
    },
    isCommitted: async () => (await readAttempt())?.committed === true,
    committedAt: async () =>
      (await readAttempt())?.committed === true ? (await stat(at('attempt.json'))).mtimeMs : undefined,
    recordCreated: async (created) => {
      await writeWhole(at('created.json'), JSON.stringify(created));
    },
    created: async () => await readJson(at('created.json'), createdFile),
    writePast: async (past) => {
      await writeWhole(at('past.json'), JSON.stringify(past));
    },
    // Written by us and by nobody else: its shape is that of `JobPast`.
    past: async () => await readJson(at('past.json'), z.custom<JobPast>()),
    writeProgress: async (progress) => {
      await writeWhole(at('progress.json'), JSON.stringify(progress));
    },
    progress: async () => await readJson(at('progress.json'), progressSchema),
    discard: async () => {
      await rm(path, { recursive: true, force: true });
    },
  };
}

/**
 * Hours of training may lie in it, so nothing is removed here: whoever comes second, or after a crash, finds it moved
 * already. Nothing handed in is an empty directory.
 */
async function moveOnce(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
    await mkdir(to, { recursive: true });
  }
}

/** The checkpoints of a run, newest first. */
export async function readPointers(checkpoints: string): Promise<CheckpointPointer[]> {
  return (await readJson(join(checkpoints, '.exchange', 'pointers.json'), z.array(pointer))) ?? [];
}

export function checkpointFile(checkpoints: string, sha256: string): string {
  return join(checkpoints, '.exchange', sha256);
}

/** Remembers a checkpoint whose file is there, and forgets the oldest. */
export async function addPointer(checkpoints: string, added: CheckpointPointer): Promise<void> {
  const before = (await readPointers(checkpoints)).filter(({ sha256 }) => sha256 !== added.sha256);
  const kept = [added, ...before].slice(0, KEPT);
  await writeWhole(join(checkpoints, '.exchange', 'pointers.json'), JSON.stringify(kept));
  for (const { sha256 } of before.slice(KEPT - 1)) await rm(checkpointFile(checkpoints, sha256), { force: true });
}

/** What a body must be: its digest, and at most so many bytes. */
export interface Expected {
  readonly sha256: string;
  readonly limitBytes: number;
}

/** Streams a body to a temporary file, proves it, and only then gives it its name. Throws `bad-request`. */
export async function receiveFile(body: Readable, to: string, { sha256, limitBytes }: Expected): Promise<void> {
  const temporary = `${to}.${randomUUID()}.part`;
  const hash = createHash('sha256');
  let bytes = 0;
  const proof = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.byteLength;
      hash.update(chunk);
      const over = bytes > limitBytes;
      done(over ? new PortFailure('bad-request', `the body has more than ${limitBytes} bytes`) : null, chunk);
    },
  });
  await mkdir(dirname(to), { recursive: true });
  try {
    await pipeline(body, proof, createWriteStream(temporary, { flags: 'wx' }));
    const found = hash.digest('hex');
    if (found !== sha256)
      throw new PortFailure('bad-request', `the body has SHA-256 ${found}, announced was ${sha256}`);
    await rename(temporary, to);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Files below a directory and their bytes together. */
export async function sizeOf(directory: string): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}

async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    // Only what is not there is nothing: a job whose file cannot be read for a moment has not vanished.
    if (errorCode(cause) === 'ENOENT') return undefined;
    const why = `${basename(path)} in the exchange cannot be read (${errorCode(cause)})`;
    throw new PortFailure('storage', why, { cause });
  });
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
