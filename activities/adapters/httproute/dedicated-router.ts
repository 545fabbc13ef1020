import { isDeepStrictEqual } from 'node:util';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route, RouterCapabilities, TrafficRouter } from '../../ports/traffic-router.ts';
import type { Abilities } from './abilities.ts';
import { unknownAbilities } from './abilities.ts';
import type { GatewayApi } from './api.ts';
import type { GatewayStatus } from './gateway-status.ts';
import { createMirror } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import type { HttpRoute } from './objects.ts';
import { requireReady, risingShares } from './readiness.ts';
import { armsOf, renderRoute, secondOf } from './render.ts';
import type { Rendered, RenderSettings } from './render.ts';
import { checkedRoute, foreignWrite } from './settings.ts';
import { percentOf } from './weights.ts';
import { foreignOwners, writtenOn } from './written.ts';

const TRIES = 5;

/** One HTTPRoute of our own per route, written whole by server-side apply. */
export function createDedicatedRouter(
  api: GatewayApi,
  status: GatewayStatus,
  settings: RenderSettings,
  address: string,
): TrafficRouter {
  const { namespace } = settings;
  const mirror = createMirror(api, status, settings, address);

  return {
    async capabilities() {
      return capabilitiesBy(await status.abilities(), settings.timeoutMs);
    },

    async apply(given, { force = false } = {}) {
      const route = checkedRoute(given);
      armsOf(route);
      const abilities = await abilitiesFor(status, route, force);
      const rendered = renderRoute(route, settings, abilities);
      const live = await liveFor(api, route, force);
      const change: Change = { route, live, force, abilities, render: (one) => renderRoute(one, settings, abilities) };
      if (live !== undefined && !force) {
        refuseForeign(live, namespace);
        if (isWritten(live, route, rendered)) return proveAgain(api, mirror, change);
      }
      if (!force) await requireReady(api, route.name, risingShares(live && liveRoute(live), route));
      return write(api, mirror, change);
    },

    async read(name) {
      const live = await api.route(name);
      if (live === undefined) return undefined;
      const written = writtenOn(live);
      if (written === undefined) throw foreignWrite(namespace, name, 'carries no route that Understudy wrote');
      return withLiveWeights(written.route, live);
    },

    async loaded(name) {
      const live = await api.route(name);
      return live !== undefined && (await status.loaded(live)).loaded;
    },

    async waitsFor(name) {
      const live = await api.route(name);
      return live === undefined ? 'the route does not exist' : status.waitsFor(live);
    },

    async remove(name) {
      const live = await api.route(name);
      if (live === undefined) return;
      const written = writtenOn(live);
      if (written === undefined) throw foreignWrite(namespace, name, 'was not written by Understudy');
      await api.deleteRoute(name);
      await mirror.remove(written.route, true);
      await forgetCopies(api, await status.abilities(), written.route);
    },

    async address(name) {
      return `${address}/${name}`;
    },
  };
}

function capabilitiesBy({ mirror, timeouts, uncounted }: Abilities, timeoutMs: number | undefined): RouterCapabilities {
  const ends = timeouts ? ('each route' as const) : timeoutMs;
  return {
    weights: true,
    mirror: mirror.kind !== 'none',
    ...(mirror.kind === 'filter' && !mirror.percent ? { mirrorsAllOrNone: true } : {}),
    failover: false,
    ...(ends === undefined ? {} : { timeouts: ends }),
    ...(uncounted === undefined ? {} : { uncounted }),
  };
}

interface Change {
  readonly route: Route;
  readonly live: HttpRoute | undefined;
  readonly force: boolean;
  readonly abilities: Abilities;
  readonly render: (route: Route) => Rendered;
}

/** The route with its mirror. */
async function write(api: GatewayApi, mirror: Mirror, change: Change): Promise<void> {
  const { route, live, force, render } = change;
  const before = live && writtenOn(live)?.route;
  const attaches = route.shadow !== undefined && before?.shadow === undefined;
  const answer = attaches ? await mirror.answer(route.name) : undefined;
  const rendered = render(route);
  await mirror.place(rendered, live);
  await applyRoute(api, rendered, force);
  if (attaches) await prove(api, mirror, { route, render, isNew: true }, answer);
  if (before !== undefined && route.shadow === undefined) await mirror.remove(before, false);
  // The traffic is where it belongs; what is left over must not make that a failure.
  if (isBlind(route, force)) await forgetCopies(api, change.abilities, route).catch(unlessPortFailure);
}

/** A write that has not read what was there before cannot know of a mirror. */
async function forgetCopies(api: GatewayApi, { mirror }: Abilities, route: Route): Promise<void> {
  const { challenger } = armsOf(route);
  if (mirror.kind === 'filter' && challenger !== undefined) await api.deleteService(secondOf(challenger));
}

function unlessPortFailure(error: unknown): void {
  if (!(error instanceof PortFailure)) throw error;
}

/** A worker may have died between the write and its proof; then nobody has asked yet whether the route still serves. */
async function proveAgain(api: GatewayApi, mirror: Mirror, change: Change): Promise<void> {
  if (change.route.shadow === undefined) return;
  const now = await mirror.answer(change.route.name);
  // A gateway that answers nobody says nothing of the mirror.
  if (now !== undefined) await prove(api, mirror, { ...change, isNew: false }, now);
}

async function prove(
  api: GatewayApi,
  mirror: Mirror,
  { render, route, isNew }: Pick<Change, 'render' | 'route'> & { readonly isNew: boolean },
  before: number | undefined,
): Promise<void> {
  const fault = await mirror.fault(route.name, before, isNew);
  if (fault === undefined) return;
  const failure = await detached(api, render(withoutShadow(route)), fault);
  await mirror.remove(route, false);
  throw failure;
}

/** The route comes first: a mirror under which it does not serve as before is taken off at once. */
async function detached(api: GatewayApi, alone: Rendered, fault: string): Promise<PortFailure> {
  await applyRoute(api, alone, true);
  const { name } = alone.route.metadata;
  const message =
    `the mirror of the route ${name} was taken off again: ${fault}; leave out the shadow, or correct ` +
    'kubernetes.gateway.class in understudy.config.yaml, which says what the gateway can do';
  return new PortFailure('unsupported', message, { details: { route: name } });
}

function withoutShadow({ shadow: _off, ...alone }: Route): Route {
  return alone;
}

/** A rollback does not wait for what it does not need: without a shadow a gateway that cannot be asked is no obstacle. */
async function abilitiesFor(status: GatewayStatus, route: Route, force: boolean): Promise<Abilities> {
  try {
    return await status.abilities();
  } catch (error) {
    if (force && route.shadow === undefined) return unknownAbilities('the gateway could not be asked');
    throw error;
  }
}

async function liveFor(api: GatewayApi, route: Route, force: boolean): Promise<HttpRoute | undefined> {
  return isBlind(route, force) ? undefined : api.route(route.name);
}

/** A forced write replaces whatever is there: reading it first would only be one more thing that can fail. */
function isBlind({ shadow }: Route, force: boolean): boolean {
  return force && shadow === undefined;
}

function refuseForeign(live: HttpRoute, namespace: string): void {
  const { name } = live.metadata;
  if (writtenOn(live) === undefined) throw foreignWrite(namespace, name, 'exists and was not written by Understudy');
  const owners = foreignOwners(live);
  if (owners.length > 0) {
    throw foreignWrite(namespace, name, `was changed by ${owners.join(', ')} since Understudy wrote it`);
  }
}

/** All of the spec is ours by now, so the annotations tell what it is; the gateway's abilities can add time-outs. */
function isWritten(live: HttpRoute, route: Route, rendered: Rendered): boolean {
  const written = writtenOn(live);
  const same = Object.entries(rendered.route.metadata.annotations).every(
    ([key, value]) => live.metadata.annotations?.[key] === value,
  );
  return same && isDeepStrictEqual(written?.route, route);
}

/** Two first writes at the same time: one creates, the other is told to come again. */
async function applyRoute(api: GatewayApi, rendered: Rendered, force: boolean): Promise<void> {
  const { name, namespace } = rendered.route.metadata;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await api.apply(rendered.route, force);
      return;
    } catch (error) {
      if (!(error instanceof PortFailure) || error.code !== 'conflict') throw error;
      if (/Apply failed with \d+ conflict/.test(error.message)) {
        throw foreignWrite(namespace, name, 'was changed by somebody else since Understudy wrote it');
      }
      if (attempt === TRIES) throw error;
    }
  }
}

function liveRoute(live: HttpRoute): Route | undefined {
  const written = writtenOn(live);
  return written && withLiveWeights(written.route, live);
}

/** The gateway's configuration is the truth: the share is what the weights say, not what was asked for. */
function withLiveWeights(route: Route, live: HttpRoute): Route {
  const { challenger } = armsOf(route);
  if (route.challenger === undefined || challenger === undefined) return route;
  const refs = live.spec.rules?.[0]?.backendRefs ?? [];
  const theirs = refs.find((ref) => ref.name === challenger.name)?.weight ?? 0;
  const all = refs.reduce((sum, ref) => sum + (ref.weight ?? 1), 0);
  const percent = percentOf({ champion: all - theirs, challenger: theirs });
  return { ...route, challenger: { ...route.challenger, percent } };
}
