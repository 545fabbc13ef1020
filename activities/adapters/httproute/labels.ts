import type { ServiceRef } from './service-ref.ts';
import type { GatewayName } from './conditions.ts';

/** What a counter's label is about. */
export type Leaf =
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string; readonly by: 'route' | 'mirror' }
  /** Requests that the route's mirror copied, whichever Service they went to. */
  | { readonly kind: 'copies' }
  /** A leaf that belongs to this route but to none of the Services that were asked for. */
  | { readonly kind: 'unassigned' }
  /** Not a leaf of this route. */
  | { readonly kind: 'other' };

export interface RouteName {
  readonly namespace: string;
  readonly name: string;
  readonly gateway: GatewayName;
}

/** The name of the TraefikService that mirrors for a route. */
export function mirrorName(route: string): string {
  return `${route}-mirror`;
}

/**
 * Which Service a Traefik `service` label counts for this route. Kubernetes names may hold the same dashes that Traefik
 * joins them with, so a label is never taken apart blindly: it is compared with what the known names would give.
 *
 * `httproute-<ns>-<route>-gw-<ns>-<gateway>-ep-<entry point>-<rule>-<hash>-svc-<ns>-<service>-<index>@kubernetesgateway`;
 * with a mirror `<ns>_<mirror>_mirroring_<ns>_<service>_<port>@kubernetescrd` and
 * `<ns>_<mirror>_mirror_<index>_<ns>_<service>_<port>@kubernetescrd` (Traefik's `safeNaming`, which we ask for: without
 * it the label is `<ns>-<service>-<port>@kubernetescrd` and names of different namespaces can collide).
 */
export function leafOf(label: string, route: RouteName, services: readonly ServiceRef[]): Leaf {
  if (label.endsWith('@kubernetescrd')) return mirrorLeaf(label, route, services);
  const prefix = routePrefix(route);
  if (!label.startsWith(prefix) || !label.endsWith('@kubernetesgateway')) return { kind: 'other' };
  const rest = label.slice(prefix.length, -'@kubernetesgateway'.length);
  if (/-\d+-[0-9a-f]+-(err-)?wrr$/.test(rest)) return { kind: 'other' };
  const found = services.filter((service) =>
    new RegExp(`-\\d+-[0-9a-f]+-svc-${service.namespace}-${service.name}-\\d+$`).test(rest),
  );
  return assigned(found, 'route');
}

function mirrorLeaf(label: string, route: RouteName, services: readonly ServiceRef[]): Leaf {
  const plain = label.slice(0, -'@kubernetescrd'.length);
  const unsafe = services.filter(({ namespace, name, port }) => plain === `${namespace}-${name}-${port}`);
  if (unsafe.length > 0) return assigned(unsafe, 'mirror');
  const prefix = `${route.namespace}_${mirrorName(route.name)}_mirror`;
  if (!plain.startsWith(prefix)) return { kind: 'other' };
  const rest = plain.slice(prefix.length);
  if (/^_\d+_/.test(rest)) return { kind: 'copies' };
  const found = services.filter(({ namespace, name, port }) => rest === `ing_${namespace}_${name}_${port}`);
  return assigned(found, 'mirror');
}

function assigned([service]: readonly ServiceRef[], by: 'route' | 'mirror'): Leaf {
  return service === undefined
    ? { kind: 'unassigned' }
    : { kind: 'service', namespace: service.namespace, name: service.name, by };
}

/** Whether a `router` label is one of this route's. */
export function isRouterOf(label: string, route: RouteName): boolean {
  const prefix = routePrefix(route);
  return label.startsWith(prefix) && /-\d+-[0-9a-f]+@kubernetesgateway$/.test(label.slice(prefix.length));
}

function routePrefix({ namespace, name, gateway }: RouteName): string {
  return `httproute-${namespace}-${name}-gw-${gateway.namespace}-${gateway.name}-ep-`;
}
