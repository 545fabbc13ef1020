import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpRouteRouter } from '../../../activities/adapters/httproute/router.ts';
import { createExchange } from '../../../activities/adapters/kubernetes-training/exchange.ts';
import { createServingApi } from '../../../activities/adapters/kubernetes-serving/api.ts';
import { servesModels } from '../../../activities/adapters/kubernetes-serving/platform.ts';
import { createKubernetesServing } from '../../../activities/adapters/kubernetes-serving/serving.ts';
import { readPlatform } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { ServerRequest } from '../../../activities/ports/serving.ts';
import type { TrainingJob } from '../../../activities/ports/training-backend.ts';
import type { Route } from '../../../activities/ports/traffic-router.ts';
import { exampleRoute } from '../../contracts/traffic-router.ts';
import { configMap } from '../../infra/kubernetes/manifests.ts';
import { present } from '../../present.ts';
import { gatewayUrl, imageOf, testHost } from '../cluster.ts';
import { install } from '../kubernetes/install.ts';
import type { Edits } from '../kubernetes/install.ts';
import { SECRET, trainingJob } from '../training/training-setup.ts';
import { addGateway, addServices } from './serving-objects.ts';

const NOBODYS = '0'.repeat(64);
const ROWS = 'rows';
/** As the node's labels say it. */
const GPU = { resource: 'nvidia.com/gpu', count: 1, nodeSelector: {}, spot: false };
/** What no node has. */
export const NOWHERE = { ...GPU, nodeSelector: { nobody: 'has-it' } };
/** The one route that the Role names: not `flights`, which other suites serve through the same gateway. */
export const ROUTE = 'rights';
export const OWN_ROUTE: Edits = new Map([
  ['"resourceNames":["flights"]', `"resourceNames":["${ROUTE}"]`],
  ['flights-mirror', `${ROUTE}-mirror`],
]);

/**
 * Everything that touches the cluster, as the shipped account and with the shipped platform template, below the shipped
 * admission policy. Setting up is done by the administrator, in `serving-objects.ts` and `install`.
 */
export async function openShippedWorld() {
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-privileges-'));
  const root = path.join(home, 'exchange');
  const exchange = createServer(createExchange({ root, secret: SECRET }));
  await new Promise<void>((resolve) => exchange.listen(0, testHost(), resolve));
  const { port } = exchange.address() as AddressInfo;
  const here = await install(
    new Map([
      ['"replicas":1', '"replicas":0'],
      ...OWN_ROUTE,
      [`registry.example/understudy/worker@sha256:${NOBODYS}`, imageOf('worker')],
      ['http://understudy-worker.understudy-system.svc:9466', `http://${testHost()}:${port}`],
      ['^registry[.]example/', '^understudy[.]local/'],
    ]),
  );
  const worker = await here.asWorker();
  const kubeconfig = path.join(home, 'kubeconfig');
  await writeFile(kubeconfig, worker.exportConfig());
  await writeFile(path.join(home, 'rows.parquet'), ROWS);
  await mkdir(path.join(home, 'artifact'));
  await writeFile(path.join(home, 'artifact', 'model.txt'), 'model');
  const gateway = await addGateway(here.config, here.serving);
  const model = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => model.listen(0, testHost(), resolve));
  const answering = { names: ['champion', 'challenger', 'shadow'], port: (model.address() as AddressInfo).port };
  await addServices(here.config, here.serving, answering);
  const text = present(configMap(here.manifests, 'understudy-settings')['training-platform.yaml']);
  const platform = readPlatform(text, 'training-platform.yaml');
  if (!servesModels(platform)) throw new Error('the shipped platform template has no section serving');
  const client = createKubernetesClient({ kubeconfig, namespace: here.train });
  const beside = { kubeconfig, namespace: here.serving };
  const router = (ownership: 'dedicated' | 'adopted') =>
    createHttpRouteRouter({
      kubeConfig: worker,
      namespace: here.serving,
      gateway,
      address: gatewayUrl(),
      ownership,
      declared: { controller: 'traefik.io/gateway-controller', features: [] },
    });
  const url = (service: string): string => `http://${service}.${here.serving}:8080`;
  return {
    ...here,
    worker,
    client,
    training: createKubernetesTraining({ client, platform, root, secret: SECRET, uploadMs: 5_000 }),
    servers: createKubernetesServing({
      client: createKubernetesClient(beside),
      api: createServingApi(beside),
      platform,
      root,
      secret: SECRET,
      logs: path.join(home, 'server-logs'),
    }),
    /** The same requests that the servers' adapter makes, one by one. */
    servingClient: createKubernetesClient(beside),
    servingApi: createServingApi(beside),
    /** A model server as a Node script; its artifact is one file. */
    server: (version: string, script: string, replicas = 1): ServerRequest => ({
      model: 'flights',
      version,
      artifact: path.join(home, 'artifact'),
      command: ['node', '-e', script],
      folder: home,
      readyWithinMs: 60_000,
      http: { ready: '/ready', infer: '/infer', body: 'rows', versionHeader: 'x-model-version' },
      placement: { backend: 'kubernetes', image: imageOf('server'), replicas, cpu: 0.1, memory: 1024 ** 3 / 8 },
    }),
    /** A new one each time: a router remembers what its gateway can do. */
    dedicated: () => router('dedicated'),
    adopted: () => router('adopted'),
    /** A trainer as a shell script, in an image of ours. */
    job: (name: string, script: string, more: Partial<TrainingJob['placement']> = {}): TrainingJob => {
      const plain = trainingJob(name, home);
      const sha256 = createHash('sha256').update(ROWS).digest('hex');
      const file = { name: 'rows.parquet', path: path.join(home, 'rows.parquet'), bytes: ROWS.length, sha256 };
      return {
        ...plain,
        command: ['sh', '-c', script],
        spec: { ...plain.spec, files: [file] },
        deadlineMs: 120_000,
        placement: { ...present(plain.placement), image: imageOf('trainer'), memory: 1024 ** 3 / 8, gpu: GPU, ...more },
      };
    },
    route: (percent: number, more: Partial<Route> = {}): Route =>
      exampleRoute(ROUTE, {
        champion: { version: '7', url: url('champion') },
        challenger: { version: '8', url: url('challenger'), percent },
        ...more,
      }),
    shadow: { version: '9', url: url('shadow'), percent: 100 },
    close: async (): Promise<void> => {
      // Pods that leave hand in what they have: they would wait for an exchange that is gone.
      await here.remove();
      for (const server of [exchange, model]) {
        server.closeAllConnections();
        server.close();
      }
      await rm(home, { recursive: true });
    },
  };
}

export type ShippedWorld = Awaited<ReturnType<typeof openShippedWorld>>;
