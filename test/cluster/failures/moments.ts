import type { CoreV1Event, V1Job, V1Pod } from '@kubernetes/client-node';
import { timeOf } from '../../../activities/adapters/kubernetes-training/classify-events.ts';
import { msOf } from '../../../activities/adapters/kubernetes-training/observation-pods.ts';
import type { TrainingBackend } from '../../../activities/ports/training-backend.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';

/** When troubles of Jobs began, as the cluster dates them. Kubernetes forgets, so it is noted whenever we are told. */
export interface Moments {
  /** The same client; what it is answered is noted. */
  readonly noting: (client: KubernetesClient) => KubernetesClient;
  /**
   * Milliseconds since 1970: when the last of its pods to have trouble first said so, else when the Job did. Undefined when
   * nothing was seen yet.
   */
  readonly of: (job: string) => number | undefined;
  /** Now: what the caller does to the job next. */
  readonly begin: (job: string) => void;
}

/** Until its turn comes a container waits for these. */
const PATIENT = ['PodInitializing', 'ContainerCreating', undefined];

export function createMoments(): Moments {
  const pods = new Map<string, Map<string, number>>();
  const jobs = new Map<string, number>();
  const notePod = async (pod: V1Pod, client: KubernetesClient): Promise<void> => {
    const job = pod.metadata?.labels?.['batch.kubernetes.io/job-name'] ?? '';
    const known = pods.get(job) ?? new Map<string, number>();
    pods.set(job, known);
    const uid = pod.metadata?.uid ?? '';
    const sign = await signOf(pod, client);
    // What has mended itself is the cause of nothing that is told later.
    if (sign === undefined) known.delete(uid);
    else known.set(uid, sign);
  };
  const noteEvent = (event: CoreV1Event): void => {
    if (event.reason !== 'FailedCreate') return;
    const [job, at] = [event.involvedObject.name ?? '', msOf(event.firstTimestamp) ?? timeOf(event)];
    jobs.set(job, Math.min(at, jobs.get(job) ?? at));
  };
  return {
    noting: (client) => ({
      ...client,
      getJob: async (name) => {
        const job = await client.getJob(name);
        const at = failedAt(job);
        if (at !== undefined) jobs.set(name, at);
        return job;
      },
      listPods: async (selector) => {
        const found = await client.listPods(selector);
        await Promise.all(found.map(async (pod) => notePod(pod, client)));
        return found;
      },
      listEvents: async (uid) => {
        const found = await client.listEvents(uid);
        for (const event of found) noteEvent(event);
        return found;
      },
    }),
    of: (job) => {
      const signs = [...(pods.get(job)?.values() ?? [])];
      return signs.length === 0 ? jobs.get(job) : Math.max(...signs);
    },
    begin: (job) => {
      pods.delete(job);
      jobs.set(job, Date.now());
    },
  };
}

const delays = new WeakMap<object, number>();

/** The same backend; of each of its states, and of each refusal, is noted how long after its cause it was told. */
export function timed(backend: TrainingBackend, moments: Moments): TrainingBackend {
  const told = async <T extends object | void>(job: string, ask: () => Promise<T>): Promise<T> => {
    const asked = Date.now();
    try {
      const answer = await ask();
      const cause = moments.of(job);
      if (typeof answer === 'object' && cause !== undefined) delays.set(answer, (Date.now() - cause) / 1000);
      return answer;
    } catch (cause) {
      if (typeof cause === 'object' && cause !== null) delays.set(cause, (Date.now() - asked) / 1000);
      throw cause;
    }
  };
  return {
    ...backend,
    submit: async (job) => told(job.name, async () => backend.submit(job)),
    inspect: async (name) => told(name, async () => backend.inspect(name)),
  };
}

/** Seconds from the cause to the moment at which this was told. */
export function delayOf(told: object): number | undefined {
  return delays.get(told);
}

/** The first fact by which a pod says that it has trouble. How a trainer ended is for its Job to say. */
async function signOf(pod: V1Pod, client: KubernetesClient): Promise<number | undefined> {
  const conditions = pod.status?.conditions ?? [];
  const disrupted = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const signs = [
    msOf(disrupted?.lastTransitionTime),
    unscheduled && (msOf(unscheduled.lastTransitionTime) ?? msOf(pod.metadata?.creationTimestamp)),
    cannotStart(pod) ? await troubleOf(pod, client) : undefined,
  ].filter((at) => at !== undefined);
  return signs.length === 0 ? undefined : Math.min(...signs);
}

function cannotStart({ status }: V1Pod): boolean {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.some(({ state }) => state?.waiting !== undefined && !PATIENT.includes(state.waiting.reason));
}

/** That a container cannot start has no date in its pod, but in the kubelet's events; without one it is news. */
async function troubleOf(pod: V1Pod, client: KubernetesClient): Promise<number> {
  const events = await client.listEvents(pod.metadata?.uid ?? '');
  const troubles = events.filter(({ reason = '' }) => /^(Failed|InspectFailed|ErrImageNeverPull)$/.test(reason));
  return Math.min(Date.now(), ...troubles.map((event) => msOf(event.firstTimestamp) ?? timeOf(event)));
}

function failedAt({ status }: V1Job): number | undefined {
  const failed = status?.conditions?.find((one) => one.type === 'Failed' && one.status === 'True');
  return msOf(failed?.lastTransitionTime);
}
