import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CoreV1Api,
  PatchStrategy,
  Watch,
  setHeaderOptions,
  type KubeConfig,
  type V1Pod,
} from '@kubernetes/client-node';
import { exchangeToken } from '../../activities/adapters/kubernetes-training/exchange.ts';
import { openLine } from '../../activities/adapters/kubernetes-training/courier-line.ts';
import { HANDED_IN } from './simulated-nodes.ts';

/** How names of Jobs begin that our worker follows. */
export const OURS = 'ours-';
const MODEL = 'weights';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const RESULT = JSON.stringify({
  mode: 'train',
  artifact: { path: 'model', files: [{ path: 'w', sha256: sha256(MODEL) }] },
  metrics: { auc: 0.7 },
});

export interface Couriers {
  /** The pods that ran for each Job: more than one is a Job run twice. */
  readonly pods: ReadonlyMap<string, ReadonlySet<string>>;
  close(): void;
}

/** Where couriers go, and how long the trainers take that they wait for. */
export interface Errand {
  readonly url: string;
  readonly secret: string;
  readonly folder: string;
  readonly afterMs: number;
}

/**
 * Plays the courier of every simulated pod, since a simulated node runs no container: hands in its result through the
 * worker's real exchange, and then lets the pod end. Jobs of others have no exchange: their pods only end.
 */
export async function playCouriers(config: KubeConfig, errand: Errand): Promise<Couriers> {
  const pods = new Map<string, Set<string>>();
  const core = config.makeApiClient(CoreV1Api);
  const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  const handIn = await messenger(errand);

  async function carry(job: string, { name = '', uid = '', namespace = '' }: NonNullable<V1Pod['metadata']>) {
    await (job.startsWith(OURS) ? handIn(job, uid) : sleep(errand.afterMs));
    const body = { metadata: { labels: { [HANDED_IN]: 'yes' } } };
    await core.patchNamespacedPod({ name, namespace, body }, merge);
  }

  const meet = (type: string, pod: V1Pod): void => {
    if (type === 'DELETED' || pod.status?.phase !== 'Running') return;
    const { uid = '', labels = {}, name } = pod.metadata ?? {};
    const job = labels['batch.kubernetes.io/job-name'] ?? '';
    const known = pods.get(job) ?? new Set();
    if (known.has(uid)) return;
    pods.set(job, known.add(uid));
    carry(job, pod.metadata ?? {}).catch((error: unknown) =>
      process.stderr.write(`courier of ${name}: ${String(error)}\n`),
    );
  };
  let closed = false;
  const watch = new Watch(config);
  const selector = { labelSelector: 'app.kubernetes.io/name=understudy-trainer' };
  const ask = async (): Promise<AbortController> =>
    await watch.watch('/api/v1/namespaces/default/pods', selector, meet, () => {
      // The server ends a watch after some minutes; begun pods are known, so meeting them again does nothing.
      if (!closed) void ask().then((next) => (current = next));
    });
  let current = await ask();
  return {
    pods,
    close: () => {
      closed = true;
      current.abort();
    },
  };
}

async function messenger({ url, secret, folder, afterMs }: Errand) {
  const files = { 'model/w': path.join(folder, 'w'), 'result.json': path.join(folder, 'result.json') };
  await writeFile(files['model/w'], MODEL);
  await writeFile(files['result.json'], RESULT);
  return async (job: string, attempt: string): Promise<void> => {
    const line = openLine({ exchange: url, job, token: exchangeToken(secret, job), specSha256: '', root: '' });
    await line.put(`attempts/${attempt}`);
    await sleep(afterMs);
    const results = `results/${attempt}`;
    await line.put(`${results}/files/model/w`, { file: files['model/w'] }, { 'x-sha256': sha256(MODEL) });
    await line.put(`${results}/files/result.json`, { file: files['result.json'] }, { 'x-sha256': sha256(RESULT) });
    await line.put(results);
  };
}
