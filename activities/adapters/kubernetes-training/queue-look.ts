import type { V1Job } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import { unless } from '../kubernetes/anchor.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import { clusterQueueOf, readWorkload } from './kueue.ts';
import { LABELS } from './labels.ts';
import type { JobObservation, KueueWorkload } from './observation.ts';
import { shared } from './shared-answer.ts';

/** Newest first; a cluster without Kueue has neither. */
const VERSIONS = ['v1beta2', 'v1beta1'];
/** All Jobs that are looked at within so long share one list. */
const SHARED_MS = 2_000;
/** What is forbidden or not there is not asked for again before; a quota changes as seldom. */
const SELDOM_MS = 300_000;
/** Kueue's own label on the Workload of a Job. */
const JOB_UID = 'kueue.x-k8s.io/job-uid';

/** What the queue of a Job knows. Empty for a Job in no queue, without Kueue, and without the right to look. */
export type QueueLook = (job: V1Job) => Promise<Pick<JobObservation, 'workload' | 'neighbours' | 'quota'>>;

interface Listed {
  readonly version: string;
  readonly workloads: readonly KueueWorkload[];
}

/** One for all Jobs of a client, so that five hundred waiting ones do not list five hundred Workloads each. */
export function createQueueLook(client: KubernetesClient): QueueLook {
  const list = shared<Listed | undefined>(
    () => listWorkloads(client),
    (answer) => (answer === undefined ? SELDOM_MS : SHARED_MS),
  );
  const quotas = new Map<string, () => Promise<Readonly<Record<string, number>> | undefined>>();
  const quotaOf = async (version: string, name: string) => {
    const known = quotas.get(name);
    const ask =
      known ??
      shared(
        () => readQuota(client, version, name),
        () => SELDOM_MS,
      );
    quotas.set(name, ask);
    return await ask();
  };
  return async (job) => {
    const uid = job.metadata?.uid;
    if (uid === undefined || job.metadata?.labels?.[LABELS.queue] === undefined) return {};
    const listed = await list();
    const workload = listed?.workloads.find((one) => one.metadata?.labels?.[JOB_UID] === uid);
    if (listed === undefined || workload === undefined) return {};
    if (readWorkload(workload).kind !== 'waiting') return { workload };
    const neighbours = listed.workloads;
    const queue = clusterQueueOf(workload, neighbours);
    const quota = queue === undefined ? undefined : await quotaOf(listed.version, queue);
    return { workload, neighbours, ...(quota === undefined ? {} : { quota }) };
  };
}

async function listWorkloads(client: KubernetesClient): Promise<Listed | undefined> {
  for (const version of VERSIONS) {
    const found = await unless(isUnknown, async () => await client.listWorkloads(version));
    if (found !== undefined) return { version, workloads: found as KueueWorkload[] };
  }
  return undefined;
}

interface ClusterQueue {
  readonly spec?: {
    readonly resourceGroups?: readonly {
      readonly flavors?: readonly {
        readonly resources?: readonly { readonly name?: string; readonly nominalQuota?: string | number }[];
      }[];
    }[];
  };
}

/** By resource, over all flavours. A quantity that is no plain number says nothing about accelerators. */
async function readQuota(
  client: KubernetesClient,
  version: string,
  name: string,
): Promise<Readonly<Record<string, number>> | undefined> {
  const found = await unless(isUnknown, async () => await client.getClusterQueue(version, name));
  if (found === undefined) return undefined;
  const { spec } = found as ClusterQueue;
  const resources = (spec?.resourceGroups ?? []).flatMap(({ flavors = [] }) =>
    flavors.flatMap((one) => one.resources ?? []),
  );
  const sums: Record<string, number> = {};
  for (const { name: resource, nominalQuota } of resources) {
    const count = Number(nominalQuota);
    if (resource !== undefined && Number.isFinite(count)) sums[resource] = (sums[resource] ?? 0) + count;
  }
  return sums;
}

function isUnknown(error: unknown): boolean {
  return isNotFound(error) || (error instanceof PortFailure && error.code === 'forbidden');
}
