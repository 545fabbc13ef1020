import { setTimeout as sleep } from 'node:timers/promises';
import { PortFailure } from '../../ports/port-failure.ts';
import type { Route } from '../../ports/traffic-router.ts';
import type { GatewayApi } from './api.ts';
import type { GatewayStatus } from './gateway-status.ts';
import { mirrorName } from './labels.ts';
import { probeMirror } from './mirror-probe.ts';
import type { HttpRoute } from './objects.ts';
import { armsOf, copiesOf, MIRRORED_HEADER } from './render.ts';
import type { Rendered, RenderSettings } from './render.ts';
import type { ServiceRef } from './service-ref.ts';

/** What attaches a mirror to a route without endangering the route. */
export interface Mirror {
  /** Targets, then the mirror, then proof that it is served; only then may the route point at it. */
  place(rendered: Rendered, live: HttpRoute | undefined): Promise<void>;
  /** Why the route does not serve with its mirror as it did without; nothing to say is undefined. `isNew`: just written. */
  fault(route: string, before: number | undefined, isNew: boolean): Promise<string | undefined>;
  /** What a request to the route answers now; undefined when nobody answers. */
  answer(route: string): Promise<number | undefined>;
  /** Takes away what the route of before needed for its mirror; `isGone`: there is no route any more. */
  remove(before: Route, isGone: boolean): Promise<void>;
}

/** A route that answers worse with its mirror than without is not left so for longer. */
const WORSE_FOR_MS = 5000;
/** One that answers as before is only not programmed yet; a busy gateway takes its time. */
const PROGRAMMED_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 50;

export function createMirror(
  api: GatewayApi,
  status: GatewayStatus,
  settings: RenderSettings,
  address: string,
): Mirror {
  return {
    async place({ mirror, arms }, live) {
      const target = copiesOf(arms);
      if (mirror === undefined) {
        if (target === undefined || arms.shadow === undefined) return;
        await requireServices(api, [arms.shadow]);
        if (target.name !== arms.shadow.name) await api.copyService(arms.shadow, target.name);
        return;
      }
      await requireServices(api, [arms.champion, arms.shadow]);
      await api.apply(mirror, true);
      if (live?.spec.rules?.[0]?.backendRefs?.some((ref) => ref.name === mirror.metadata.name)) return;
      await probeMirror(api, mirror, settings, address);
    },

    /**
     * A gateway may take a route down over a mirror that it cannot serve while the route is Accepted, and no counter of a
     * Service moves: only a request tells. The mark on its answer says that the mirrored route is what answered.
     */
    async fault(route, before, isNew) {
      const begun = Date.now();
      for (;;) {
        const seen = await ask(`${address}/${route}`);
        if (isServed(seen, before)) return undefined;
        const patience = isNew && isUnchanged(seen, before) ? PROGRAMMED_WITHIN_MS : WORSE_FOR_MS;
        if (Date.now() - begun > patience)
          return `it answers ${seen?.code ?? 'nothing'} with it, ${before ?? 'nothing'} without`;
        await sleep(ASK_EVERY_MS);
      }
    },

    async answer(route) {
      return (await ask(`${address}/${route}`))?.code;
    },

    async remove(before, isGone) {
      const { kind } = (await status.abilities()).mirror;
      const arms = armsOf(before);
      const target = copiesOf(arms);
      if (kind === 'filter' && target !== undefined && target.name !== arms.shadow?.name)
        await api.deleteService(target);
      // Traefik may still look at the old route when it sees the mirror go, so a mirror goes one write later.
      if (kind === 'traefik-service' && (isGone || before.shadow === undefined)) {
        await api.deleteTraefikService(mirrorName(before.name));
      }
    },
  };
}

interface Answer {
  readonly code: number;
  readonly mirrored: boolean;
}

function isServed(seen: Answer | undefined, before: number | undefined): boolean {
  return seen?.mirrored === true && (seen.code < 500 || seen.code === before);
}

/** It answers, and not with errors, as it did without the mirror. */
function isUnchanged(seen: Answer | undefined, before: number | undefined): boolean {
  return seen !== undefined && seen.code === before && seen.code < 500;
}

async function ask(url: string): Promise<Answer | undefined> {
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(2000) });
    return { code: answer.status, mirrored: answer.headers.has(MIRRORED_HEADER) };
  } catch {
    return undefined;
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
