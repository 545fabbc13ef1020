import type { KubeConfig } from '@kubernetes/client-node';
import type { Gateway, TrafficTarget } from '../../ports/gateway.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { TrafficEvidence } from '../../ports/traffic-evidence.ts';
import type { Backend, Route } from '../../ports/traffic-router.ts';
import type { GatewayName } from '../httproute/conditions.ts';
import type { DeclaredClass } from '../httproute/settings.ts';
import { createHttpRouteEvidence } from '../httproute/evidence.ts';
import type { KserveMode } from './mode.ts';
import { predictorOf } from './names.ts';
import { workloadName } from './objects.ts';
import { createKserveRouter, UNCOUNTED } from './router.ts';

export interface KserveGatewaysOptions {
  readonly kubeConfig: KubeConfig;
  /** Where the InferenceServices are, and with them the HTTPRoutes that KServe makes of them. */
  readonly namespace: string;
  /** The Gateway that KServe hangs its HTTPRoutes on. */
  readonly gateway: GatewayName;
  /** Addresses of that gateway's counters. */
  readonly metricsUrls: readonly string[];
  /** When the gateway ends any answer by itself, milliseconds, where its class declares no time-outs of routes. */
  readonly timeoutMs?: number;
  /** What its class declares, where the class itself may not be read. */
  readonly declared?: DeclaredClass;
}

/** KServe as policies see it, in the mode that each asks for; `standard` when it asks for none. Opens no connection yet. */
export function createKserveGateways(options: KserveGatewaysOptions): (target: TrafficTarget) => Gateway {
  const known = new Map<string, Gateway>();
  return ({ route, mode = 'standard' }) => {
    const key = `${mode} ${route}`;
    const made = known.get(key) ?? makeGateway(options, route, mode);
    known.set(key, made);
    return made;
  };
}

function makeGateway(options: KserveGatewaysOptions, service: string, mode: KserveMode): Gateway {
  const { metricsUrls, namespace, ...common } = options;
  const router = createKserveRouter({ ...common, namespace, mode, service });
  if (mode === 'knative') return { router, evidence: uncounted };
  const routeOf = async (name: string) => {
    const route = await router.read(name);
    return route && withServices(route, namespace);
  };
  return { router, evidence: createHttpRouteEvidence({ metricsUrls, namespace, gateway: options.gateway, routeOf }) };
}

/** The HTTPRoute's backends are the Services that KServe names after the versions. */
function withServices(route: Route, namespace: string): Route {
  const serviceOf = <T extends Backend>(backend: T): T => {
    const workload = workloadName(route.name, predictorOf(route.name, backend.version));
    return { ...backend, url: `http://${workload}.${namespace}` };
  };
  const { champion, challenger, shadow: _none, ...rest } = route;
  return {
    ...rest,
    champion: serviceOf(champion),
    ...(challenger === undefined ? {} : { challenger: serviceOf(challenger) }),
  };
}

const uncounted: TrafficEvidence = {
  scrape: async (name) => {
    throw new PortFailure('unsupported', UNCOUNTED, { details: { route: name } });
  },
};
