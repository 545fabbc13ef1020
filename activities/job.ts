import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import type { RunContext } from '../scorecards/run.ts';
import type { Ports } from './context.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { JobState } from './ports/training-backend.ts';
import { digestOf } from './artifact.ts';

export type FinishedJob = Extract<JobState, { state: 'succeeded' }>;

/** At most 52 characters, the same for every attempt of the same node of the same run. */
export function jobName(context: Pick<RunContext, 'run' | 'model' | 'generation'>, node: string): string {
  const digest = digestOf([context.run, node, context.generation]).slice(0, 12);
  return `us-${context.model.slice(0, 24)}-${node.slice(0, 10)}-${digest}`;
}

const POLL_MS = 500;

export function createJobs(ports: Pick<Ports, 'training'>) {
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
      await ports.training.remove(jobName(input.context, input.node));
    },
  };
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
