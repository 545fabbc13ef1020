import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { JobObservation, JobPast, PodPast } from './observation.ts';
import {
  disruptionOf,
  endedAtOf,
  failedByItself,
  gpusOf,
  isoOf,
  known,
  msOf,
  nameOf,
  startedAtOf,
} from './observation-pods.ts';

/** Instead of a reason: the pod was gone before anybody could read one. */
export const UNSEEN = 'unseen';

/**
 * Adds what this poll saw to what is known of the Job. Kubernetes forgets: a preempted pod is gone with its end, a
 * resumed Job with its suspension. Pure; the result goes into the heartbeat and comes back as `observation.past`.
 */
export function remember(observation: JobObservation): JobPast | undefined {
  const uid = observation.job?.metadata?.uid ?? observation.past?.jobUid;
  if (uid === undefined) return undefined;
  const before = observation.past?.jobUid === uid ? observation.past : fresh(observation, uid);
  const pods = rememberPods(observation, before.pods);
  const suspension = rememberSuspension(observation.job, before, pods);
  const homeless = observation.namespaceGone === true || before.namespaceGone === true;
  return {
    jobUid: uid,
    createdAt: before.createdAt,
    ...suspension,
    pods,
    ...(homeless ? { namespaceGone: true } : {}),
  };
}

function fresh({ job, now }: JobObservation, jobUid: string): JobPast {
  const createdAt = isoOf(job?.metadata?.creationTimestamp) ?? now.toISOString();
  return { jobUid, createdAt, suspensions: 0, suspendedSeconds: 0, pods: {} };
}

function rememberPods(observation: JobObservation, earlier: JobPast['pods']): JobPast['pods'] {
  const seen = Object.fromEntries(
    observation.pods
      .toSorted((a, b) => (msOf(a.metadata?.creationTimestamp) ?? 0) - (msOf(b.metadata?.creationTimestamp) ?? 0))
      .map((pod) => [pod.metadata?.uid ?? nameOf(pod), pod]),
  );
  const gone = Object.entries(earlier).map(([uid, pod]): [string, PodPast] => [
    uid,
    uid in seen || pod.endedAt !== undefined ? pod : leave(pod, observation),
  ]);
  const there = Object.entries(seen).map(([uid, pod]): [string, PodPast] => [
    uid,
    rememberPod(pod, earlier[uid], observation.checkpointStep),
  ]);
  return Object.fromEntries([...gone, ...there]);
}

/**
 * A pod that is not there any more. One that ended by itself stays as long as its Job, so this one was taken away; an
 * evicted pod with a quick trainer is gone between two polls, with the condition that would have said so.
 */
function leave(pod: PodPast, observation: JobObservation): PodPast {
  const endedAt = observation.now.toISOString();
  if (pod.evicted !== undefined || !isTaken(pod, observation)) return { ...pod, endedAt };
  return { ...pod, endedAt, ...known({ evicted: UNSEEN, step: observation.checkpointStep }) };
}

const LEAVING = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'];

/** Not by its own Job, which takes its pods when it ends, is deleted, or is suspended. */
function isTaken({ startedAt }: PodPast, { job, namespaceGone }: JobObservation): boolean {
  if (job === undefined || namespaceGone === true || startedAt === undefined || isEnding(job)) return false;
  const turned = job.status?.conditions?.find(({ type }) => type === 'Suspended');
  return (msOf(turned?.lastTransitionTime) ?? 0) < (msOf(startedAt) ?? 0);
}

/** Whether it takes its own pods: it has ended or is about to, is being deleted, or is suspended. */
export function isEnding({ metadata, spec, status }: V1Job): boolean {
  if (metadata?.deletionTimestamp !== undefined || spec?.suspend === true) return true;
  return status?.conditions?.some((one) => LEAVING.includes(one.type) && one.status === 'True') === true;
}

/** What was seen first stays: the step must be the one at the disruption, not the one of today. */
function rememberPod(pod: V1Pod, before: PodPast | undefined, step: number | undefined): PodPast {
  const disruption = before?.evicted === undefined ? disruptionOf(pod) : undefined;
  return {
    ...known({ node: pod.spec?.nodeName, startedAt: startedAtOf(pod), endedAt: endedAtOf(pod) }),
    ...before,
    ...(failedByItself(pod) ? { failed: true } : {}),
    ...(disruption === undefined ? {} : known({ evicted: disruption.reason, step })),
    name: nameOf(pod),
    gpus: gpusOf(pod),
  };
}

type Suspension = Pick<JobPast, 'suspensions' | 'suspendedSeconds' | 'suspendedAt' | 'resumedAt'>;

/** A Job that was created suspended has not been suspended: nothing ran that could have been taken away. */
function rememberSuspension(job: V1Job | undefined, past: JobPast, pods: JobPast['pods']): Suspension {
  const { jobUid: _uid, createdAt: _createdAt, pods: _pods, namespaceGone: _gone, ...before } = past;
  const condition = job?.status?.conditions?.find((one) => one.type === 'Suspended');
  const at = isoOf(condition?.lastTransitionTime);
  if (condition === undefined || at === undefined) return before;
  const ran = Object.values(pods).some((pod) => pod.startedAt !== undefined && pod.startedAt < at);
  if (condition.status === 'True') return suspended(before, at, ran || job?.status?.startTime !== undefined);
  return resumed(before, at, ran);
}

function suspended(before: Suspension, at: string, ran: boolean): Suspension {
  if (!ran || before.suspendedAt === at) return before;
  return { ...before, suspensions: before.suspensions + 1, suspendedAt: at };
}

function resumed(before: Suspension, at: string, ran: boolean): Suspension {
  const { suspensions, suspendedSeconds, suspendedAt, resumedAt } = before;
  if (resumedAt === at) return before;
  if (suspendedAt !== undefined) {
    const seconds = ((msOf(at) ?? 0) - (msOf(suspendedAt) ?? 0)) / 1000;
    return { suspensions, suspendedSeconds: suspendedSeconds + seconds, resumedAt: at };
  }
  // Suspended and resumed between two polls: it counts, though nobody can say for how long.
  return ran ? { suspensions: suspensions + 1, suspendedSeconds, resumedAt: at } : before;
}

/** Oldest first. */
export function evictedPods(past: JobPast | undefined): readonly PodPast[] {
  return Object.values(past?.pods ?? {}).filter((pod) => pod.evicted !== undefined);
}

/** Attempts that failed by their own doing: the most of any index. */
export function failedAttempts(past: JobPast | undefined): number {
  const failed = Object.values(past?.pods ?? {}).filter((pod) => pod.failed === true);
  return Math.max(0, ...[...byIndexOf(failed).values()].map((pods) => pods.length));
}

function byIndexOf(pods: readonly PodPast[]): ReadonlyMap<string, readonly PodPast[]> {
  const byIndex = new Map<string, PodPast[]>();
  for (const pod of pods) {
    const index = pod.name.replace(/-[^-]*$/, '');
    byIndex.set(index, [...(byIndex.get(index) ?? []), pod]);
  }
  return byIndex;
}

/**
 * Most disruptions in a row, of one index, that found no newer checkpoint than the one before. One disruption is 1: it
 * takes a second to know that nothing was gained in between.
 */
export function disruptionsWithoutProgress(past: JobPast | undefined): { count: number; step?: number } {
  let worst: { count: number; step?: number } = { count: 0 };
  for (const pods of byIndexOf(evictedPods(past)).values()) {
    const last = pods.at(-1)?.step;
    const other = pods.findLastIndex((pod) => pod.step !== last);
    const count = pods.length - 1 - other;
    if (count > worst.count) worst = last === undefined ? { count } : { count, step: last };
  }
  return worst;
}
