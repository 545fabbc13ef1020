import { expect, test } from '@jest/globals';
import { known } from '../../../activities/adapters/kubernetes-training/observation-pods.ts';
import { FAILURES } from '../../../activities/failures.ts';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../../../activities/ports/port-failure.ts';
import type { JobState, TrainingBackend, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { ATTEMPT_DEFAULTS, decideAttempt, firstAttempt } from '../../../scorecards/training-attempts.ts';
import type { AttemptDecision } from '../../../scorecards/training-attempts.ts';
import { present } from '../../present.ts';
import { delayOf } from './moments.ts';
import type { Failures } from './world.ts';
import { WITHIN_MS, ended } from './world.ts';

/** What a person is told, and what the run does about it. */
export interface Told {
  readonly type: string;
  readonly sentence: string;
  readonly retry: string;
  readonly state?: JobState;
  /** From the cause to the sentence. */
  readonly seconds?: number;
}

/** One line of the table of failure classes, with how it is made to happen. */
export interface Row<W = Failures> {
  readonly name: string;
  /** Type of `activities/failures.ts`, or `waiting` for what mends itself. */
  readonly type: string;
  readonly sentence: RegExp;
  /** What the run decides: `no: …`, `again: …`, or that this very Job goes on. */
  readonly retry: RegExp;
  readonly produce: (world: W) => Promise<Told>;
}

/**
 * The longest from a fact of the cluster, as the cluster dates it, to the sentence that tells it, the short graces of these
 * tests included. What the cluster itself needs between two facts, such as the end of a trainer and that of its Job, is a
 * matter of its machine. Here it is looked twice a second; the pause of a worker between two looks comes on top.
 */
const SECONDS = 60;

/** One test for each row: whoever asks is told what it promises, and in time. */
export function expectPromised<R extends Pick<Row, 'name' | 'type' | 'sentence' | 'retry'>>(
  rows: readonly R[],
  outcome: (row: R) => Promise<Told>,
): void {
  test.each(rows)(
    '$name → $type',
    async (row) => {
      const { type, sentence, retry } = row;
      const promised = { type, sentence: expect.stringMatching(sentence), retry: expect.stringMatching(retry) };
      const said = await outcome(row);
      expect(said).toMatchObject(promised);
      expect(said.seconds).toBeLessThan(SECONDS);
    },
    WITHIN_MS,
  );
}

/** Memory of the jobs, and one step that a platform would allow after it. */
const MEMORY = 32 * 1024 ** 2;
const POLICY = { ...ATTEMPT_DEFAULTS, memorySteps: [2 * MEMORY], gpuKinds: 2 };

/** Follows a submitted job to its end. */
export async function endOf(backend: TrainingBackend, job: TrainingJob): Promise<Told> {
  await backend.submit(job);
  return tell(await ended(backend, job.name));
}

/** A submission that must not succeed. */
export async function refusal(submitted: Promise<unknown>): Promise<Told> {
  const error: unknown = await submitted.then(
    () => new Error('it was accepted'),
    (cause: unknown) => cause,
  );
  if (!(error instanceof PortFailure)) throw error;
  return { ...told(error.code, error.message), ...known({ seconds: delayOf(error) }) };
}

/** What a state means to a run: its type, its sentence, and the decision about another Job. */
export function tell(state: JobState): Told {
  return { ...verdictOf(state), ...known({ seconds: delayOf(state) }) };
}

function verdictOf(state: JobState): Told {
  if (state.state === 'waiting') return { type: 'waiting', sentence: state.why, retry: 'this job goes on', state };
  if (state.state === 'failed') return { ...told(state.code, state.message, state), state };
  if (state.state === 'vanished') return { ...told('job-vanished', state.why ?? ''), state };
  throw new Error(`expected a job that has trouble, it is ${JSON.stringify(state)}`);
}

function told(code: PortFailureCode, sentence: string, state?: Extract<JobState, { state: 'failed' }>): Told {
  const { type, retry } = FAILURES[code];
  if (retry) return { type, sentence, retry: 'this very call is tried again' };
  return { type, sentence, retry: words(decideAttempt({ type, ...wayOf(state) }, firstAttempt(MEMORY), POLICY)) };
}

/** How far the job came, as the run's decision wants to know it. */
function wayOf(state?: Extract<JobState, { state: 'failed' }>) {
  const { evictions = 0, suspensions = 0, runSeconds = 0 } = state?.compute ?? {};
  const { step, stuck } = state?.checkpoint ?? {};
  const counted = { attempts: state?.attempts ?? 0, evictions, suspensions, runSeconds };
  return { ...counted, ...known({ checkpointStep: step, stuck }) };
}

function words({ again, sentence }: AttemptDecision): string {
  return `${again ? 'again' : 'no'}: ${sentence}`;
}

/** Starts all at once, because each mostly waits for the cluster; what went wrong is told to whoever asks for it. */
export function startAll<W>(rows: readonly Row<W>[], world: W): (row: Row<W>) => Promise<Told> {
  const started = new Map(rows.map((row) => [row, settled(row.produce(world))] as const));
  return async (row) => await present(started.get(row))();
}

/** A promise whose failure waits until somebody asks. */
export function settled<T>(promise: Promise<T>): () => Promise<T> {
  const end = Promise.allSettled([promise]);
  return async () => {
    await end;
    return await promise;
  };
}
