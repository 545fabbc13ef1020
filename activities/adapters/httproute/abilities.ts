import type { GatewayClass } from './objects.ts';

/** How this gateway can copy requests, and why it is so. */
export type MirrorRung =
  | { readonly kind: 'filter'; readonly percent: boolean; readonly why: string }
  | { readonly kind: 'traefik-service'; readonly why: string }
  | { readonly kind: 'none'; readonly why: string };

export interface Abilities {
  readonly mirror: MirrorRung;
  /** Whether the gateway honours a time-out in the route. */
  readonly timeouts: boolean;
  /** Why its counters cannot be read; absent: they can, or nobody knows which gateway it is. */
  readonly uncounted?: string;
}

const TRAEFIK = 'traefik.io/gateway-controller';
const CONTOUR = 'projectcontour.io/gateway-controller';
/** Each names its series in a way of its own; those of another gateway would be read as no traffic at all. */
const COUNTED: readonly string[] = [TRAEFIK, CONTOUR];

/**
 * What a gateway can do, from what its class declares. A filter that a gateway does not support may answer every request
 * with 500 while the route is Accepted, so nothing is used that is not declared.
 */
export function abilitiesOf(given: GatewayClass, traefikServiceServed: boolean): Abilities {
  const features = new Set(
    (given.status?.supportedFeatures ?? []).map((feature) => (typeof feature === 'string' ? feature : feature.name)),
  );
  return {
    mirror: mirrorRung(given.spec.controllerName, features, traefikServiceServed),
    timeouts: features.has('HTTPRouteRequestTimeout'),
    ...(COUNTED.includes(given.spec.controllerName) ? {} : { uncounted: uncountedBy(given.spec.controllerName) }),
  };
}

function uncountedBy(controller: string): string {
  return (
    `the counters of ${controller} are not known here: its routes can be written, but nobody would see how the versions ` +
    `do; use a Gateway of ${COUNTED.join(' or ')}`
  );
}

function mirrorRung(controller: string, features: ReadonlySet<string>, traefikServiceServed: boolean): MirrorRung {
  if (features.has('HTTPRouteRequestMirror')) {
    const percent = features.has('HTTPRouteRequestPercentageMirror');
    const share = percent ? 'with any percent' : 'all requests or none (no HTTPRouteRequestPercentageMirror)';
    return { kind: 'filter', percent, why: `the GatewayClass declares HTTPRouteRequestMirror: ${share}` };
  }
  if (controller === TRAEFIK && traefikServiceServed) {
    return {
      kind: 'traefik-service',
      why: 'Traefik does not declare HTTPRouteRequestMirror; its TraefikService mirrors instead',
    };
  }
  const instead = controller === TRAEFIK ? ' and traefikservices.traefik.io is not served' : '';
  return {
    kind: 'none',
    why: `the GatewayClass of ${controller} does not declare HTTPRouteRequestMirror in status.supportedFeatures${instead}`,
  };
}

/** What is known of a gateway whose class may not be read. */
export function unknownAbilities(why: string): Abilities {
  return { mirror: { kind: 'none', why }, timeouts: false };
}
