import type { CoreV1Event, V1Job, V1Pod } from '@kubernetes/client-node';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { needsEvents } from './classify.ts';
import { readPointers } from './exchange-folder.ts';
import type { ExchangeFolder, ExchangeJob } from './exchange-folder.ts';
import { isGoneWithNamespace } from './gone-with-namespace.ts';
import type { JobLooks } from './job-looks.ts';
import type { ClassifyPolicy, JobObservation, JobPast } from './observation.ts';
import { isLive, known } from './observation-pods.ts';
import { remember } from './observation-past.ts';
import type { NodeLook } from './node-look.ts';
import type { QueueLook } from './queue-look.ts';

const PODS_ASKED = 5;

/** Who is asked. */
export interface Sources {
  readonly client: KubernetesClient;
  readonly looks: JobLooks;
  readonly queue: QueueLook;
  readonly nodesOf: NodeLook;
}

interface Asked {
  readonly name: string;
  readonly job: ExchangeJob;
  readonly policy: ClassifyPolicy;
}

/** One look at one Job, with what earlier looks saw; what this one saw is remembered. */
export async function observe(sources: Sources, folder: ExchangeFolder, asked: Asked): Promise<JobObservation> {
  const past = await folder.past();
  const step = (await readPointers(asked.job.checkpoints))[0]?.step;
  const observation = await see(sources, asked, { past, step });
  const now = remember(observation);
  if (now !== undefined) await folder.writePast(now);
  return { ...observation, ...(now === undefined ? {} : { past: now }) };
}

interface Earlier {
  readonly past: JobPast | undefined;
  /** The newest checkpoint. */
  readonly step: number | undefined;
}

async function see(sources: Sources, asked: Asked, { past, step }: Earlier): Promise<JobObservation> {
  const before = known({ past, checkpointStep: step });
  try {
    return await lookCloser(sources, asked, before);
  } catch (error) {
    if (!(await isGoneWithNamespace(sources.client, past, error))) throw error;
    return { pods: [], events: [], now: new Date(), namespaceGone: true, ...before };
  }
}

async function lookCloser(
  { client, looks, queue, nodesOf }: Sources,
  { name, job: { accelerators = 0 }, policy }: Asked,
  before: Pick<JobObservation, 'past' | 'checkpointStep'>,
): Promise<JobObservation> {
  const { job, pods, namespaceGone } = await looks.look(name);
  const isHomeless = namespaceGone || before.past?.namespaceGone === true;
  const seen: JobObservation = {
    pods,
    events: [],
    now: new Date(),
    namespaceGone: isHomeless || (await takenWithNamespace(client, job, pods)),
    ...known({ job }),
    ...before,
  };
  return {
    ...seen,
    events: needsEvents(seen, policy) ? await eventsOf(client, seen) : [],
    nodes: await nodesOf(nodesWithGpus(seen, accelerators)),
    ...(job === undefined ? {} : await queue(job)),
  };
}

/** Only a node whose accelerators were held has something to say for the record. */
function nodesWithGpus(seen: JobObservation, accelerators: number): string[] {
  const pods = Object.values(remember(seen)?.pods ?? {});
  return pods.flatMap(({ gpus, node }) => (node !== undefined && gpus + accelerators > 0 ? [node] : []));
}

/** A namespace takes its pods before it takes the Job. Only asked when pods leave, or a Job failed with none left. */
async function takenWithNamespace(
  client: KubernetesClient,
  job: V1Job | undefined,
  pods: readonly V1Pod[],
): Promise<boolean> {
  const isLeaving = pods.some((pod) => pod.metadata?.deletionTimestamp !== undefined);
  const failed = job?.status?.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True') === true;
  // Who suspends a Job takes its pods, too.
  if (job === undefined || job.spec?.suspend === true) return false;
  if (!isLeaving && !(failed && pods.length === 0)) return false;
  return await client.isNamespaceGoing();
}

/** Of the Job, and of the few pods that do not run: a hundred replacements all say the same. */
async function eventsOf(client: KubernetesClient, { job, pods, past }: JobObservation): Promise<CoreV1Event[]> {
  const stuck = pods.filter((pod) => !isLive(pod) || pod.status?.phase === 'Pending').slice(-PODS_ASKED);
  const uids = [job?.metadata?.uid ?? past?.jobUid, ...stuck.map((pod) => pod.metadata?.uid)];
  const lists = await Promise.all(uids.flatMap((uid) => (uid === undefined ? [] : [client.listEvents(uid)])));
  return lists.flat();
}
