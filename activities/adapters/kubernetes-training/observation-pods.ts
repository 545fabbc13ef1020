import type { V1ContainerStateTerminated, V1ContainerStatus, V1Pod, V1PodSpec } from '@kubernetes/client-node';

/** The container that runs the user's trainer; whatever else is in the pod only fetches and brings. */
const TRAINER = 'trainer';

/** Milliseconds since 1970; `undefined` for what is no time. The client answers with `Date`, JSON with strings. */
export function msOf(time: Date | string | undefined): number | undefined {
  if (time === undefined || time === null) return undefined;
  const ms = new Date(time).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}

export function isoOf(time: Date | string | undefined): string | undefined {
  const ms = msOf(time);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** Leaves out what is not known: a key with `undefined` is no key in JSON. */
export function known<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export function nameOf(pod: V1Pod): string {
  return pod.metadata?.name ?? 'a pod without a name';
}

/** What took the pod away from outside, if anything did: reasons of the condition `DisruptionTarget`. */
export function disruptionOf(pod: V1Pod): { reason: string; message?: string } | undefined {
  const condition = pod.status?.conditions?.find((one) => one.type === 'DisruptionTarget' && one.status === 'True');
  if (condition === undefined) return undefined;
  return {
    reason: condition.reason ?? 'DisruptionTarget',
    ...(condition.message === undefined ? {} : { message: condition.message }),
  };
}

export function isLive(pod: V1Pod): boolean {
  const phase = pod.status?.phase;
  return pod.metadata?.deletionTimestamp === undefined && phase !== 'Failed' && phase !== 'Succeeded';
}

/** A pod that failed by its own doing: healthy pods are killed too when another one fails, and those are deleted. */
export function failedByItself(pod: V1Pod): boolean {
  return (
    pod.status?.phase === 'Failed' && pod.metadata?.deletionTimestamp === undefined && disruptionOf(pod) === undefined
  );
}

/** All containers' states in the order in which they start. */
export function containersOf(pod: V1Pod): readonly V1ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

function trainerOf(pod: V1Pod): V1ContainerStatus | undefined {
  const all = pod.status?.containerStatuses ?? [];
  return all.find((one) => one.name === TRAINER) ?? all[0];
}

/** The container that made the pod fail: the trainer if it did, else the first that did. */
export function failureOf(pod: V1Pod): { container: string; ended: V1ContainerStateTerminated } | undefined {
  const trainer = trainerOf(pod);
  const candidates = trainer === undefined ? containersOf(pod) : [trainer, ...containersOf(pod)];
  for (const { name, state } of candidates) {
    if (state?.terminated && state.terminated.exitCode !== 0) return { container: name, ended: state.terminated };
  }
  return undefined;
}

export function startedAtOf(pod: V1Pod): string | undefined {
  const state = trainerOf(pod)?.state;
  return isoOf(state?.running?.startedAt ?? state?.terminated?.startedAt);
}

export function endedAtOf(pod: V1Pod): string | undefined {
  return isoOf(trainerOf(pod)?.state?.terminated?.finishedAt);
}

/** Accelerators that the pod holds: extended resources of GPUs, and slices of them, each counted once. */
export function gpusOf(pod: V1Pod): number {
  return gpuLimits(pod.spec).reduce((sum, [, count]) => sum + Number(count), 0);
}

/** The extended resources by which such a pod asks for accelerators, and how many of each. */
export function gpuLimits(spec: V1PodSpec | undefined): (readonly [resource: string, count: string])[] {
  const limits = (spec?.containers ?? []).flatMap((one) => Object.entries(one.resources?.limits ?? {}));
  return limits.filter(([resource]) => /\/.*(gpu|mig-)|gpu.*\//.test(resource));
}

/** Attempts of the Job so far: the most that any of its indexes used. Disruptions are no attempts. */
export function attemptsOf(pods: readonly V1Pod[]): number {
  const byIndex = new Map<string, number>();
  for (const pod of pods.filter((one) => failedByItself(one) || one.status?.phase === 'Succeeded' || isLive(one))) {
    const index = pod.metadata?.labels?.['batch.kubernetes.io/job-completion-index'] ?? '0';
    byIndex.set(index, (byIndex.get(index) ?? 0) + 1);
  }
  return Math.max(1, ...byIndex.values());
}

/** `95 s`, `12 min`, `3 h`: as a person would say it. */
export function spell(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
