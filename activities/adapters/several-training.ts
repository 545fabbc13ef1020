import { setTimeout as pause } from 'node:timers/promises';
import { PortFailure } from '../ports/port-failure.ts';
import type { JobState, TrainingBackend, TrainingJob } from '../ports/training-backend.ts';

export interface TrainingBackends {
  readonly process: TrainingBackend;
  /** Absent when the settings name no cluster. */
  readonly kubernetes?: TrainingBackend;
}

/** How often a backend is asked that does not say when it has news. */
const HALF_A_SECOND = 500;

/**
 * Several backends behind one port. A job that asks for a placement goes to the cluster, any other to this machine; later
 * calls name the job alone, and whichever backend knows it answers. Names are unique, so at most one does.
 */
export function severalTrainingBackends(backends: TrainingBackends): TrainingBackend {
  const { process: local, kubernetes } = backends;
  if (!kubernetes) return { ...local, submit: async (job) => local.submit(refusePlacement(job)) };
  return {
    submit: async (job) => (job.placement ? kubernetes : local).submit(job),
    inspect: async (name): Promise<JobState> => {
      // A folder is looked up before a server is asked.
      const here = await local.inspect(name);
      return here.state === 'vanished' ? kubernetes.inspect(name) : here;
    },
    untilNews: async (name, signal) => {
      const isHere = (await local.inspect(name)).state !== 'vanished';
      const backend = isHere ? local : kubernetes;
      await (backend.untilNews?.(name, signal) ?? pause(HALF_A_SECOND, undefined, { signal }));
    },
    remove: async (name) => {
      await local.remove(name);
      await kubernetes.remove(name);
    },
  };
}

function refusePlacement(job: TrainingJob): TrainingJob {
  if (!job.placement) return job;
  throw new PortFailure(
    'unsupported',
    `job ${job.name} asks for a cluster (image ${job.placement.image}), and this worker has none: add a kubernetes ` +
      'section to understudy.config.yaml',
  );
}
