import { FAILURES } from '../../../activities/failures.ts';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../../../activities/ports/port-failure.ts';
import type { JobState, TrainingBackend, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { ATTEMPT_DEFAULTS, decideAttempt, firstAttempt } from '../../../scorecards/training-attempts.ts';
import type { AttemptDecision } from '../../../scorecards/training-attempts.ts';
import type { Failures } from './world.ts';
import { ended } from './world.ts';

/** What a person is told, and what the run does about it. */
export interface Told {
  readonly type: string;
  readonly sentence: string;
  readonly retry: string;
  readonly state?: JobState;
}

/** One line of the table of failure classes, with how it is made to happen. */
export interface Row {
  readonly name: string;
  /** Type of `activities/failures.ts`, or `waiting` for what mends itself. */
  readonly type: string;
  readonly sentence: RegExp;
  /** What the run decides: `no: …`, `again: …`, or that this very Job goes on. */
  readonly retry: RegExp;
  readonly produce: (world: Failures) => Promise<Told>;
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
  return told(error.code, error.message);
}

/** What a state means to a run: its type, its sentence, and the decision about another Job. */
export function tell(state: JobState): Told {
  if (state.state === 'waiting') return { type: 'waiting', sentence: state.why, retry: 'this job goes on', state };
  if (state.state === 'failed') return { ...told(state.code, state.message, state), state };
  if (state.state === 'vanished') return { ...told('job-vanished', 'it is gone'), state };
  throw new Error(`expected a job that has trouble, it is ${JSON.stringify(state)}`);
}

function told(code: PortFailureCode, sentence: string, state?: Extract<JobState, { state: 'failed' }>): Told {
  const { type, retry } = FAILURES[code];
  const { evictions = 0, suspensions = 0, runSeconds = 0 } = state?.compute ?? {};
  const failure = { type, attempts: state?.attempts ?? 0, evictions, suspensions, runSeconds };
  const decision = decideAttempt(failure, firstAttempt(MEMORY), POLICY);
  return { type, sentence, retry: retry ? 'this very call is tried again' : words(decision) };
}

function words({ again, sentence }: AttemptDecision): string {
  return `${again ? 'again' : 'no'}: ${sentence}`;
}

/** All rows at once, because each mostly waits for the cluster; every test then looks at its own. */
export function startAll(rows: readonly Row[], world: Failures): (row: Row) => Promise<Told> {
  const started = new Map(rows.map((row) => [row, Promise.allSettled([row.produce(world)])] as const));
  return async (row) => {
    const outcome = (await started.get(row))?.[0];
    if (outcome?.status !== 'fulfilled') throw outcome?.reason ?? new Error(`row ${row.name} was not started`);
    return outcome.value;
  };
}
