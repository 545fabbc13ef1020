import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CustomObjectsApi, loadAllYaml, type KubernetesObject } from '@kubernetes/client-node';
import { pythonBin } from '../python.ts';
import { apply, clientOf } from './api.ts';
import { gatewayCrds } from './binaries.ts';
import { kubeconfigOf } from './credentials.ts';
import { inState, network } from './places.ts';
import { start, until } from './record.ts';

const listenerPort = 8000;
const metricsPort = 9100;
/** Seconds that the gateway gives a server. */
const answerWithin = 10;
/** Seconds; Traefik's own start at 0.1 s, which says nothing about a model that answers in 5 ms. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const traefikKinds = [
  'IngressRoute',
  'IngressRouteTCP',
  'IngressRouteUDP',
  'Middleware',
  'MiddlewareTCP',
  'ServersTransport',
  'ServersTransportTCP',
  'TLSOption',
  'TLSStore',
  'TraefikService',
];

/** Requests to routes of the gateway go to `url`; `metrics` is the page with counters per service. */
export const gatewayAddresses = {
  url: `http://${network.node}:${listenerPort}`,
  metrics: `http://${network.node}:${metricsPort}/metrics`,
} as const;

/**
 * Applies the CRDs of the Gateway API and starts Traefik as its implementation: GatewayClass `traefik`, Gateway
 * `understudy` in namespace `gateway`, open to routes of every namespace. Returns when the Gateway is programmed.
 */
export async function startGateway(): Promise<void> {
  const admin = clientOf(kubeconfigOf('admin'));
  const folder = await gatewayCrds();
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const shipped = files.flatMap((name): KubernetesObject[] =>
    loadAllYaml(readFileSync(path.join(folder, name), 'utf8')),
  );
  await apply(admin, [...shipped.filter(Boolean), ...traefikKinds.map(permissiveCrd)]);
  const api = admin.makeApiClient(CustomObjectsApi);
  const programs = await start('traefik', pythonBin('traefik'), traefikArguments(), {
    KUBECONFIG: kubeconfigOf('traefik'),
  });
  await until('the Gateway API is served', programs, async () => {
    await apply(admin, gatewayObjects);
    return true;
  });
  await until('the Gateway is programmed', programs, async () => {
    const name = {
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      namespace: 'gateway',
      plural: 'gateways',
      name: 'understudy',
    };
    const gateway: { status?: { conditions?: readonly { type: string; status: string }[] } } =
      await api.getNamespacedCustomObject(name);
    return gateway.status?.conditions?.some(({ type, status }) => type === 'Programmed' && status === 'True') ?? false;
  });
}

function traefikArguments(): string[] {
  // JSON is YAML, and Traefik reads no file whose name ends in .json.
  const file = inState('run', 'api-service.yml');
  writeFileSync(file, JSON.stringify(apiServiceForwarding));
  return [
    '--log.level=INFO',
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    '--providers.kubernetesgateway=true',
    `--providers.kubernetesgateway.statusaddress.ip=${network.node}`,
    '--providers.kubernetescrd=true',
    '--providers.kubernetescrd.allowcrossnamespace=true',
    '--providers.kubernetescrd.safenaming=true',
    '--providers.providersthrottleduration=100ms',
    `--providers.file.filename=${file}`,
    `--entrypoints.web.address=:${listenerPort}`,
    `--entrypoints.metrics.address=:${metricsPort}`,
    `--entrypoints.api.address=${network.apiService}:443`,
    // An HTTPRoute cannot say it to Traefik: a server that hangs is ended, and counted, by this alone.
    `--serverstransport.forwardingtimeouts.responseheadertimeout=${answerWithin}s`,
    '--metrics.prometheus=true',
    '--metrics.prometheus.entrypoint=metrics',
    '--metrics.prometheus.addserviceslabels=true',
    '--metrics.prometheus.addrouterslabels=true',
    `--metrics.prometheus.buckets=${latencyBuckets.join(',')}`,
  ];
}

/** Pods look for the API server at a service address, which nobody serves without a proxy: hand the bytes on. */
const apiServiceForwarding = {
  tcp: {
    routers: { api: { entryPoints: ['api'], rule: 'HostSNI(`*`)', service: 'api', tls: { passthrough: true } } },
    services: { api: { loadBalancer: { servers: [{ address: `${network.node}:6443` }] } } },
  },
};

const gatewayObjects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gateway' } },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'traefik' },
    spec: { controllerName: 'traefik.io/gateway-controller' },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'understudy', namespace: 'gateway' },
    spec: {
      gatewayClassName: 'traefik',
      listeners: [
        { name: 'web', protocol: 'HTTP', port: listenerPort, allowedRoutes: { namespaces: { from: 'All' } } },
      ],
    },
  },
];

/** Traefik watches its own kinds or complains every second; which fields they have is none of our business. */
function permissiveCrd(kind: string): KubernetesObject & { spec: unknown } {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.traefik.io` },
    spec: {
      group: 'traefik.io',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          // The client's own spelling: it drops what its model does not name, and the server then drops every field.
          schema: { openAPIV3Schema: { type: 'object', x_kubernetes_preserve_unknown_fields: true } },
        },
      ],
    },
  };
}
