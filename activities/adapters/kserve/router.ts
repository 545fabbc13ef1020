import type { KubeConfig } from '@kubernetes/client-node';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route, RouterCapabilities, TrafficRouter } from '../../ports/traffic-router.ts';
import { createGatewayApi } from '../httproute/api.ts';
import type { GatewayApi } from '../httproute/api.ts';
import type { GatewayName } from '../httproute/conditions.ts';
import { createGatewayStatus } from '../httproute/gateway-status.ts';
import type { GatewayStatus } from '../httproute/gateway-status.ts';
import { checkedRoute } from '../httproute/settings.ts';
import type { DeclaredClass } from '../httproute/settings.ts';
import { createKserveApi } from './api.ts';
import { knativeShare } from './knative.ts';
import { requireMode } from './mode.ts';
import type { KserveMode } from './mode.ts';
import { nameOf } from './names.ts';
import { workloadName } from './objects.ts';
import type { InferenceService } from './objects.ts';
import { existing } from './operations.ts';
import { patchUntilItFits } from './patching.ts';
import { removeOperations, routeOperations } from './route-operations.ts';
import type { Asked } from './route-operations.ts';
import { standardShare } from './standard.ts';
import { knativeFault, routeFault, standardFault } from './status.ts';
import { refuseForeign, routeOn, stateOf } from './written.ts';

export interface KserveRouterOptions {
  readonly kubeConfig: KubeConfig;
  /** Where the InferenceServices are. */
  readonly namespace: string;
  /** Which of KServe's canary APIs the policy asks for. */
  readonly mode: KserveMode;
  /** The Gateway that KServe hangs its HTTPRoutes on; Standard mode only. */
  readonly gateway: GatewayName;
  /** When the gateway ends any answer by itself, milliseconds, where its class declares no time-outs of routes. */
  readonly timeoutMs?: number;
  /** What its class declares, where the class itself may not be read. */
  readonly declared?: DeclaredClass;
  /** The InferenceService that `capabilities` looks at. */
  readonly service: string;
}

/**
 * A route is an InferenceService of that name, and its share is what KServe's own canary field says. The HTTPRoutes and
 * Knative services that KServe makes of it are read and never written. Needs get and patch on inferenceservices; in Standard
 * mode also get on httproutes and on the gateway.
 */
export function createKserveRouter(options: KserveRouterOptions): TrafficRouter {
  const { kubeConfig, namespace, mode } = options;
  const api = createKserveApi(kubeConfig, namespace);
  const gateway = createGatewayApi(kubeConfig, namespace);
  const faultOf = async (name: string): Promise<string | undefined> => {
    const live = await api.get(name);
    const route = live && routeOn(live);
    if (live === undefined || route === undefined) return 'nobody wrote such a route';
    return loadedFault({ live, route, mode }, gateway, status);
  };
  const status = createGatewayStatus(gateway, options.gateway, { declared: options.declared, routes: namespace });

  return {
    async capabilities() {
      const live = await existing(api, options.service);
      requireMode(live, mode);
      return mode === 'knative' ? { ...SPLITS, uncounted: UNCOUNTED } : capabilitiesOf(live, status, options.timeoutMs);
    },

    async apply(given, { force = false } = {}) {
      const route = checked(given);
      await patchUntilItFits(api, route.name, async () => {
        const live = await existing(api, route.name);
        if (!force) {
          requireMode(live, mode);
          refuseForeign(live);
        }
        return routeOperations({ live, route, mode }, force);
      });
    },

    async read(name) {
      const live = await api.get(name);
      const route = live && routeOn(live);
      if (live === undefined || route?.challenger === undefined) return route;
      const predictor = nameOf(live, route.challenger.version);
      const percent =
        mode === 'standard' ? standardShare(live.spec, predictor) : knativeShare(live.spec, stateOf(live), predictor);
      return { ...route, challenger: { ...route.challenger, percent } };
    },

    async loaded(name) {
      return (await faultOf(name)) === undefined;
    },

    waitsFor: faultOf,

    /** Gives the service back: all to the champion, our route off. The InferenceService is not ours to delete. */
    async remove(name) {
      await patchUntilItFits(api, name, async () => {
        const live = await api.get(name);
        const route = live && routeOn(live);
        if (live === undefined || route === undefined) return [];
        return removeOperations({ live, route, mode });
      });
    },

    async address(name) {
      const { status: reported } = await existing(api, name);
      if (reported?.url !== undefined) return reported.url.replace(/\/$/, '');
      throw new PortFailure('not-ready', `the InferenceService ${namespace}/${name} has no status.url yet`, {
        details: { route: name },
      });
    },
  };
}

/** Why Knative mode has no evidence of its own. */
export const UNCOUNTED =
  "KServe's Knative mode has no counters per arm that a judge may trust: which gateway counts, and under which name, is up " +
  'to the networking layer of Knative, and pods cannot count what they did not answer; run the InferenceService in ' +
  'Standard mode behind a Gateway and write traffic.mode: standard';

const SPLITS = { weights: true, mirror: false, failover: false };
/** What KServe writes into its HTTPRoutes where a predictor names no time-out. */
const TIMEOUT_SECONDS = 60;

async function capabilitiesOf(
  { spec }: InferenceService,
  status: GatewayStatus,
  timeoutMs: number | undefined,
): Promise<RouterCapabilities> {
  const seconds = spec.predictor.timeout ?? TIMEOUT_SECONDS;
  const ends = (await status.abilities()).timeouts ? seconds * 1000 : timeoutMs;
  return { ...SPLITS, ...(ends === undefined ? {} : { timeouts: ends }) };
}

async function loadedFault(
  { live, route, mode }: Asked,
  gateway: GatewayApi,
  status: GatewayStatus,
): Promise<string | undefined> {
  if (mode === 'knative') return knativeFault(live, stateOf(live));
  const fault = standardFault(live);
  if (fault !== undefined) return fault;
  const { name } = live.metadata;
  const workload = (version: string) => workloadName(name, nameOf(live, version));
  const made = await gateway.route(name);
  const arms = {
    champion: workload(route.champion.version),
    ...(route.challenger === undefined ? {} : { challenger: workload(route.challenger.version) }),
  };
  const wrong = routeFault(made, arms, route.challenger?.percent ?? 0);
  if (wrong !== undefined || made === undefined) return wrong;
  const loaded = await status.loaded(made);
  return loaded.loaded ? undefined : loaded.why;
}

function checked(given: Route): Route {
  const route = checkedRoute(given);
  const { challenger, shadow } = route;
  if (shadow !== undefined) {
    throw new PortFailure(
      'unsupported',
      `KServe cannot copy requests, so the route ${route.name} can have no shadow; write shadow: { skip: true }, or put ` +
        'the servers behind gateway: httproute',
      { details: { route: route.name } },
    );
  }
  if (challenger === undefined || Number.isInteger(challenger.percent)) return route;
  throw new PortFailure(
    'unsupported',
    `KServe takes whole percents: the route ${route.name} asks for ${challenger.percent} %; expected such as ` +
      `${Math.max(1, Math.round(challenger.percent))} %`,
    { details: { route: route.name, percent: challenger.percent } },
  );
}
