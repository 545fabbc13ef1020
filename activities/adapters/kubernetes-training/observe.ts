import type { CoreV1Event, V1Job } from '@kubernetes/client-node';
import { unless } from '../kubernetes/anchor.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isNamespaceGone, isNotFound } from '../kubernetes/errors.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { needsEvents } from './classify.ts';
import { readPointers } from './exchange-folder.ts';
import type { ExchangeFolder, ExchangeJob } from './exchange-folder.ts';
import { LABELS } from './labels.ts';
import type { ClassifyPolicy, JobObservation, KueueWorkload } from './observation.ts';
import { isLive } from './observation-pods.ts';
import { remember } from './observation-past.ts';

/** Newest first; a cluster without Kueue has neither. */
const KUEUE_VERSIONS = ['v1beta2', 'v1beta1'];
const PODS_ASKED = 5;

/** One look at one Job, with what earlier looks saw; what this one saw is remembered. */
export async function observe(
  client: KubernetesClient,
  folder: ExchangeFolder,
  known: { readonly name: string; readonly job: ExchangeJob; readonly policy: ClassifyPolicy },
): Promise<JobObservation> {
  const { job, namespaceGone } = await findJob(client, known.name);
  const past = await folder.past();
  const step = (await readPointers(known.job.checkpoints))[0]?.step;
  const pods =
    job === undefined ? [] : await client.listPods(`batch.kubernetes.io/controller-uid=${job.metadata?.uid ?? ''}`);
  const seen: JobObservation = {
    pods,
    events: [],
    now: new Date(),
    namespaceGone,
    ...(job === undefined ? {} : { job }),
    ...(past === undefined ? {} : { past }),
    ...(step === undefined ? {} : { checkpointStep: step }),
  };
  const workload = await findWorkload(client, job);
  const observation = {
    ...seen,
    events: needsEvents(seen, known.policy) ? await eventsOf(client, seen) : [],
    ...(workload === undefined ? {} : { workload }),
  };
  const now = remember(observation);
  if (now !== undefined) await folder.writePast(now);
  return { ...observation, ...(now === undefined ? {} : { past: now }) };
}

async function findJob(client: KubernetesClient, name: string): Promise<{ job?: V1Job; namespaceGone: boolean }> {
  try {
    return { job: await client.getJob(name), namespaceGone: false };
  } catch (error) {
    if (isNotFound(error) || isNamespaceGone(error)) return { namespaceGone: isNamespaceGone(error) };
    throw error;
  }
}

/** Of the Job, and of the few pods that do not run: a hundred replacements all say the same. */
async function eventsOf(client: KubernetesClient, { job, pods, past }: JobObservation): Promise<CoreV1Event[]> {
  const stuck = pods.filter((pod) => !isLive(pod) || pod.status?.phase === 'Pending').slice(-PODS_ASKED);
  const uids = [job?.metadata?.uid ?? past?.jobUid, ...stuck.map((pod) => pod.metadata?.uid)];
  const lists = await Promise.all(uids.flatMap((uid) => (uid === undefined ? [] : [client.listEvents(uid)])));
  return lists.flat();
}

/** Only for a Job in a queue. A cluster without Kueue, or a Role without its rule, leaves it unknown. */
async function findWorkload(client: KubernetesClient, job: V1Job | undefined): Promise<KueueWorkload | undefined> {
  const uid = job?.metadata?.uid;
  if (uid === undefined || job?.metadata?.labels?.[LABELS.queue] === undefined) return undefined;
  const unknown = (error: unknown): boolean =>
    isNotFound(error) || (error instanceof PortFailure && error.code === 'forbidden');
  for (const version of KUEUE_VERSIONS) {
    const found = await unless(unknown, async () => await client.listWorkloads(version, uid));
    if (found !== undefined) return found[0] as KueueWorkload | undefined;
  }
  return undefined;
}
