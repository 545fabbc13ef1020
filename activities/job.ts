import { setTimeout as pause } from 'node:timers/promises';
import { Context, heartbeat, log, sleep } from '@temporalio/activity';
import type { RunContext } from '../scorecards/run.ts';
import type { AttemptsSpent, EarlierJob } from '../scorecards/training-attempts.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { appliedOf, noteStage } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { bookTraining, isBooked, requestedBy, usageOf } from './cost.ts';
import type { JobUsed } from './cost.ts';
import { createTeller } from './job-news.ts';
import { lastLine } from './last-line.ts';
import type { Work } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { PortFailureDetails } from './ports/port-failure.ts';
import type { JobState } from './ports/training-backend.ts';
import { digestOf } from './artifact.ts';
import type { Telemetry } from './telemetry.ts';
import { keepLog, logOf } from './training-log.ts';

export type FinishedJob = Extract<JobState, { state: 'succeeded' }>;

/**
 * At most 52 characters, and never the same for two Jobs: the same for every attempt of an activity, another one for each
 * node of a run and for each time that the run starts its training again.
 */
export function jobName(context: Pick<RunContext, 'run' | 'model' | 'generation'>, node: string, attempt = 1): string {
  const digest = digestOf([context.run, node, context.generation, attempt]).slice(0, 12);
  return `us-${context.model.slice(0, 24)}-${node.slice(0, 10)}-${digest}`;
}

const POLL_MS = 500;
/**
 * So often within the silence that is allowed: one beat may be lost. Every beat is a write of the Temporal server, and five
 * hundred jobs are watched at once; a cancellation is heard with the next one.
 */
const BEATS = 3;
/** Where no silence is bounded nobody waits for a beat. */
const SILENCE_MS = 30_000;
/** What of a log goes into the history and the evidence. */
const TAIL_LINES = 20;
const TAIL_CHARACTERS = 8_000;

/** How one job of a training ended that made no model; kept with the run. */
export interface NotedAttempt extends EarlierJob {
  readonly message: string;
  /** Whether another job followed. */
  readonly again: boolean;
  /** Its last lines, where it wrote any and they could be read. */
  readonly logTail?: string;
}

/** As it is kept. */
export interface KeptAttempt extends NotedAttempt {
  /** All of its log that was fetched. */
  readonly log?: EvidenceRef;
}

/** The node whose job makes the model; the others only ask models. */
export const TRAINING_NODE = 'training';

export function createJobs(
  ports: Pick<Ports, 'training' | 'evidence'>,
  settings: Pick<ActivitySettings, 'prices'>,
  telemetry: Pick<Telemetry, 'trainingBooked'>,
) {
  return {
    /**
     * Follows a job to its end, whoever started it. Heartbeats what it is doing, and tells its run what it waits for when
     * `tell` is set. Never removes what it watches: an operator who pauses or resets this activity must not lose hours of
     * training.
     */
    watchJob: async (input: WatchInput): Promise<{ readonly attempts: number; readonly seconds: number }> =>
      follow(ports.training, input),
    /** Stops and forgets; nothing there is success. By node: whoever cleans up may never have heard the job's name. */
    async removeJob(input: {
      readonly context: RunContext;
      readonly node: string;
      /** Which of the training's jobs; absent: the first. */
      readonly spent?: AttemptsSpent;
    }): Promise<void> {
      const job = jobName(input.context, input.node, input.spent?.generation);
      // Removing comes first in rank: a cluster that cannot be asked, or a full disk, must not keep a job alive.
      if (input.node === TRAINING_NODE) await keepWhatIsThere(input.context, job, input.spent).catch(tellUnkept(job));
      await ports.training.remove(job);
    },

    /** Keeps how one job of the training ended that made no model, its last lines, and what was decided. */
    async noteAttempt(input: { readonly context: RunContext; readonly attempt: NotedAttempt }): Promise<void> {
      const { attempt, context } = input;
      const job = jobName(context, TRAINING_NODE, attempt.generation);
      const log = await logOf(ports, context, attempt.generation);
      const kept: KeptAttempt = { ...attempt, ...(log === undefined ? {} : { log }) };
      await noteStage(ports.evidence, context, `attempt-${attempt.generation}`, { job, ...kept });
    },
  };

  /** A training that failed or was stopped has cost something too, and has said why; one that is booked was taken over. */
  async function keepWhatIsThere(context: RunContext, job: string, spent?: AttemptsSpent): Promise<void> {
    if (await isBooked(ports, context, job)) return;
    const state = await ports.training.inspect(job);
    try {
      await book(state, { context, job, ...(spent ? { spent } : {}) });
    } finally {
      // What it cost and what it said: neither is lost because the other cannot be kept.
      if (state.state === 'failed')
        await keepLog(ports, context, { job: spent?.generation ?? 1, logTail: state.logTail });
    }
  }

  async function book(state: JobState, which: Pick<JobUsed, 'context' | 'job' | 'spent'>): Promise<void> {
    const { policy } = await appliedOf(ports.evidence, which.context);
    const usage = usageOf(state, requestedBy(policy, which.spent), Date.now());
    if (usage === undefined) return;
    await bookTraining(ports, settings, telemetry, { ...which, usage, finished: state.state === 'succeeded' });
  }
}

/** What a job cost and said is lost with it: whoever adds up costs must at least find that, and why. */
function tellUnkept(job: string) {
  return (error: unknown): void => {
    const { code, message } = error instanceof PortFailure ? error : { code: 'unexpected', message: String(error) };
    log.warn(`what job ${job} cost and said is not all kept, and the job is removed all the same: ${message}`, {
      job,
      code,
    });
  };
}

export interface WatchInput {
  readonly job: string;
  readonly tell?: boolean;
}

async function follow(training: Ports['training'], { job, tell = false }: WatchInput) {
  const context = Context.current();
  const { cancellationSignal, info } = context;
  const teller = tell ? createTeller(job, info) : undefined;
  let seen: object = { job };
  // A look may take longer than the silence that is allowed: a cluster that answers slowly is no dead worker.
  const beat = setInterval(
    () => {
      context.heartbeat(seen);
    },
    (info.heartbeatTimeoutMs ?? SILENCE_MS) / BEATS,
  );
  try {
    for (;;) {
      const state = await training.inspect(job);
      if (state.state === 'succeeded') {
        const { attempts, endedAt, startedAt } = state;
        return { attempts, seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 };
      }
      failIfOver(job, state);
      const told = await teller?.(state);
      const { compute: _compute, ...shown } = state;
      seen = { job, ...shown, attemptOfWatch: info.attempt, ...(told ? { told } : {}) };
      heartbeat(seen);
      await (training.untilNews?.(job, cancellationSignal) ?? sleep(POLL_MS));
    }
  } finally {
    clearInterval(beat);
  }
}

function failIfOver(job: string, state: JobState): void {
  if (state.state === 'failed') {
    const { code, message, exitCode, attempts, logTail } = state;
    const tail = logTail.trimEnd().split('\n').slice(-TAIL_LINES).join('\n').slice(-TAIL_CHARACTERS);
    throw new PortFailure(code, withLastLine(message, logTail), {
      details: { job, attempts, logTail: tail, ...(exitCode === undefined ? {} : { exitCode }), ...wayOf(state) },
    });
  }
  if (state.state === 'vanished')
    throw new PortFailure('job-vanished', `job ${job} left no result: ${state.why ?? 'it is gone'}`, {
      details: { job, ...wayOf(state) },
    });
}

/** What happened, with the trainer's own last word: most often it names the cause. A backend may have said it already. */
function withLastLine(message: string, log: string): string {
  const line = lastLine(log);
  return line === '' || message.includes(line) ? message : `${message}; its log ends with: ${line}`;
}

/** How far a job came and what was taken from it on its way: by this the run decides about another one. */
function wayOf({
  compute,
  checkpoint,
  failures,
}: Pick<Extract<JobState, { state: 'vanished' }>, 'compute' | 'checkpoint' | 'failures'>): PortFailureDetails {
  const { evictions, suspensions, runSeconds } = compute ?? {};
  const { step, stuck } = checkpoint ?? {};
  const known = Object.entries({ evictions, suspensions, runSeconds, failures, checkpointStep: step, stuck });
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

export type EndedJob = Exclude<JobState, { readonly state: 'waiting' | 'running' }>;

/** Follows a job within an activity that does more than that; `doing` is told while the job runs. */
export async function untilEnded(
  training: Ports['training'],
  job: string,
  doing: string,
  work: Work,
): Promise<EndedJob> {
  for (;;) {
    work.signal.throwIfAborted();
    const state = await training.inspect(job);
    if (state.state !== 'waiting' && state.state !== 'running') return state;
    const { step = 0, of = 0 } = state.state === 'running' ? (state.progress ?? {}) : {};
    work.progress(state.state === 'running' ? doing : state.why, step, of);
    await (training.untilNews?.(job, work.signal) ?? pause(POLL_MS, undefined, { signal: work.signal }));
  }
}

/** The finished job, or why there is none. */
export async function finishedJob(ports: Pick<Ports, 'training'>, job: string): Promise<FinishedJob> {
  const state = await ports.training.inspect(job);
  if (state.state === 'succeeded') return state;
  failIfOver(job, state);
  throw new PortFailure('not-ready', `job ${job} is ${state.state}; expected it to have succeeded`);
}
