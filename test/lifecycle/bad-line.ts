import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { TrainingBackend } from '../../activities/ports/training-backend.ts';

/** How often the quota of Jobs refuses the next one. */
export const quota = { refusals: 0 };

/** What every job of a trainer is seen to wait for, while it is set. */
export const queue: { why?: string } = {};

/** The answer to each job's first submit is lost: it was executed, and nobody heard of it. */
export function badLine(training: TrainingBackend): TrainingBackend {
  const lost = new Set<string>();
  return {
    ...training,
    inspect: async (name) => {
      const state = await training.inspect(name);
      return queue.why === undefined ? state : { state: 'waiting', why: queue.why };
    },
    submit: async (job) => {
      if (quota.refusals > 0) {
        quota.refusals -= 1;
        throw new PortFailure('quota-exceeded', 'exceeded quota: jobs, used 4, hard 4');
      }
      await training.submit(job);
      if (job.spec.mode === 'predict' || lost.has(job.name)) return;
      lost.add(job.name);
      throw new PortFailure('unavailable', 'the line went down');
    },
  };
}
