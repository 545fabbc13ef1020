import { isDeepStrictEqual } from 'node:util';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route, TrafficRouter } from '../../ports/traffic-router.ts';
import type { Abilities } from './abilities.ts';
import { unknownAbilities } from './abilities.ts';
import type { GatewayApi } from './api.ts';
import type { GatewayStatus } from './gateway-status.ts';
import { mirrorName } from './labels.ts';
import { probeMirror } from './mirror-probe.ts';
import type { HttpRoute } from './objects.ts';
import { armsOf, renderRoute } from './render.ts';
import type { Rendered, RenderSettings } from './render.ts';
import type { ServiceRef } from './service-ref.ts';
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

  return {
    async capabilities() {
      return { weights: true, mirror: (await status.abilities()).mirror.kind !== 'none', failover: false };
    },

    async apply(given, { force = false } = {}) {
      const route = checkedRoute(given);
      armsOf(route);
      const rendered = renderRoute(route, settings, await abilitiesFor(status, route, force));
      const live = await liveFor(api, route, force);
      if (live !== undefined && !force) {
        refuseForeign(live, namespace);
        if (isWritten(live, route, rendered)) return;
      }
      await placeMirror(rendered, live);
      await applyRoute(api, rendered, force);
      // Traefik may still look at the old route when it sees the mirror go, so a mirror goes one write later.
      if (live !== undefined && rendered.mirror === undefined && writtenOn(live)?.route.shadow === undefined) {
        await removeMirror(route.name);
      }
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

    async remove(name) {
      const live = await api.route(name);
      if (live === undefined) return;
      if (writtenOn(live) === undefined) throw foreignWrite(namespace, name, 'was not written by Understudy');
      await api.deleteRoute(name);
      await removeMirror(name);
    },

    async address(name) {
      return `${address}/${name}`;
    },
  };

  /** Targets, then the mirror, then proof that it is served; only then may the route point at it. */
  async function placeMirror(rendered: Rendered, live: HttpRoute | undefined): Promise<void> {
    const { mirror, arms } = rendered;
    if (mirror === undefined) return;
    await requireServices(api, [arms.champion, arms.shadow]);
    await api.apply(mirror, true);
    if (live?.spec.rules?.[0]?.backendRefs?.some((ref) => ref.name === mirror.metadata.name)) return;
    await probeMirror(api, mirror, settings, address);
  }

  async function removeMirror(name: string): Promise<void> {
    if ((await status.abilities()).mirror.kind === 'traefik-service') await api.deleteTraefikService(mirrorName(name));
  }
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
  // A forced write replaces whatever is there: reading it first would only be one more thing that can fail.
  return force && route.shadow === undefined ? undefined : api.route(route.name);
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

async function requireServices(api: GatewayApi, services: readonly (ServiceRef | undefined)[]): Promise<void> {
  for (const service of services) {
    if (service !== undefined && !(await api.serviceExists(service))) {
      throw new PortFailure(
        'not-ready',
        `the Service ${service.namespace}/${service.name} does not exist yet; a mirror that points at it would take the ` +
          'whole route down',
        { details: { service: service.name } },
      );
    }
  }
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
