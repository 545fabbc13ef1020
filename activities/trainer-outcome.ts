import { lstat, readFile, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { EXIT_CODES, MAIN_VARIANT, trainerResultSchema } from '../scorecards/contracts/trainer.ts';
import type { TrainedArtifact, TrainedResult, TrainerResult, TrainerSpec } from '../scorecards/contracts/trainer.ts';
import { testedResult } from './tested-result.ts';
import { digestOf, fileDigest } from './artifact.ts';
import { underContract } from './contract-text.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { PortFailureCode } from './ports/port-failure.ts';
import type { JobState, TrainingJob } from './ports/training-backend.ts';

/** How a trainer's last attempt ended, as a backend saw it. Every backend is judged by the same `judgeEnd`. */
export interface TrainerEnd {
  readonly cause: 'exit' | 'signal' | 'deadline' | 'stopped' | 'not-found';
  readonly exitCode?: number;
  readonly signal?: string;
  /** What the backend knows beyond cause and code, in one sentence. */
  readonly message?: string;
  readonly attempts: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly logTail: string;
}

/** What makes two submissions of one name the same job; the environment is left out, because it may hold secrets. */
export function jobDigest(job: Pick<TrainingJob, 'command' | 'folder' | 'spec'>): string {
  return digestOf({ command: job.command, folder: job.folder, spec: job.spec });
}

/** Exit codes after which another attempt is useless. */
export const FINAL_EXIT_CODES: readonly number[] = Object.entries(EXIT_CODES)
  .filter(([, { retry }]) => !retry)
  .map(([code]) => Number(code));

const CODE_OF_EXIT: Readonly<Record<number, PortFailureCode>> = {
  64: 'trainer-usage',
  65: 'trainer-data',
  69: 'trainer-dependency',
  75: 'trainer-temporary',
  77: 'trainer-permission',
  78: 'trainer-configuration',
};

/** What an exit code that is not 0 means: our code for it, in words, and whether another attempt may help. */
export function meaningOfExit(exitCode: number): { code: PortFailureCode; means: string; retry: boolean } {
  const known = Object.entries(EXIT_CODES).find(([code]) => Number(code) === exitCode)?.[1];
  return {
    code: CODE_OF_EXIT[exitCode] ?? 'trainer-error',
    means: known?.means ?? 'trainer error',
    retry: known?.retry ?? true,
  };
}

/** The state of a job that has ended: exit code and `result.json` must tell the same story, and every digest must hold. */
export async function judgeEnd(
  end: TrainerEnd,
  spec: Pick<TrainerSpec, 'mode' | 'seed'>,
  output: string,
): Promise<JobState> {
  const failed = (code: PortFailureCode, message: string): JobState => ({
    state: 'failed',
    code,
    message,
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    attempts: end.attempts,
    logTail: end.logTail,
  });
  const { startedAt, endedAt, attempts, logTail } = end;
  try {
    if (spec.mode === 'test' && end.cause === 'exit') {
      const result = await testedResult(output, end.exitCode ?? -1);
      return { state: 'succeeded', output, result, startedAt, endedAt, attempts, logTail };
    }
    if (end.cause !== 'exit' || end.exitCode !== 0) return failed(...(await explainFailure(end, output)));
    const result = await readTrainerResult(output, spec);
    return { state: 'succeeded', output, result, startedAt, endedAt, attempts, logTail };
  } catch (error) {
    if (error instanceof PortFailure) return failed(error.code, error.message);
    throw error;
  }
}

async function explainFailure(end: TrainerEnd, output: string): Promise<[PortFailureCode, string]> {
  const after = `after ${end.attempts} attempt${end.attempts === 1 ? '' : 's'}`;
  switch (end.cause) {
    case 'deadline':
      return ['deadline', end.message ?? `the trainer was stopped at its deadline ${after}`];
    case 'not-found':
      return ['command-not-found', end.message ?? 'the command of the trainer was not found'];
    case 'stopped':
      return ['trainer-killed', end.message ?? `the trainer was told to stop ${after}`];
    case 'signal':
      return ['trainer-killed', `the trainer was ended by ${end.signal} ${after}; memory is the usual cause`];
    case 'exit':
      return await explainExit(end.exitCode ?? -1, after, output);
  }
}

async function explainExit(code: number, after: string, output: string): Promise<[PortFailureCode, string]> {
  if (await lstat(join(output, 'result.json')).catch(() => undefined)) {
    return ['trainer-contradiction', `the trainer wrote result.json but ended with exit code ${code} ${after}`];
  }
  const meaning = meaningOfExit(code);
  return [meaning.code, `the trainer ended with exit code ${code} (${meaning.means}) ${after}`];
}

/**
 * Reads `result.json` and proves it: the contract, the mode and seed that were asked for, every named file inside
 * `output` with its digest, and no file in the artifact that is not named. Throws `trainer-no-result`,
 * `trainer-contradiction` or `trainer-digest`.
 */
export async function readTrainerResult(
  output: string,
  spec: Pick<TrainerSpec, 'mode' | 'seed'>,
): Promise<TrainerResult> {
  const result = await parseResult(join(output, 'result.json'));
  if (result.mode !== spec.mode) {
    throw contradiction(`result.json says mode "${result.mode}", the trainer was run in mode "${spec.mode}"`);
  }
  if (result.mode === 'train') await proveTrained(output, result, spec.seed);
  else for (const file of filesOf(result)) await proveFile(output, file);
  return result;
}

async function parseResult(path: string): Promise<TrainerResult> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PortFailure('trainer-no-result', `the trainer ended with exit code 0 but left no ${path}`, { cause });
  });
  return underContract(trainerResultSchema, text, path);
}

async function proveTrained(output: string, result: TrainedResult, seed: number): Promise<void> {
  if (result.seed !== undefined && result.seed !== seed) {
    throw contradiction(`result.json says seed ${result.seed}, the trainer was given seed ${seed}`);
  }
  const { variants = [] } = result;
  const names = [MAIN_VARIANT, ...variants.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw contradiction(`result.json names the variant ${twice} twice; ${MAIN_VARIANT} is the artifact itself`);
  }
  for (const artifact of [result.artifact, ...variants.map((variant) => variant.artifact)])
    await proveArtifact(output, artifact);
  for (const { outOfSample } of [result, ...variants]) if (outOfSample) await proveFile(output, outOfSample);
}

async function proveArtifact(output: string, artifact: TrainedArtifact): Promise<void> {
  const directory = await inside(output, artifact.path);
  for (const file of artifact.files) await proveFile(directory, file);
  const named = new Set(artifact.files.map((file) => file.path));
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const unnamed = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .find((path) => !named.has(path));
  if (unnamed === undefined) return;
  throw contradiction(
    `the artifact holds ${unnamed}, which result.json does not name; expected a digest for each file`,
  );
}

function filesOf(result: Exclude<TrainerResult, TrainedResult>): readonly { path: string; sha256: string }[] {
  return result.mode === 'predict' ? [result.predictions] : [...result.observations, ...result.labels];
}

async function proveFile(directory: string, file: { path: string; sha256: string }): Promise<void> {
  const path = await inside(directory, file.path);
  const found = await fileDigest(path).catch((cause: unknown) => {
    throw contradiction(`result.json names ${file.path}, which cannot be read: ${String(cause)}`);
  });
  if (found === file.sha256) return;
  throw new PortFailure(
    'trainer-digest',
    `${file.path} has SHA-256 ${found}, result.json says ${file.sha256}: it was changed after the trainer named it`,
    { details: { file: file.path } },
  );
}

/** Resolves links too: a result may not make us read what lies outside its own directory. */
async function inside(directory: string, path: string): Promise<string> {
  const root = await realpath(directory);
  const found = await realpath(join(directory, path)).catch(() => {
    throw contradiction(`result.json names ${path}, which does not exist in ${directory}`);
  });
  if (found === root || found.startsWith(root + sep)) return found;
  throw contradiction(`result.json names ${path}, which lies outside ${directory}; expected a path below it`);
}

function contradiction(message: string): PortFailure {
  return new PortFailure('trainer-contradiction', message);
}
