import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import type { RunContext } from '../scorecards/run.ts';
import { appliedOf } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { bookTraining, usageOf } from './cost.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { JobState } from './ports/training-backend.ts';
import { digestOf } from './artifact.ts';
import type { Telemetry } from './telemetry.ts';

export type FinishedJob = Extract<JobState, { state: 'succeeded' }>;

/** At most 52 characters, the same for every attempt of the same node of the same run. */
export function jobName(context: Pick<RunContext, 'run' | 'model' | 'generation'>, node: string): string {
  const digest = digestOf([context.run, node, context.generation]).slice(0, 12);
  return `us-${context.model.slice(0, 24)}-${node.slice(0, 10)}-${digest}`;
}

const POLL_MS = 500;

/** The node whose job makes the model; the others only ask models. */
export const TRAINING_NODE = 'training';

export function createJobs(
  ports: Pick<Ports, 'training' | 'evidence'>,
  settings: Pick<ActivitySettings, 'prices'>,
  telemetry: Pick<Telemetry, 'trainingBooked'>,
) {
  return {
    /**
     * Follows a job to its end, whoever started it. Heartbeats what it is doing. Never removes what it watches: an operator
     * who pauses or resets this activity must not lose hours of training.
     */
    async watchJob(input: { readonly job: string }): Promise<{ readonly attempts: number; readonly seconds: number }> {
      for (;;) {
        const state = await ports.training.inspect(input.job);
        if (state.state === 'succeeded') {
          return {
            attempts: state.attempts,
            seconds: (Date.parse(state.endedAt) - Date.parse(state.startedAt)) / 1000,
          };
        }
        failIfOver(input.job, state);
        heartbeat({ job: input.job, ...state, attemptOfWatch: activityInfo().attempt });
        await sleep(POLL_MS);
      }
    },
    /** Stops and forgets; nothing there is success. By node: whoever cleans up may never have heard the job's name. */
    async removeJob(input: { readonly context: RunContext; readonly node: string }): Promise<void> {
      const job = jobName(input.context, input.node);
      // Removing comes first in rank: a cluster that cannot be asked, or a full disk, must not keep a job alive.
      if (input.node === TRAINING_NODE) await bookWhatIsThere(input.context, job).catch(() => undefined);
      await ports.training.remove(job);
    },
  };

  /** A training that failed or was stopped has cost something too; one that was taken over is booked already. */
  async function bookWhatIsThere(context: RunContext, job: string): Promise<void> {
    const state = await ports.training.inspect(job);
    const { policy } = await appliedOf(ports.evidence, context);
    const usage = usageOf(state, policy, Date.now());
    if (usage === undefined) return;
    await bookTraining(ports, settings, telemetry, { context, usage, finished: state.state === 'succeeded' });
  }
}

function failIfOver(job: string, state: JobState): void {
  if (state.state === 'failed') {
    const { code, message, exitCode, attempts, logTail } = state;
    const tail = logTail.split('\n').slice(-20).join('\n');
    throw new PortFailure(code, message, {
      details: { job, attempts, logTail: tail, ...(exitCode === undefined ? {} : { exitCode }) },
    });
  }
  if (state.state === 'vanished')
    throw new PortFailure('job-vanished', `job ${job} is gone and left no result`, { details: { job } });
}

/** The finished job, or why there is none. */
export async function finishedJob(ports: Pick<Ports, 'training'>, job: string): Promise<FinishedJob> {
  const state = await ports.training.inspect(job);
  if (state.state === 'succeeded') return state;
  failIfOver(job, state);
  throw new PortFailure('not-ready', `job ${job} is ${state.state}; expected it to have succeeded`);
}
