import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import type { Abilities } from './abilities.ts';
import { TRAEFIK_GROUP } from './api.ts';
import type { Applied } from './api.ts';
import type { GatewayName } from './conditions.ts';
import { mirrorName } from './labels.ts';
import { GATEWAY_GROUP } from './objects.ts';
import { serviceOf } from './service-ref.ts';
import type { ServiceRef } from './service-ref.ts';
import { exactWeights } from './weights.ts';
import { annotationsOf } from './written.ts';

export interface RenderSettings {
  readonly namespace: string;
  readonly gateway: GatewayName;
  readonly hostnames: readonly string[];
  /** When the gateway ends any answer by itself, where a route cannot say so. */
  readonly timeoutMs?: number;
}

export interface Arms {
  readonly champion: ServiceRef;
  readonly challenger?: ServiceRef;
  readonly shadow?: ServiceRef;
}

/** What to write for a route: the mirror, if any, stands before the route points at it. */
export interface Rendered {
  readonly mirror?: Applied;
  readonly route: Applied;
  readonly arms: Arms;
}

/**
 * The Services of all arms. Two arms on one Service share one counter, so they are refused; only a shadow may be the
 * challenger's own: Traefik counts what its mirror sends apart, and for other gateways there is `copiesOf`.
 */
export function armsOf(route: Route): Arms {
  const arms: Arms = {
    champion: serviceOf(route.champion, 'champion'),
    ...(route.challenger && { challenger: serviceOf(route.challenger, 'challenger') }),
    ...(route.shadow && { shadow: serviceOf(route.shadow, 'shadow') }),
  };
  const champion = keyOf(arms.champion);
  const others = [arms.challenger, arms.shadow].filter((arm) => arm !== undefined).map(keyOf);
  if (others.includes(champion)) throw shared(route, champion);
  return arms;
}

/**
 * Where copies go when the gateway mirrors by a filter. It counts everything that a Service gets together, so a challenger that
 * is its own shadow has a second Service, which differs in its name alone.
 */
export function copiesOf({ challenger, shadow }: Arms): ServiceRef | undefined {
  if (shadow === undefined || challenger === undefined || keyOf(challenger) !== keyOf(shadow)) return shadow;
  return secondOf(shadow);
}

/** The Service to which a filter copies what the challenger itself is to see. */
export function secondOf(challenger: ServiceRef): ServiceRef {
  return { ...challenger, name: `${challenger.name}-shadow` };
}

function keyOf({ namespace, name }: ServiceRef): string {
  return `${namespace}/${name}`;
}

function shared(route: Route, service: string): PortFailure {
  return new PortFailure(
    'bad-request',
    `two arms of the route ${route.name} point at the Service ${service}: their requests could not be told apart; ` +
      'give each arm a Service of its own',
    { details: { route: route.name, service } },
  );
}

/**
 * The whole HTTPRoute, every field of its spec written out: what is not named in a server-side apply is not owned. Throws
 * `unsupported` when a shadow is asked for that this gateway cannot give.
 */
export function renderRoute(route: Route, settings: RenderSettings, abilities: Abilities): Rendered {
  const arms = armsOf(route);
  const weights = exactWeights(route.challenger?.percent ?? 0);
  const mirror = mirrorOf(route, arms, settings, abilities);
  const champion =
    mirror === undefined
      ? { ...refTo(arms.champion, settings.namespace), weight: weights.champion }
      : { group: TRAEFIK_GROUP, kind: 'TraefikService', name: mirrorName(route.name), weight: weights.champion };
  const challenger =
    arms.challenger === undefined
      ? []
      : [{ ...refTo(arms.challenger, settings.namespace), weight: weights.challenger }];
  const { gateway } = settings;
  return {
    ...(mirror === undefined ? {} : { mirror }),
    arms,
    route: {
      apiVersion: `${GATEWAY_GROUP}/v1`,
      kind: 'HTTPRoute',
      metadata: {
        name: route.name,
        namespace: settings.namespace,
        annotations: annotationsOf(route, weights),
      },
      spec: {
        parentRefs: [{ group: GATEWAY_GROUP, kind: 'Gateway', ...gateway }],
        hostnames: settings.hostnames,
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: `/${route.name}` } }],
            filters: [stripPrefix, ...markOf(route), ...filterOf(route, arms, settings, abilities)],
            backendRefs: [champion, ...challenger],
            ...(abilities.timeouts ? { timeouts: { request: durationOf(route.requestTimeoutMs) } } : {}),
          },
        ],
      },
    },
  };
}

const stripPrefix = {
  type: 'URLRewrite',
  urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
};

/** Header on every answer of a route that is mirrored: by it a mirrored route is told from the one before it. */
export const MIRRORED_HEADER = 'x-understudy-mirrored';

function markOf({ shadow }: Route): object[] {
  if (shadow === undefined) return [];
  const set = [{ name: MIRRORED_HEADER, value: 'yes' }];
  return [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }];
}

function refTo(service: ServiceRef, home: string) {
  const namespace = service.namespace === home ? {} : { namespace: service.namespace };
  return { group: '', kind: 'Service', name: service.name, ...namespace, port: service.port };
}

function filterOf(route: Route, arms: Arms, settings: RenderSettings, { mirror }: Abilities): object[] {
  if (route.shadow === undefined || arms.shadow === undefined || mirror.kind !== 'filter') return [];
  const { percent } = route.shadow;
  // Nothing to copy is no filter: a filter without a percent copies everything.
  if (percent === 0) return [];
  if (percent !== 100 && !mirror.percent) {
    throw unsupported(route, `it can copy all requests or none, not ${percent} %: ${mirror.why}`);
  }
  const share = mirror.percent ? { percent } : {};
  return [
    {
      type: 'RequestMirror',
      requestMirror: { backendRef: refTo(copiesOf(arms) ?? arms.shadow, settings.namespace), ...share },
    },
  ];
}

/** Traefik's own mirror. It stands in the champion's place, so it copies from the champion's share of the traffic. */
function mirrorOf(route: Route, arms: Arms, settings: RenderSettings, { mirror }: Abilities): Applied | undefined {
  if (route.shadow === undefined || arms.shadow === undefined) return undefined;
  if (mirror.kind === 'none') throw unsupported(route, mirror.why);
  if (mirror.kind === 'filter') return undefined;
  const target = ({ name, namespace, port }: ServiceRef) => ({ kind: 'Service', name, namespace, port });
  return {
    apiVersion: `${TRAEFIK_GROUP}/v1alpha1`,
    kind: 'TraefikService',
    metadata: {
      name: mirrorName(route.name),
      namespace: settings.namespace,
      annotations: { 'understudy/run': route.writtenBy },
    },
    spec: {
      mirroring: { ...target(arms.champion), mirrors: [{ ...target(arms.shadow), percent: route.shadow.percent }] },
    },
  };
}

/** Gateway API durations have at most five digits per unit. */
function durationOf(ms: number): string {
  return ms <= 99_999 ? `${ms}ms` : `${Math.min(99_999, Math.ceil(ms / 1000))}s`;
}

function unsupported(route: Route, why: string): PortFailure {
  return new PortFailure(
    'unsupported',
    `the gateway cannot mirror the route ${route.name}: ${why}; ` +
      'leave out the shadow, use a gateway that declares HTTPRouteRequestMirror, or serve the TraefikService CRD to Traefik',
    { details: { route: route.name } },
  );
}
