import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { createServingApi } from '../../../activities/adapters/kubernetes-serving/api.ts';
import type { ServingApi } from '../../../activities/adapters/kubernetes-serving/api.ts';
import { servesModels } from '../../../activities/adapters/kubernetes-serving/platform.ts';
import { createKubernetesServing } from '../../../activities/adapters/kubernetes-serving/serving.ts';
import { createExchange } from '../../../activities/adapters/kubernetes-training/exchange.ts';
import { platformSchema } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { ServerPlacement, ServerRequest, Serving } from '../../../activities/ports/serving.ts';
import { MODEL_SERVER, OPEN_INFERENCE_HTTP } from '../../servers/model-server.ts';
import { imageOf, makeNamespace, testHost } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';
import { allowGateway, shippedAccount } from '../shipped-account.ts';

const SECRET = 'a secret that is only good for tests';
const MIB = 1024 ** 2;
/** Where the artifact lies in a pod; ours holds the program of the server. */
const IN_POD = '/understudy/data/artifact/model-server.mjs';

export interface ClusterServing {
  readonly space: TestNamespace;
  /** Of the worker, under the shipped Roles; it may use the Gateway of all suites too. */
  readonly account: KubeConfig;
  readonly client: KubernetesClient;
  readonly api: ServingApi;
  readonly apps: AppsV1Api;
  readonly core: CoreV1Api;
  readonly serving: Serving;
  /** A temporary directory of this suite. */
  readonly home: string;
  /** A second adapter over the same servers, as another worker has, by this way to the API server. */
  by(config: KubeConfig): Promise<Serving>;
  /** A small server of the tests, whose program is its artifact. */
  request(model: string, version: string, more?: Change): ServerRequest;
  /** The door that pods speak to: closed and opened again at the same address. */
  readonly exchange: { pause(): Promise<void>; resume(): Promise<void> };
  podsOf(name: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

type Change = Partial<Omit<ServerRequest, 'placement'>> & {
  readonly flags?: readonly string[];
  readonly placement?: Partial<ServerPlacement>;
};

/** A namespace of its own under the restricted Pod Security standard, and an exchange that its pods reach. */
export async function openClusterServing(): Promise<ClusterServing> {
  const space = await makeNamespace('serving', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-serving-'));
  const artifact = path.join(home, 'artifact');
  await mkdir(artifact);
  await copyFile(MODEL_SERVER, path.join(artifact, 'model-server.mjs'));
  const root = path.join(home, 'exchange');
  const exchange = createServer(createExchange({ root, secret: SECRET }));
  const listen = async (port: number): Promise<void> =>
    await new Promise((resolve) => exchange.listen(port, testHost(), () => resolve()));
  const hangUp = async (): Promise<void> =>
    await new Promise((resolve) => {
      exchange.close(() => resolve());
      exchange.closeAllConnections();
    });
  await listen(0);
  const { port } = exchange.address() as AddressInfo;
  const connect = async (config: KubeConfig) => {
    const kubeconfig = path.join(home, `kubeconfig-${randomUUID()}`);
    await writeFile(kubeconfig, config.exportConfig());
    const connection = { kubeconfig, namespace: space.name };
    return { client: createKubernetesClient(connection), api: createServingApi(connection) };
  };
  const account = await shippedAccount(space, ['understudy-serving', 'understudy-rollout']);
  const forget = await allowGateway(space, 'gateway');
  const { client, api } = await connect(account);
  const platform = platformSchema.parse({
    namespace: 'elsewhere',
    courier: { image: imageOf('worker'), exchange: `http://${testHost()}:${port}`, cpu: 0.05 },
    labels: { 'example.com/pool': 'models' },
    serving: { namespace: space.name, scratch: '64Mi', drainSeconds: 0, graceSeconds: 5, ceilings: { replicas: 4 } },
  });
  if (!servesModels(platform)) throw new Error('the platform of this suite has a section serving');
  const options = { client, api, platform, root, secret: SECRET, logs: path.join(home, 'logs') };
  const serving = createKubernetesServing(options);
  return {
    space,
    account,
    client,
    api,
    apps: space.config.makeApiClient(AppsV1Api),
    core: space.config.makeApiClient(CoreV1Api),
    serving,
    home,
    by: async (config) => createKubernetesServing({ ...options, ...(await connect(config)) }),
    request: (model, version, { flags = [], placement = {}, ...more } = {}) => ({
      model,
      version,
      artifact,
      command: ['node', IN_POD, ...flags],
      folder: home,
      readyWithinMs: 100_000,
      http: OPEN_INFERENCE_HTTP,
      placement: { backend: 'kubernetes', image: imageOf('server'), cpu: 0.05, memory: 96 * MIB, ...placement },
      ...more,
    }),
    exchange: { pause: hangUp, resume: async () => await listen(port) },
    podsOf: async (name) =>
      (await client.listPods(`understudy.dev/server=${name}`)).map(({ metadata }) => metadata?.name ?? ''),
    close: async () => {
      await hangUp();
      await forget();
      await space.remove();
      await rm(home, { recursive: true });
    },
  };
}
