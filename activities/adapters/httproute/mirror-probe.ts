import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortFailure } from '../../ports/port-failure.ts';
import { TRAEFIK_GROUP } from './api.ts';
import type { Applied, GatewayApi } from './api.ts';
import { GATEWAY_GROUP } from './objects.ts';
import type { RenderSettings } from './render.ts';

const WITHIN_MS = 5000;
const HEADER = 'x-understudy-probe';

/**
 * Proves that the gateway serves this TraefikService, by a route of no one else's: a reference that Traefik cannot resolve
 * takes the whole route to 404 while the route is still Accepted, and nothing but a request tells. Throws `unsupported`.
 */
export async function probeMirror(
  api: GatewayApi,
  mirror: Applied,
  settings: RenderSettings,
  address: string,
): Promise<void> {
  const secret = randomUUID();
  // Always the same name for a route: a Role that goes by name can grant it.
  const name = `${mirror.metadata.name}-probe`;
  await api.apply(probeRoute(name, secret, mirror, settings), true);
  try {
    const until = Date.now() + WITHIN_MS;
    while ((await headerAt(`${address}/${secret}`)) !== secret) {
      if (Date.now() > until) throw unserved(mirror, address);
      await sleep(50);
    }
  } finally {
    await api.deleteRoute(name);
  }
}

/** Traefik builds a route and its filters only when its backend resolves: the header proves it, whatever the body. */
function probeRoute(name: string, secret: string, mirror: Applied, settings: RenderSettings): Applied {
  const backend = { group: TRAEFIK_GROUP, kind: 'TraefikService', name: mirror.metadata.name, weight: 1 };
  const mark = { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: HEADER, value: secret }] } };
  return {
    apiVersion: `${GATEWAY_GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: { name, namespace: settings.namespace, annotations: mirror.metadata.annotations },
    spec: {
      parentRefs: [{ group: GATEWAY_GROUP, kind: 'Gateway', ...settings.gateway }],
      hostnames: settings.hostnames,
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: `/${secret}` } }],
          filters: [mark],
          backendRefs: [backend],
        },
      ],
    },
  };
}

async function headerAt(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(2000) });
    return answer.headers.get(HEADER);
  } catch {
    return null;
  }
}

function unserved(mirror: Applied, address: string): PortFailure {
  return new PortFailure(
    'unsupported',
    `the gateway at ${address} does not serve the TraefikService ${mirror.metadata.namespace}/${mirror.metadata.name} ` +
      `within ${WITHIN_MS} ms; Traefik needs both providers, kubernetesGateway and kubernetesCRD`,
    { details: { mirror: mirror.metadata.name } },
  );
}
