import type { Gateway, TrafficTarget } from '../../ports/gateway.ts';
import { createHttpRouteEvidence } from './evidence.ts';
import { createHttpRouteRouter } from './router.ts';
import type { HttpRouteRouterOptions } from './settings.ts';

export interface HttpRouteGatewaysOptions extends Omit<HttpRouteRouterOptions, 'ownership' | 'ruleName'> {
  /** Addresses of the gateway's counters, one per replica or one name for all. */
  readonly metricsUrls: readonly string[];
}

/**
 * One Gateway of a cluster as policies see it: dedicated routes, or adopted ones by their rule. What was learnt of the
 * gateway is kept between calls. Opens no connection yet.
 */
export function createHttpRouteGateways(options: HttpRouteGatewaysOptions): (target: TrafficTarget) => Gateway {
  const { metricsUrls, ...common } = options;
  const { namespace, gateway } = options;
  const known = new Map<string, Gateway>();
  return ({ ownership, rule }) => {
    const key = JSON.stringify([ownership, rule]);
    const made = known.get(key) ?? make();
    known.set(key, made);
    return made;

    function make(): Gateway {
      const router = createHttpRouteRouter({ ...common, ownership, ...(rule === undefined ? {} : { ruleName: rule }) });
      const routeOf = async (name: string) => router.read(name);
      return { router, evidence: createHttpRouteEvidence({ metricsUrls, namespace, gateway, routeOf }) };
    }
  };
}
