import { CoreV1Api, CustomObjectsApi, DiscoveryV1Api } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { found, testHost, until } from '../cluster.ts';

const GATEWAY_API = { group: 'gateway.networking.k8s.io', version: 'v1' };
/** As the shipped settings and the shipped Role have it. */
const NAME = 'public';

/** A Gateway of the team's own, beside its models, over the listener that all share. */
export async function addGateway(config: KubeConfig, namespace: string): Promise<{ name: string; namespace: string }> {
  const custom = config.makeApiClient(CustomObjectsApi);
  const request = { ...GATEWAY_API, namespace, plural: 'gateways' };
  const body = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: NAME },
    spec: { gatewayClassName: 'traefik', listeners: [{ name: 'web', protocol: 'HTTP', port: 8000 }] },
  };
  await custom.createNamespacedCustomObject({ ...request, body });
  await until(`gateway ${NAME} is programmed`, async () => {
    const live: { status?: { conditions?: readonly { type: string; status: string }[] } } =
      await custom.getNamespacedCustomObject({ ...request, name: NAME });
    return live.status?.conditions?.some(({ type, status }) => type === 'Programmed' && status === 'True');
  });
  return { name: NAME, namespace };
}

export interface Answering {
  readonly names: readonly string[];
  /** Port of this machine, as pods reach it, at which a server answers for all of them. */
  readonly port: number;
}

/** Services that end at a server of this process. */
export async function addServices(config: KubeConfig, namespace: string, { names, port }: Answering): Promise<void> {
  const core = config.makeApiClient(CoreV1Api);
  const discovery = config.makeApiClient(DiscoveryV1Api);
  for (const name of names) {
    const ports = [{ name: 'http', port: 8080, targetPort: port }];
    await core.createNamespacedService({ namespace, body: { metadata: { name }, spec: { ports } } });
    await discovery.createNamespacedEndpointSlice({
      namespace,
      body: {
        metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port, protocol: 'TCP' }],
        endpoints: [{ addresses: [testHost()], conditions: { ready: true } }],
      },
    });
  }
}

/** The route of a user, which lists both Services in one rule. */
export async function addUsersRoute(config: KubeConfig, namespace: string, name: string): Promise<void> {
  const ref = (service: string, weight: number) => ({ name: service, port: 8080, weight });
  await config.makeApiClient(CustomObjectsApi).createNamespacedCustomObject({
    ...GATEWAY_API,
    namespace,
    plural: 'httproutes',
    body: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name },
      spec: {
        parentRefs: [{ name: NAME }],
        rules: [{ backendRefs: [ref('champion', 100), ref('challenger', 0)] }],
      },
    },
  });
}

/** Takes away what a write that broke off may have left: the route, its mirror, and the route that proves the mirror. */
export async function clearRoute(config: KubeConfig, namespace: string, name: string): Promise<void> {
  const custom = config.makeApiClient(CustomObjectsApi);
  const mirrors = { group: 'traefik.io', version: 'v1alpha1', plural: 'traefikservices', namespace };
  const routes = { ...GATEWAY_API, plural: 'httproutes', namespace };
  await found(custom.deleteNamespacedCustomObject({ ...routes, name }));
  await found(custom.deleteNamespacedCustomObject({ ...routes, name: `${name}-mirror-probe` }));
  await found(custom.deleteNamespacedCustomObject({ ...mirrors, name: `${name}-mirror` }));
}
