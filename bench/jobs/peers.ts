import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchV1Api, Watch, type KubeConfig, type V1Job } from '@kubernetes/client-node';

/** So many Jobs are created at a time. */
const TOGETHER = 20;

export type Follow = (config: KubeConfig, name: string, signal: AbortSignal) => Promise<void>;

/** Creates the Jobs, follows each in its own way until it is complete, deletes it. Answers with how many completed. */
export async function runPeer(config: KubeConfig, jobs: readonly V1Job[], follow: Follow): Promise<number> {
  const batch = config.makeApiClient(BatchV1Api);
  const none = new AbortController().signal;
  setMaxListeners(0, none);
  const queue = [...jobs];
  const following: Promise<void>[] = [];
  const create = async (): Promise<void> => {
    for (let body = queue.shift(); body !== undefined; body = queue.shift()) {
      const name = body.metadata?.name ?? '';
      await batch.createNamespacedJob({ namespace: 'default', body });
      const remove = async (): Promise<void> => {
        await batch.deleteNamespacedJob({ name, namespace: 'default', propagationPolicy: 'Background' });
      };
      following.push(follow(config, name, none).then(remove));
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, create));
  const ends = await Promise.allSettled(following);
  return ends.filter(({ status }) => status === 'fulfilled').length;
}

/** As a loop around `kubectl get job` does it. */
export function polling(everyMs: number): Follow {
  return async (config, name, signal) => {
    const batch = config.makeApiClient(BatchV1Api);
    while (!isComplete(await batch.readNamespacedJob({ name, namespace: namespaceOf(config) })))
      await sleep(everyMs, undefined, { signal });
  };
}

/** As `kubectl wait` does it: one watch of one Job, begun again when the server ends it. */
export async function watching(config: KubeConfig, name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const seen = await new Promise<boolean>((resolve, reject) => {
      const path = `/apis/batch/v1/namespaces/${namespaceOf(config)}/jobs`;
      let stop: AbortController | undefined;
      const look = (_: string, job: V1Job): void => {
        if (!isComplete(job)) return;
        resolve(true);
        stop?.abort();
      };
      new Watch(config)
        .watch(path, { fieldSelector: `metadata.name=${name}` }, look, () => resolve(false))
        .then((made) => (stop = made), reject);
    });
    if (seen) return;
  }
}

function namespaceOf(config: KubeConfig): string {
  return config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
}

function isComplete(job: V1Job): boolean {
  return job.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True') ?? false;
}
