import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { PortFailureCode } from '../../ports/port-failure.ts';
import type { ClassifyPolicy } from './observation.ts';
import { containersOf, msOf, nameOf, spell } from './observation-pods.ts';

/** What keeps one pod from running: in words, and what it is when it may not go on so. */
export interface PodWait {
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Set when nobody should wait for it any longer. */
  readonly code?: PortFailureCode;
}

const BROKEN = ['InvalidImageName', 'CreateContainerConfigError', 'ErrImageNeverPull'];
const PATIENT: Readonly<Record<string, PortFailureCode>> = {
  ErrImagePull: 'image-pull',
  ImagePullBackOff: 'image-pull',
  RegistryUnavailable: 'image-pull',
  CreateContainerError: 'image-or-config',
};

/** Why a pod that is neither running nor ended does not run; `undefined` when it runs. */
export function podWait(pod: V1Pod, policy: ClassifyPolicy, now: Date): PodWait | undefined {
  if (pod.status?.phase === 'Running') return undefined;
  const scheduled = pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    const since = msOf(scheduled.lastTransitionTime) ?? createdAt(pod, now);
    return notScheduled({ reason: scheduled.reason ?? '', message: scheduled.message ?? '', since }, policy, now);
  }
  return bound(pod, msOf(scheduled?.lastTransitionTime) ?? createdAt(pod, now), { policy, now });
}

function bound(pod: V1Pod, since: number, { policy, now }: { policy: ClassifyPolicy; now: Date }): PodWait {
  const container = containersOf(pod).find(({ state }) => isTrouble(state?.waiting?.reason));
  if (container !== undefined) return containerWait(pod, container, { since: turnOf(pod, since), policy, now });
  const preparing = pod.status?.initContainerStatuses?.find(({ state }) => state?.running);
  if (preparing !== undefined) return { why: `${nameOf(pod)} prepares: ${preparing.name} is at work`, since };
  const place = pod.spec?.nodeName === undefined ? 'to be scheduled' : `to be started by ${pod.spec.nodeName}`;
  return { why: `${nameOf(pod)} waits ${place}`, since };
}

/** When the next container's turn came: what ran before it may have taken as long as it liked. */
function turnOf(pod: V1Pod, since: number): number {
  const before = pod.status?.initContainerStatuses ?? [];
  const times = before.map(({ state }) => msOf(state?.terminated?.finishedAt ?? state?.running?.startedAt) ?? 0);
  const initialized = pod.status?.conditions?.find(({ type, status }) => type === 'Initialized' && status === 'True');
  return Math.max(since, ...times, msOf(initialized?.lastTransitionTime) ?? 0);
}

function createdAt(pod: V1Pod, now: Date): number {
  return msOf(pod.metadata?.creationTimestamp) ?? now.getTime();
}

function isTrouble(reason = ''): boolean {
  return BROKEN.includes(reason) || reason in PATIENT;
}

function notScheduled(
  { reason, message, since }: { reason: string; message: string; since: number },
  policy: ClassifyPolicy,
  now: Date,
): PodWait {
  if (reason === 'SchedulingGated') return { why: `held back by a scheduling gate: ${message}`, since };
  const waited = now.getTime() - since;
  const why = `no node takes the pod: ${message}`;
  if (waited < policy.unschedulableGraceMs) return { why, since };
  return { why: `${why} (for ${spell(waited)})`, since, code: 'unschedulable' };
}

function containerWait(
  pod: V1Pod,
  container: V1ContainerStatus,
  { since, policy, now }: { since: number; policy: ClassifyPolicy; now: Date },
): PodWait {
  const { reason = '', message = '' } = container.state?.waiting ?? {};
  const why = `container ${container.name} cannot start with image ${imageOf(pod, container)}: ${reason}: ${message}`;
  if (BROKEN.includes(reason)) return { why, since, code: 'image-or-config' };
  const waited = now.getTime() - since;
  const code = PATIENT[reason];
  if (code === undefined || waited < policy.imagePullGraceMs) return { why, since };
  return { why: `${why} (for ${spell(waited)})`, since, code };
}

/** The status may hold the image in the runtime's own words, or not at all. */
function imageOf(pod: V1Pod, { name }: V1ContainerStatus): string {
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return all.find((one) => one.name === name)?.image ?? 'unknown';
}
