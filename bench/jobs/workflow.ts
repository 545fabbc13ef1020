import { proxyActivities, sleep } from '@temporalio/workflow';
import type { BenchActivities } from './worker.ts';

export interface FollowedJob {
  readonly job: string;
  /** Milliseconds since the epoch: before the submit, and when the step after the training could begin. */
  readonly submittedAt: number;
  readonly nextAt: number;
  /** Of the trainer's result. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * The part of a run that speaks to the cluster, as three activities of its own: submit, watch, delete. `keepMs` leaves the
 * Job there for so long, for others who watch it too.
 */
export async function followJob(job: string, keepMs = 0): Promise<FollowedJob> {
  const retry = { initialInterval: '500 ms', maximumInterval: '10 s' } as const;
  const { submitJob, metricsOf, removeJob } = proxyActivities<BenchActivities>({
    taskQueue: 'bench-training',
    startToCloseTimeout: '5 m',
    retry,
  });
  const { watchJob } = proxyActivities<BenchActivities>({
    taskQueue: 'bench-training',
    startToCloseTimeout: '1 h',
    heartbeatTimeout: '30 s',
    retry,
  });
  const submittedAt = Date.now();
  await submitJob(job);
  await watchJob({ job });
  const nextAt = Date.now();
  const metrics = await metricsOf(job);
  if (keepMs > 0) await sleep(keepMs);
  await removeJob(job);
  return { job, submittedAt, nextAt, metrics };
}
