import { PortFailure } from '../../ports/port-failure.ts';
import type { ArmName, Scrape, TrafficEvidence } from '../../ports/traffic-evidence.ts';
import type { Route } from '../../ports/traffic-router.ts';
import { countersOf, malformed } from '../traefik-file/metrics-body.ts';
import type { MetricsBody } from '../traefik-file/metrics-body.ts';
import type { GatewayName } from './conditions.ts';
import { envoyScrape, isEnvoy } from './envoy.ts';
import { isRouterOf, leafOf } from './labels.ts';
import type { Leaf, RouteName } from './labels.ts';
import { armsOf } from './render.ts';
import { createReplicasReader, sumOf } from './replicas.ts';
import type { Arms } from './render.ts';

export interface HttpRouteEvidenceOptions {
  /** The metrics addresses of the gateway, Traefik or Envoy: one per replica, or a name that stands for all. */
  readonly metricsUrls: readonly string[];
  /** Where the HTTPRoutes are. */
  readonly namespace: string;
  readonly gateway: GatewayName;
  /** Which Services the arms are: `read` of the router. */
  routeOf(name: string): Promise<Route | undefined>;
}

/**
 * The gateway's own counters of an HTTPRoute, Traefik's or Envoy's. Which label is which arm is told by the route itself; a leaf of the route that is
 * nobody's arm makes the scrape `malformed-answer`, so its requests are never silently missing from the count.
 */
export function createHttpRouteEvidence(options: HttpRouteEvidenceOptions): TrafficEvidence {
  const read = createReplicasReader(options.metricsUrls);
  const { namespace, gateway } = options;
  return {
    async scrape(name) {
      const route = await options.routeOf(name);
      const arms = route === undefined ? undefined : armsOf(route);
      const [first, ...more] = (await read()).map((body) => scrapeOf({ namespace, name, gateway }, arms, body));
      if (first !== undefined) return sumOf([first, ...more]);
      throw new PortFailure('unavailable', "no address of the gateway's metrics is known", {
        details: { route: name },
      });
    },
  };
}

/** The counters of one route in one body; a route that does not exist has none. Throws `malformed-answer`. */
export function scrapeOf(route: RouteName, arms: Arms | undefined, body: MetricsBody): Scrape {
  if (isEnvoy(body)) return envoyScrape(arms, body);
  const { at, processStart } = body;
  const services =
    arms === undefined ? [] : [arms.champion, arms.challenger, arms.shadow].filter((arm) => arm !== undefined);
  const leaf = (label: string) => leafOf(label, route, services);
  if (arms !== undefined) refuseUnassigned(body, (label) => leaf(label).kind === 'unassigned', route);
  const arm = (name: ArmName) =>
    countersOf(body, 'service', (label) => arms !== undefined && isOfArm(leaf(label), arms, name));
  return {
    at,
    processStart,
    arms: { champion: arm('champion'), challenger: arm('challenger'), shadow: arm('shadow') },
    router: countersOf(body, 'router', (label) => isRouterOf(label, route)),
  };
}

/** Challenger and shadow may be one Service: what the mirror sends there is the shadow's, the rest the challenger's. */
function isOfArm(leaf: Leaf, arms: Arms, arm: ArmName): boolean {
  if (leaf.kind === 'copies') return arm === 'shadow';
  const service = arms[arm];
  if (leaf.kind !== 'service' || service === undefined) return false;
  if (leaf.name !== service.name || leaf.namespace !== service.namespace) return false;
  return arm === 'champion' || leaf.by === (arm === 'shadow' ? 'mirror' : 'route');
}

function refuseUnassigned(body: MetricsBody, isUnassigned: (label: string) => boolean, route: RouteName): void {
  const stray = body.samples.find(
    (sample) => sample.name === 'traefik_service_requests_total' && isUnassigned(sample.labels['service'] ?? ''),
  );
  if (stray === undefined) return;
  throw malformed(
    body.url,
    `the leaf ${stray.labels['service']} belongs to the route ${route.namespace}/${route.name} but to none of its arms`,
  );
}
