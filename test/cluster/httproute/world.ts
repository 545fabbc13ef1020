import { createServer } from 'node:http';
import type { Server } from 'node:http';
import {
  CoreV1Api,
  CustomObjectsApi,
  DiscoveryV1Api,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { KubernetesObject } from '@kubernetes/client-node';
import { createHttpRouteEvidence } from '../../../activities/adapters/httproute/evidence.ts';
import type { HttpRoute } from '../../../activities/adapters/httproute/objects.ts';
import { createHttpRouteRouter } from '../../../activities/adapters/httproute/router.ts';
import type { HttpRouteRouterOptions } from '../../../activities/adapters/httproute/router.ts';
import type { Route } from '../../../activities/ports/traffic-router.ts';
import { exampleRoute } from '../../contracts/traffic-router.ts';
import { gatewayMetricsUrl, gatewayUrl, localAddress, makeNamespace } from '../cluster.ts';
import { admit, allowGateway, shippedAccount } from '../shipped-account.ts';

export const gateway = { namespace: 'gateway', name: 'understudy' };
const kind = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes' };

/** A namespace with Services that end at servers of this process, which the gateway reaches by their address. */
export async function makeWorld(versions: Readonly<Record<string, string>>) {
  const space = await makeNamespace('httproute');
  const namespace = space.name;
  const host = await localAddress();
  const seen: Record<string, number> = {};
  const servers = await Promise.all(
    Object.entries(versions).map(async ([service, version]) => {
      const { server, port } = await serve(host, version, () => (seen[service] = (seen[service] ?? 0) + 1));
      await expose(service, port);
      return server;
    }),
  );
  const custom = space.config.makeApiClient(CustomObjectsApi);

  async function expose(service: string, port: number): Promise<void> {
    const core = space.config.makeApiClient(CoreV1Api);
    await core.createNamespacedService({
      namespace,
      body: { metadata: { name: service }, spec: { ports: [{ name: 'http', port: 8080, targetPort: port }] } },
    });
    await space.config.makeApiClient(DiscoveryV1Api).createNamespacedEndpointSlice({
      namespace,
      body: {
        metadata: { name: `${service}-1`, labels: { 'kubernetes.io/service-name': service } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port, protocol: 'TCP' }],
        endpoints: [{ addresses: [host], conditions: { ready: true } }],
      },
    });
  }

  const account = await shippedAccount(space, ['understudy-rollout', 'understudy-serving']);
  const forget = await allowGateway(space, gateway.namespace);
  const url = (service: string) => `http://${service}.${namespace}:8080`;
  const router = (more: Partial<HttpRouteRouterOptions> = {}) =>
    createHttpRouteRouter({
      kubeConfig: account,
      namespace,
      gateway,
      address: gatewayUrl(),
      declared: { controller: 'traefik.io/gateway-controller', features: [] },
      ...more,
    });
  return {
    namespace,
    /** Of the administrator, who sets things up. */
    kubeConfig: space.config,
    /** Of the worker, under the shipped Roles. */
    account,
    /** Lets the worker of another such world use the Services of this one. */
    admit: async (worker: string): Promise<void> => admit(space, worker, ['understudy-serving']),
    /** Requests that reached this Service's server. */
    arrived: (service: string) => seen[service] ?? 0,
    url,
    router,
    evidence: () =>
      createHttpRouteEvidence({
        metricsUrls: [gatewayMetricsUrl()],
        namespace,
        gateway,
        routeOf: async (name) => router().read(name),
      }),
    route(name: string, percent: number, more: Partial<Route> = {}): Route {
      const champion = { version: '7', url: url('champion') };
      return exampleRoute(name, { champion, challenger: { version: '8', url: url('challenger'), percent }, ...more });
    },
    live: async (name: string): Promise<HttpRoute> => custom.getNamespacedCustomObject({ ...kind, namespace, name }),
    create: async (body: object): Promise<void> => {
      await custom.createNamespacedCustomObject({ ...kind, namespace, body });
    },
    /** A Service of this suite's own gets ready endpoints, or none. */
    setReady: async (service: string, ready: boolean): Promise<void> => {
      const as = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);
      const body = [{ op: 'replace', path: '/endpoints/0/conditions/ready', value: ready }];
      const discovery = space.config.makeApiClient(DiscoveryV1Api);
      await discovery.patchNamespacedEndpointSlice({ namespace, name: `${service}-1`, body }, as);
    },
    apply: async (object: KubernetesObject): Promise<void> => {
      await KubernetesObjectApi.makeApiClient(space.config).create(object);
    },
    /** What a person with kubectl does. */
    patch: async (name: string, body: readonly object[]): Promise<void> => {
      const as = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);
      await custom.patchNamespacedCustomObject({ ...kind, namespace, name, body, fieldManager: 'a-person' }, as);
    },
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await forget();
      await space.remove();
    },
  };
}
export type World = Awaited<ReturnType<typeof makeWorld>>;

async function serve(host: string, version: string, count: () => void): Promise<{ server: Server; port: number }> {
  const server = createServer((request, answer) => {
    request.resume().once('end', () => {
      count();
      answer.setHeader('x-model-version', version).end(`${request.url}`);
    });
  });
  // A gateway that finds an idle connection closed at the moment of its request answers 503.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port: 0 }, resolve);
  });
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}
