import { readFileSync } from 'node:fs';
import type { V1JobStatus } from '@kubernetes/client-node';
import type { JobObservation, JobPast } from '../../../../activities/adapters/kubernetes-training/observation.ts';
import { remember } from '../../../../activities/adapters/kubernetes-training/observation-past.ts';

interface Refusal {
  readonly code: number;
  readonly body: unknown;
}

/** Objects of a real Kubernetes 1.34 control plane; pod states were written by hand where no kubelet ran. */
export function observed(name: string, more: Partial<JobObservation> = {}): JobObservation {
  const recorded = read(name) as Omit<JobObservation, 'now'> & { now: string };
  return { ...recorded, now: new Date(recorded.now), ...more };
}

/** What the API server answered to a create that it refused. */
export function observedRefusal(name: string): Refusal {
  return read(name) as Refusal;
}

/** The observation a while later, nothing having changed. */
export function later(observation: JobObservation, ms: number): JobObservation {
  return { ...observation, now: new Date(observation.now.getTime() + ms) };
}

/** The same object with some fields changed; the client's classes have no behaviour that a copy could lose. */
export function altered<T extends object>(object: T, changes: Partial<T>): T {
  return Object.assign(structuredClone(object), changes);
}

/** What several polls of one Job leave behind. */
export function pastOf(...names: readonly string[]): JobPast {
  const past = names.reduce<JobPast | undefined>(
    (past, name) => remember(observed(name, past === undefined ? {} : { past })),
    undefined,
  );
  if (past === undefined) throw new Error(`no recording of ${names.join(', ')} has a Job`);
  return past;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`observed/${name}.json`, import.meta.url), 'utf8'));
}

/** The same Job with other conditions, or whatever else its status says. */
export function withStatus(observation: JobObservation, changes: Partial<V1JobStatus>): JobObservation {
  const job = structuredClone(observation.job ?? {});
  return { ...observation, job: altered(job, { status: altered(job.status ?? {}, changes) }) };
}

export function uidOf({ job }: JobObservation): string {
  return job?.metadata?.uid ?? '';
}

/** A Job's poll right after its creation. */
export function atCreation(observation: JobObservation): JobObservation {
  return { ...observation, now: new Date(observation.job?.metadata?.creationTimestamp ?? 0) };
}
