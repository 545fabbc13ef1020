import type { V1ContainerStateTerminated, V1ContainerStatus, V1Deployment, V1Pod } from '@kubernetes/client-node';
import type { PortFailureCode } from '../../ports/port-failure.ts';
import { createProblem } from '../kubernetes-training/classify-events.ts';
import { CLASSIFY_DEFAULTS } from '../kubernetes-training/classify.ts';
import { isLive, nameOf } from '../kubernetes-training/observation-pods.ts';
import { CONTAINERS } from '../kubernetes-training/pod-template-containers.ts';
import { podWait } from '../kubernetes-training/waiting.ts';
import { SERVER_CONTAINER } from './names.ts';

/** Why a server is not ready. */
export interface Diagnosis {
  readonly why: string;
  /** Set when waiting longer mends nothing. */
  readonly code?: PortFailureCode;
  /** The pod whose log tells more. */
  readonly pod?: string;
}

export interface ServerObservation {
  readonly deployment: V1Deployment;
  readonly pods: readonly V1Pod[];
  readonly now: Date;
  /** The time that it may take is over: what might have mended itself is now called by its name. */
  readonly expired: boolean;
}

/** So many ends of the server's container are no accident. */
const ENDS = 2;
/** Time for two tries of the kubelet. */
const IMAGE_PULL_GRACE_MS = 30_000;

/** What the objects of one server mean, in one sentence. Pure. */
export function diagnose(seen: ServerObservation): Diagnosis {
  const live = seen.pods.filter(isLive);
  return (
    noPods(seen) ??
    first(live, fetchFailed) ??
    first(live, (pod) => serverEnded(pod, seen.expired)) ??
    first(live, (pod) => waits(pod, seen)) ?? {
      why: live.length === 0 ? 'no pod has been created yet' : 'its pods run, and their readiness probe fails',
    }
  );
}

function first(pods: readonly V1Pod[], look: (pod: V1Pod) => Diagnosis | undefined): Diagnosis | undefined {
  const found = pods.flatMap((pod) => look(pod) ?? []);
  return found.find(({ code }) => code !== undefined) ?? found[0];
}

/** Quota, Pod Security, a missing account: the ReplicaSet cannot create a pod, and the Deployment says why. */
function noPods({ deployment, expired }: ServerObservation): Diagnosis | undefined {
  const condition = deployment.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  const event = { reason: 'FailedCreate', message: condition?.message ?? '', metadata: {}, involvedObject: {} };
  const problem = condition === undefined ? undefined : createProblem([event], 0);
  if (problem === undefined) return undefined;
  const why = problem.message.replace('pods of the job', 'pods of the server');
  return problem.refused || expired ? { why, code: problem.code } : { why };
}

/** What the courier's exit code says: 65 a file is not what it should be, 69 the exchange is away, 77 and 78 it refuses. */
const FETCH_CODES: Readonly<Record<number, PortFailureCode>> = {
  65: 'artifact-changed',
  77: 'image-or-config',
  78: 'image-or-config',
};

function fetchFailed(pod: V1Pod): Diagnosis | undefined {
  const status = pod.status?.initContainerStatuses?.find(({ name }) => name === CONTAINERS.fetch);
  const ended = lastEnd(status);
  if (ended === undefined || ended.exitCode === 0 || status?.state?.running !== undefined) return undefined;
  const code = FETCH_CODES[ended.exitCode];
  const why = `${nameOf(pod)} could not fetch its artifact (exit ${ended.exitCode}): ${said(ended)}`;
  return code === undefined ? { why } : { why, code };
}

function serverEnded(pod: V1Pod, expired: boolean): Diagnosis | undefined {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === SERVER_CONTAINER);
  const ended = lastEnd(status);
  if (status === undefined || ended === undefined) return undefined;
  const ends = status.restartCount + (status.state?.terminated === undefined ? 0 : 1);
  const killed = ended.reason === 'OOMKilled';
  const why = killed
    ? `${nameOf(pod)} was killed for memory: raise serving.resources.memory`
    : `${nameOf(pod)} ended before it was ready, ${ends} times, exit ${ended.exitCode}`;
  if (ends < ENDS && !expired) return { why };
  return { why, code: killed ? 'out-of-memory' : 'server-died', pod: nameOf(pod) };
}

function lastEnd(status: V1ContainerStatus | undefined): V1ContainerStateTerminated | undefined {
  return status?.state?.terminated ?? status?.lastState?.terminated;
}

function said({ message, reason }: V1ContainerStateTerminated): string {
  return (message ?? reason ?? 'it says nothing').trim().slice(-500);
}

function waits(pod: V1Pod, { now, expired }: ServerObservation): Diagnosis | undefined {
  const policy = {
    ...CLASSIFY_DEFAULTS,
    unschedulableGraceMs: expired ? 0 : Number.POSITIVE_INFINITY,
    imagePullGraceMs: expired ? 0 : IMAGE_PULL_GRACE_MS,
  };
  const wait = podWait(pod, policy, now);
  if (wait === undefined) return undefined;
  return wait.code === undefined ? { why: wait.why } : { why: wait.why, code: wait.code };
}
