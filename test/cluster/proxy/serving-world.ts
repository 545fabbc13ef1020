import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppsV1Api, CoreV1Api, DiscoveryV1Api, Watch } from '@kubernetes/client-node';
import type { KubernetesObject, V1Deployment, V1Service } from '@kubernetes/client-node';
import { createServingApi } from '../../../activities/adapters/kubernetes-serving/api.ts';
import { servesModels } from '../../../activities/adapters/kubernetes-serving/platform.ts';
import { createKubernetesServing } from '../../../activities/adapters/kubernetes-serving/serving.ts';
import { anchorName } from '../../../activities/adapters/kubernetes/anchor.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import { platformSchema } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { ServerRequest, Serving } from '../../../activities/ports/serving.ts';
import { kubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import type { KubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import { present } from '../../present.ts';
import { OPEN_INFERENCE_HTTP } from '../../servers/model-server.ts';
import { found, imageOf, localAddress, makeNamespace, until } from '../cluster.ts';
import { startModelServer } from '../kserve/model-server.ts';
import { shippedAccount } from '../shipped-account.ts';
import { SECRET } from '../training/training-setup.ts';
import { TIMEOUT_MS } from './fault.ts';

/** A backend whose every request goes through a proxy of its own, and the name of a model that nobody else has. */
export interface ServingLine {
  readonly proxy: KubernetesProxy;
  readonly serving: Serving;
  readonly model: string;
  /** Of Deployment and Service. */
  readonly name: string;
  /** Version 1 with so many pods. */
  readonly request: (replicas: number, more?: Partial<ServerRequest>) => ServerRequest;
}

/** What the server itself has of one name, or had. */
export interface Kept {
  readonly deployment?: V1Deployment;
  readonly service?: V1Service;
  /** Also pods, replica sets and the anchor: `Pod x`. */
  readonly all: readonly string[];
}

/**
 * A namespace where pods wait for a node that does not exist: what the API server and its controllers do with objects is
 * real. Two servers of this process are what endpoints name, in the place of pods.
 */
export async function openServingLines() {
  const space = await makeNamespace('proxied');
  const account = await shippedAccount(space, ['understudy-serving']);
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-proxied-'));
  const artifact = path.join(home, 'artifact');
  await mkdir(artifact);
  await writeFile(path.join(artifact, 'model.txt'), 'model');
  const host = await localAddress();
  const pods = [await startModelServer(host, 'test://good/1'), await startModelServer(host, 'test://good/1')];
  const { config, name: namespace } = space;
  const [apps, core] = [config.makeApiClient(AppsV1Api), config.makeApiClient(CoreV1Api)];
  const platform = platformSchema.parse({
    namespace: 'elsewhere',
    courier: { image: imageOf('busybox'), exchange: 'http://127.0.0.1:1' },
    serving: { namespace, nodeSelector: { 'example.com/no-such-node': 'true' }, drainSeconds: 0, graceSeconds: 1 },
  });
  if (!servesModels(platform)) throw new Error('the platform of this suite has a section serving');
  const ever = new Map<string, Set<string>>();
  const stop = [
    await witness(space.config, `/apis/apps/v1/namespaces/${namespace}/deployments`, ever),
    await witness(space.config, `/api/v1/namespaces/${namespace}/services`, ever),
  ];
  let lines = 0;

  const openLine = async (timeoutMs: number): Promise<ServingLine> => {
    const proxy = await kubernetesProxy(account);
    const model = `proxied-${(lines += 1)}`;
    const kubeconfig = path.join(home, `${model}.kubeconfig`);
    await writeFile(kubeconfig, proxy.config.exportConfig());
    const connection = { kubeconfig, namespace, timeoutMs };
    const serving = createKubernetesServing({
      client: createKubernetesClient(connection),
      api: createServingApi(connection),
      platform,
      root: path.join(home, 'exchange'),
      secret: SECRET,
      logs: path.join(home, 'logs'),
    });
    const request: ServingLine['request'] = (replicas, more = {}) => ({
      model,
      version: '1',
      artifact,
      command: ['true'],
      folder: home,
      readyWithinMs: 30_000,
      http: OPEN_INFERENCE_HTTP,
      placement: { backend: 'kubernetes', image: imageOf('busybox'), replicas, cpu: 0.01, memory: 16 * 1024 ** 2 },
      ...more,
    });
    return { proxy, serving, model, name: `${model}-v1`, request };
  };

  const kept = async (name: string): Promise<Kept> => {
    const labelSelector = `understudy.dev/server=${name}`;
    const [deployment, service, anchor, sets, waiting] = await Promise.all([
      found(apps.readNamespacedDeployment({ namespace, name })),
      found(core.readNamespacedService({ namespace, name })),
      found(core.readNamespacedConfigMap({ namespace, name: anchorName(`server/${name}`) })),
      apps.listNamespacedReplicaSet({ namespace, labelSelector }),
      core.listNamespacedPod({ namespace, labelSelector }),
    ]);
    const say = (kind: string, one: KubernetesObject | undefined) => (one ? [`${kind} ${one.metadata?.name}`] : []);
    return {
      ...(deployment === undefined ? {} : { deployment }),
      ...(service === undefined ? {} : { service }),
      all: [
        ...say('Deployment', deployment),
        ...say('Service', service),
        ...say('ConfigMap', anchor),
        ...sets.items.flatMap((one) => say('ReplicaSet', one)),
        ...waiting.items.flatMap((one) => say('Pod', one)),
      ],
    };
  };

  return {
    space,
    apps,
    core,
    kept,
    /** Uids of all that ever were, by kind and name: seen past every proxy. */
    ever: (kind: 'Deployment' | 'Service', name: string) => [...(ever.get(`${kind} ${name}`) ?? [])],
    /** Two ready pods of this server, as far as endpoints tell. */
    answering: async (name: string): Promise<void> => {
      const slices = config.makeApiClient(DiscoveryV1Api);
      for (const [index, { address, port }] of pods.entries()) {
        const body = {
          metadata: { name: `${name}-${index}`, labels: { 'kubernetes.io/service-name': name } },
          addressType: 'IPv4',
          ports: [{ name: 'http', port, protocol: 'TCP' }],
          endpoints: [{ addresses: [address], conditions: { ready: true } }],
        };
        await slices.createNamespacedEndpointSlice({ namespace, body });
      }
    },
    throughLine: async (use: (line: ServingLine) => Promise<void>): Promise<void> =>
      through(await openLine(20_000), use),
    /** One that waits only so long for an answer. */
    throughHastyLine: async (use: (line: ServingLine) => Promise<void>): Promise<void> =>
      through(await openLine(TIMEOUT_MS), use),
    /** `sweep`: what whoever cleans up does again, while something is left. */
    nothingLeft: async (name: string, sweep = async () => Promise.resolve()): Promise<void> => {
      let left: readonly string[] = [];
      const look = async (): Promise<true | undefined> => {
        left = (await kept(name)).all;
        if (left.length === 0) return true;
        await sweep();
        return undefined;
      };
      await until(`nothing is left of ${name}`, look, 10_000).catch((cause: unknown) => {
        throw new Error(`${left.join(', ')} are left`, { cause });
      });
    },
    close: async (): Promise<void> => {
      for (const end of stop) end();
      for (const pod of pods) pod.close();
      await space.remove();
      await rm(home, { recursive: true });
    },
  };
}

async function through(line: ServingLine, use: (line: ServingLine) => Promise<void>): Promise<void> {
  try {
    await use(line);
  } finally {
    await line.proxy.close();
  }
}

export type ServingLines = Awaited<ReturnType<typeof openServingLines>>;

async function witness(
  config: ServingLines['space']['config'],
  url: string,
  ever: Map<string, Set<string>>,
): Promise<() => void> {
  const kind = url.endsWith('deployments') ? 'Deployment' : 'Service';
  const seen = (_phase: string, { metadata }: KubernetesObject): void => {
    const key = `${kind} ${present(metadata?.name)}`;
    ever.set(key, (ever.get(key) ?? new Set()).add(present(metadata?.uid)));
  };
  const watched = await new Watch(config).watch(url, {}, seen, () => undefined);
  return () => {
    watched.abort();
  };
}
