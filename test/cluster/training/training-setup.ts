import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import { platformSchema } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { PlatformTemplate } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import type { TrainingBackend, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { trainSpec } from '../../contracts/training-setup.ts';
import { imageOf, makeNamespace } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';
import { shippedAccount } from '../shipped-account.ts';

export const SECRET = 'a secret that is only good for tests';

export interface ClusterTraining {
  readonly space: TestNamespace;
  readonly client: KubernetesClient;
  readonly root: string;
  readonly backend: TrainingBackend;
  /** A second adapter over the same jobs, as another worker has. */
  readonly other: TrainingBackend;
  job(name: string, more?: Partial<TrainingJob>): TrainingJob;
  close(): Promise<void>;
}

/** A namespace of its own, where pods wait for a node that does not exist: what the API server does is real. */
export async function openClusterTraining(): Promise<ClusterTraining> {
  const space = await makeNamespace('training');
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-jobs-'));
  const kubeconfig = path.join(home, 'kubeconfig');
  await writeFile(kubeconfig, (await shippedAccount(space, ['understudy-train'])).exportConfig());
  const client = createKubernetesClient({ kubeconfig, namespace: space.name });
  const platform = waitingPlatform(space.name);
  const root = path.join(home, 'exchange');
  const make = (): TrainingBackend => createKubernetesTraining({ client, platform, root, secret: SECRET, uploadMs: 0 });
  return {
    space,
    client,
    root,
    backend: make(),
    other: make(),
    job: (name, more = {}) => ({ ...trainingJob(name, home), ...more }),
    close: async () => {
      await space.remove();
      await rm(home, { recursive: true });
    },
  };
}

/** Its pods wait for a node that does not exist. */
export function waitingPlatform(namespace: string): PlatformTemplate {
  return platformSchema.parse({
    namespace,
    serviceAccountName: 'default',
    nodeSelector: { 'example.com/no-such-node': 'true' },
    courier: { image: imageOf('busybox'), exchange: 'http://127.0.0.1:1' },
    graceSeconds: 1,
  });
}

/** A job that needs nothing and ends well; its files stay in `home`. */
export function trainingJob(name: string, home: string): TrainingJob {
  return {
    name,
    command: ['sh', '-c', 'exit 0'],
    folder: home,
    spec: trainSpec(name),
    environment: {},
    checkpoints: path.join(home, 'checkpoints'),
    deadlineMs: 600_000,
    graceMs: 1_000,
    retries: 0,
    placement: {
      image: imageOf('busybox'),
      run: `retrain/flights/${name}`,
      model: 'flights',
      cpu: 0.03,
      memory: 64 * 1024 ** 2,
      sharedMemory: 0,
      nodes: 1,
      queueDeadlineMs: 600_000,
    },
  };
}
