import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isNamespaceGone, isNotFound } from '../kubernetes/errors.ts';
import { disruptionOf, isLive } from './observation-pods.ts';

/** What one look saw. A Job that is not there has no pods. */
export interface JobLook {
  readonly job?: V1Job;
  readonly pods: readonly V1Pod[];
  readonly namespaceGone: boolean;
}

/** Looks at Jobs and remembers what it saw, so that the API server is asked for nothing that it has said already. */
export interface JobLooks {
  look(name: string): Promise<JobLook>;
  /** Looks in a row at a Job whose pods all run that found nothing new. */
  steady(name: string): number;
  /** Whether the last look saw the end of this very Job, and of all its pods. */
  isOver(name: string, uid: string): boolean;
  forget(name: string): void;
}

interface Seen {
  readonly job: V1Job;
  readonly pods: readonly V1Pod[];
  readonly listedAt: number;
  readonly lookedAt: number;
  readonly steady: number;
}

/** Pods are listed again after so long whatever the Job says, and a Job that nobody looks at any more is forgotten. */
const KEPT_MS = 120_000;

/** One for all Jobs of a client. */
export function createJobLooks(client: KubernetesClient, now: () => number = Date.now): JobLooks {
  const seen = new Map<string, Seen>();
  const keep = (name: string, look: Seen): void => {
    for (const [other, { lookedAt }] of seen) if (look.lookedAt - lookedAt > KEPT_MS) seen.delete(other);
    seen.set(name, look);
  };
  return {
    look: async (name) => {
      const { job, namespaceGone } = await findJob(client, name);
      if (job === undefined) {
        seen.delete(name);
        return { pods: [], namespaceGone };
      }
      const [before, lookedAt] = [seen.get(name), now()];
      if (before !== undefined && lookedAt - before.listedAt < KEPT_MS && saysTheSame(before, job)) {
        keep(name, { ...before, job, lookedAt, steady: before.steady + 1 });
        return { job, pods: before.pods, namespaceGone };
      }
      const pods = isUntouched(job) ? [] : await client.listPods(podsOf(job.metadata?.uid ?? ''));
      keep(name, { job, pods, listedAt: lookedAt, lookedAt, steady: 0 });
      return { job, pods, namespaceGone };
    },
    steady: (name) => {
      const last = seen.get(name);
      return last !== undefined && allRun(last) ? last.steady : 0;
    },
    isOver: (name, uid) => {
      const last = seen.get(name);
      return last?.job.metadata?.uid === uid && hasEnded(last.job) && !last.pods.some(isLive);
    },
    forget: (name) => {
      seen.delete(name);
    },
  };
}

/** Selects all pods of a Job. */
export function podsOf(jobUid: string): string {
  return `batch.kubernetes.io/controller-uid=${jobUid}`;
}

async function findJob(client: KubernetesClient, name: string): Promise<{ job?: V1Job; namespaceGone: boolean }> {
  try {
    return { job: await client.getJob(name), namespaceGone: false };
  } catch (error) {
    if (isNotFound(error) || isNamespaceGone(error)) return { namespaceGone: isNamespaceGone(error) };
    throw error;
  }
}

/** The Job controller sets the start in the same step in which it creates the first pods. */
function isUntouched({ status }: V1Job): boolean {
  const { active = 0, terminating = 0, startTime } = status ?? {};
  return startTime === undefined && active + terminating === 0;
}

/**
 * Whether pods need not be listed again. The Job counts those of its pods that are ready, that leave and that ended: what
 * becomes of a ready pod changes the Job. A pod that does not run yet may say something new without that.
 */
function saysTheSame(before: Seen, job: V1Job): boolean {
  const { uid, resourceVersion } = before.job.metadata ?? {};
  if (uid === undefined || uid !== job.metadata?.uid) return false;
  if (resourceVersion === undefined || resourceVersion !== job.metadata.resourceVersion) return false;
  return hasEnded(job) || isEmptyQueue(before) || allRun(before);
}

function isEmptyQueue({ job, pods }: Seen): boolean {
  return job.spec?.suspend === true && pods.length === 0;
}

function allRun({ job, pods }: Seen): boolean {
  const running = pods.filter((pod) => isLive(pod) && pod.status?.phase === 'Running');
  const isSettled = pods.every(
    (pod) => pod.metadata?.deletionTimestamp === undefined && disruptionOf(pod) === undefined,
  );
  const ended = pods.filter((pod) => !isLive(pod)).length;
  if (!isSettled || running.length === 0 || running.length + ended < pods.length) return false;
  return running.length === (job.spec?.parallelism ?? 1) && job.status?.ready === running.length;
}

function hasEnded({ status }: V1Job): boolean {
  const { active = 0, conditions = [], terminating = 0 } = status ?? {};
  const isFinal = conditions.some(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );
  return isFinal && active === 0 && terminating === 0;
}
