import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import { routeSchema } from '../traefik-file/document.ts';
import type { GatewayName } from './conditions.ts';

/** `spec.controllerName` and the names in `status.supportedFeatures` of a GatewayClass. */
export interface DeclaredClass {
  readonly controller: string;
  readonly features: readonly string[];
}

export interface HttpRouteRouterOptions {
  readonly kubeConfig: KubeConfig;
  /** Where the HTTPRoutes are. */
  readonly namespace: string;
  readonly gateway: GatewayName;
  /** What its class declares, where the class itself may not be read. */
  readonly declared?: DeclaredClass;
  /** When the gateway ends any answer by itself, where a route cannot say so. */
  readonly timeoutMs?: number;
  /** Base URL of the gateway's listener for clients. */
  readonly address: string;
  /** Host names of dedicated routes; default: whatever the listener takes. */
  readonly hostnames?: readonly string[];
  /**
   * `dedicated` (default): an HTTPRoute of our own per route, at `<address>/<route>/`. `adopted`: the HTTPRoute of that name
   * belongs to the user and lists both Services in one rule; we change the two weights and nothing else.
   */
  readonly ownership?: 'dedicated' | 'adopted';
  /** The rule of an adopted route, where several hold both Services. */
  readonly ruleName?: string;
}

/** Throws `bad-request` with zod's account of what is wrong. */
export function checkedRoute(route: Route): Route {
  const parsed = routeSchema.safeParse(route);
  if (parsed.success) return parsed.data;
  throw new PortFailure('bad-request', `the route ${route.name} cannot be written: ${z.prettifyError(parsed.error)}`, {
    details: { route: route.name },
  });
}

export function foreignWrite(namespace: string, route: string, why: string): PortFailure {
  return new PortFailure(
    'foreign-write',
    `the HTTPRoute ${namespace}/${route} ${why}; look at it (kubectl get httproute ${route} -n ${namespace} -o yaml ` +
      '--show-managed-fields), then roll back or apply again by force',
    { details: { route, namespace } },
  );
}
