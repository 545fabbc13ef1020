import type { V1JobSpec, V1PodFailurePolicy, V1PodFailurePolicyRule } from '@kubernetes/client-node';
import { FINAL_EXIT_CODES } from '../../trainer-outcome.ts';
import type { PlatformTemplate } from './manifest-platform.ts';
import type { Placement, TrainingJob } from '../../ports/training-backend.ts';
import { CONTAINERS } from './pod-template-containers.ts';

/** SIGKILL: without a disruption it was the kernel, for memory. */
const KILLED = 137;

/** Everything of the Job's spec but its pod. `suspend` stays unset: under Kueue its webhook sets it. */
export function jobTemplate(
  job: TrainingJob,
  { nodes }: Placement,
  { ttlSeconds }: PlatformTemplate,
): Omit<V1JobSpec, 'template'> {
  return {
    completionMode: 'Indexed',
    completions: nodes,
    parallelism: nodes,
    // A collective fails as one: its other pods cannot go on with a new neighbour.
    backoffLimit: nodes === 1 ? job.retries : 0,
    podReplacementPolicy: 'Failed',
    podFailurePolicy: failurePolicy(),
    activeDeadlineSeconds: Math.ceil(job.deadlineMs / 1000),
    ttlSecondsAfterFinished: ttlSeconds,
  };
}

/**
 * First match wins. A disruption must be ignored before the kill that it causes is taken for one by memory; what no rule
 * names is counted against `backoffLimit`.
 */
function failurePolicy(): V1PodFailurePolicy {
  return {
    rules: [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      failOn(CONTAINERS.trainer, FINAL_EXIT_CODES),
      failOn(CONTAINERS.fetch, FINAL_EXIT_CODES),
      failOn(CONTAINERS.trainer, [KILLED]),
    ],
  };
}

/** The API server refuses codes that are not sorted, stand twice, or are 0. */
function failOn(containerName: string, codes: readonly number[]): V1PodFailurePolicyRule {
  const values = [...new Set(codes)].filter((code) => code !== 0).toSorted((a, b) => a - b);
  return { action: 'FailJob', onExitCodes: { containerName, operator: 'In', values } };
}
