import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createExchange } from '../../../activities/adapters/kubernetes-training/exchange.ts';
import { platformSchema } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { JobState, TrainingBackend, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { imageOf, makeNamespace, testHost, until } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';
import { accountBeside, grantBeyond, shippedAccount } from '../shipped-account.ts';
import { SECRET, trainingJob } from './training-setup.ts';

export interface TrainingPods {
  readonly space: TestNamespace;
  /** A folder that goes with it. */
  readonly home: string;
  readonly client: KubernetesClient;
  readonly backend: TrainingBackend;
  /** Of the same jobs, by a worker that may read nodes, too. */
  readonly seesNodes: TrainingBackend;
  /** One that asks for little; its trainer has 120 s. */
  job(name: string, more?: Partial<TrainingJob>): TrainingJob;
  /** The state in which it ends. */
  ended(name: string): Promise<JobState>;
  /** From now on nobody answers the pods. */
  hangUp(): void;
  close(): Promise<void>;
}

/** A namespace under the restricted Pod Security, with real pods and the exchange that they speak to. */
export async function openTrainingPods(prefix: string): Promise<TrainingPods> {
  const space = await makeNamespace(prefix, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-pods-'));
  const root = path.join(home, 'exchange');
  const exchange = createServer(createExchange({ root, secret: SECRET }));
  await new Promise<void>((resolve) => exchange.listen(0, testHost(), resolve));
  const { port } = exchange.address() as AddressInfo;
  const kubeconfig = path.join(home, 'kubeconfig');
  await writeFile(kubeconfig, (await shippedAccount(space, ['understudy-train'])).exportConfig());
  const client = createKubernetesClient({ kubeconfig, namespace: space.name });
  const platform = platformSchema.parse({
    namespace: space.name,
    serviceAccountName: 'default',
    scratch: '64Mi',
    graceSeconds: 20,
    courier: { image: imageOf('worker'), exchange: `http://${testHost()}:${port}` },
  });
  const backend = createKubernetesTraining({ client, platform, root, secret: SECRET });
  const seeing = path.join(home, 'sees-nodes.kubeconfig');
  await writeFile(seeing, (await accountBeside(space, 'sees-nodes', 'understudy-train')).exportConfig());
  const nodes = { apiGroups: [''], resources: ['nodes'], verbs: ['get'] };
  const hideNodes = await grantBeyond(space, 'sees-nodes', [nodes]);
  const seer = createKubernetesClient({ kubeconfig: seeing, namespace: space.name });
  const hangUp = (): void => {
    exchange.close();
    exchange.closeAllConnections();
  };
  const isOpen = ({ state }: JobState): boolean => state === 'waiting' || state === 'running';
  return {
    space,
    home,
    client,
    backend,
    seesNodes: createKubernetesTraining({ client: seer, platform, root, secret: SECRET }),
    job: (name, more = {}) => ({ ...trainingJob(name, home), deadlineMs: 120_000, ...more }),
    ended: async (name) => {
      const look = async (): Promise<JobState | undefined> => {
        const state = await backend.inspect(name);
        return isOpen(state) ? undefined : state;
      };
      return await until(`the end of ${name}`, look, 100_000);
    },
    hangUp,
    close: async () => {
      hangUp();
      await hideNodes();
      await space.remove();
      await rm(home, { recursive: true });
    },
  };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
