import { isDeepStrictEqual } from 'node:util';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route, TrafficRouter } from '../../ports/traffic-router.ts';
import { forgetOperations, locate, patchOf, plannedWeights, refuseTwins } from './adopted-plan.ts';
import type { Located, Pair } from './adopted-plan.ts';
import type { GatewayApi, PatchOperation } from './api.ts';
import type { GatewayName } from './conditions.ts';
import type { GatewayStatus } from './gateway-status.ts';
import { routeToAdd } from './lines-to-add.ts';
import type { WantedRoute } from './lines-to-add.ts';
import type { HttpRoute } from './objects.ts';
import { requireReady, risingShares } from './readiness.ts';
import { armsOf } from './render.ts';
import { checkedRoute, foreignWrite } from './settings.ts';
import { percentOf } from './weights.ts';
import type { Weights } from './weights.ts';
import { writtenOn } from './written.ts';

/** How often a write is planned anew because the route changed between the look and the write. */
const TRIES = 10;

export interface AdoptedSettings {
  readonly namespace: string;
  readonly gateway: GatewayName;
  readonly hostnames: readonly string[];
  readonly address: string;
  readonly ruleName?: string;
  readonly timeoutMs?: number;
}

/** Weights in somebody else's HTTPRoute. Its filters, rules, host names and other backends are never touched. */
export function createAdoptedRouter(api: GatewayApi, status: GatewayStatus, settings: AdoptedSettings): TrafficRouter {
  const { namespace, ruleName } = settings;
  const place = (live: HttpRoute, pair: Pair) => locate(live, pair, ruleName);
  const existing = async (name: string, force = false) => existingRoute(api, settings, { name, force });
  const current = (live: HttpRoute) => currentOf(live, place);

  return {
    async capabilities() {
      const { timeoutMs } = settings;
      const { uncounted } = await status.abilities();
      return {
        weights: true,
        mirror: false,
        failover: false,
        ...(timeoutMs === undefined ? {} : { timeouts: timeoutMs }),
        ...(uncounted === undefined ? {} : { uncounted }),
      };
    },

    async apply(given, { force = false } = {}) {
      const route = checkedRoute(given);
      armsOf(route);
      refuseShadow(route);
      await planAndPatch(api, route.name, async () => {
        const live = await existing(route.name, force);
        const now = force ? undefined : current(live);
        if (now?.foreign !== undefined)
          throw foreignWrite(namespace, route.name, `${now.foreign} as Understudy wrote it`);
        const { operations, changes } = planned(live, route, force, place);
        if (changes && !force) await requireReady(api, route.name, risingShares(now && withLiveShare(now), route));
        return changes ? operations : [];
      });
    },

    async read(name) {
      const live = await api.route(name);
      const now = live === undefined ? undefined : current(live);
      return now && withLiveShare(now);
    },

    async loaded(name) {
      const live = await api.route(name);
      return live !== undefined && writtenOn(live) !== undefined && (await status.loaded(live)).loaded;
    },

    async waitsFor(name) {
      const live = await api.route(name);
      return live === undefined ? 'the route does not exist' : status.waitsFor(live);
    },

    /** Gives the route back: all to the champion, our annotations off. The route itself is not ours to delete. */
    async remove(name) {
      await planAndPatch(api, name, async () => {
        const live = await api.route(name);
        return live === undefined ? [] : givenBack(live, place);
      });
    },

    async address(name) {
      const live = await existing(name);
      const written = writtenOn(live);
      const pair = written === undefined ? undefined : pairOf(written.route);
      const path = pair === undefined ? live.spec.rules?.[0]?.matches?.[0]?.path?.value : place(live, pair).path;
      return `${settings.address}${path ?? ''}`.replace(/\/$/, '');
    },
  };
}

async function existingRoute(
  api: GatewayApi,
  settings: AdoptedSettings,
  { force, name }: { readonly force: boolean; readonly name: string },
): Promise<HttpRoute> {
  const live = await api.route(name);
  if (live === undefined) throw missing({ ...settings, name });
  // A rollback takes what it finds: what somebody listed twice meanwhile must not keep the challenger in traffic.
  if (!force) refuseTwins(live, settings.ruleName);
  return live;
}

function givenBack(live: HttpRoute, place: (live: HttpRoute, pair: Pair) => Located): readonly PatchOperation[] {
  const written = writtenOn(live);
  if (written === undefined) return [];
  const pair = pairOf(written.route);
  if (pair === undefined) return forgetOperations(live);
  const at = place(live, pair);
  const weights = plannedWeights(live, at, 0);
  const tests = patchOf(live, at, { route: written.route, weights, pair }, true);
  return [...tests, ...forgetOperations(live)];
}

interface Current {
  readonly route: Route;
  readonly at?: Located;
  /** What is not as we wrote it. */
  readonly foreign?: string;
}

/** The share is what the weights say, not what was asked for. */
function withLiveShare({ at, route }: Current): Route {
  if (at === undefined || route.challenger === undefined) return route;
  return { ...route, challenger: { ...route.challenger, percent: percentOf(at.weights) } };
}

/** The route as we wrote it, and where it stands now; `undefined` when it carries nothing of ours. */
function currentOf(live: HttpRoute, place: (live: HttpRoute, pair: Pair) => Located): Current | undefined {
  const written = writtenOn(live);
  if (written === undefined) return undefined;
  const pair = pairOf(written.route);
  if (pair === undefined) return { route: written.route };
  const at = place(live, pair);
  if (isDeepStrictEqual(at.weights, written.weights)) return { route: written.route, at };
  const say = ({ champion, challenger }: Weights) => `${champion}:${challenger}`;
  return { route: written.route, at, foreign: `has weights ${say(at.weights)}, not ${say(written.weights)}` };
}

function missing(wanted: WantedRoute): PortFailure {
  const { name, namespace } = wanted;
  return new PortFailure(
    'not-found',
    `the HTTPRoute ${namespace}/${name} does not exist; create it with both Services in one rule, or let ` +
      'Understudy own a route of its own (ownership: dedicated)',
    { details: { route: name, namespace }, next: routeToAdd(wanted) },
  );
}

/** Looks and writes until the write meets what was looked at. */
async function planAndPatch(
  api: GatewayApi,
  name: string,
  plan: () => Promise<readonly PatchOperation[]>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const operations = await plan();
    if (operations.length === 0) return;
    try {
      await api.patchRoute(name, operations);
      return;
    } catch (error) {
      if (!(error instanceof PortFailure) || error.code !== 'conflict' || attempt === TRIES) throw error;
    }
  }
}

interface Planned {
  readonly operations: readonly PatchOperation[];
  readonly changes: boolean;
}

/** Without a challenger the one we knew last goes to 0. */
function planned(
  live: HttpRoute,
  route: Route,
  force: boolean,
  place: (live: HttpRoute, pair: Pair) => Located,
): Planned {
  const written = writtenOn(live);
  const kept = keepPair(route, written?.route);
  const pair = pairOf(kept);
  if (pair === undefined) {
    throw new PortFailure(
      'bad-request',
      `the route ${route.name} is adopted and has no challenger yet: name the Service of the challenger, at 0 percent`,
      { details: { route: route.name } },
    );
  }
  const at = place(live, pair);
  const weights = plannedWeights(live, at, route.challenger?.percent ?? 0);
  const operations = patchOf(live, at, { route: kept, weights, pair }, !force);
  const changes = !isDeepStrictEqual(written, { route: kept, weights }) || !isDeepStrictEqual(at.weights, weights);
  return { operations, changes };
}

/**
 * The annotation goes on naming the other Service at weight 0, so that the next look finds the pair again. After a
 * promotion that is the old champion.
 */
function keepPair(route: Route, before: Route | undefined): Route {
  if (route.challenger !== undefined || before?.challenger === undefined) return route;
  const { version, url } = before.challenger.url === route.champion.url ? before.champion : before.challenger;
  return { ...route, challenger: { version, url, percent: 0 } };
}

function pairOf(route: Route): Pair | undefined {
  const { champion, challenger } = armsOf(route);
  return challenger === undefined ? undefined : { champion, challenger };
}

function refuseShadow(route: Route): void {
  if (route.shadow === undefined) return;
  throw new PortFailure(
    'unsupported',
    `the HTTPRoute ${route.name} is adopted: its filters and backends are not ours, so no mirror is added; ` +
      'leave out the shadow or let Understudy own a route of its own (ownership: dedicated)',
    { details: { route: route.name } },
  );
}
