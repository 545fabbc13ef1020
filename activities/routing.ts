import { sleep } from '@temporalio/activity';
import type { RunContext } from '../scorecards/run.ts';
import { appliedOf, noteStage } from './context.ts';
import type { Ports } from './context.ts';
import type { TrafficTarget } from './ports/gateway.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Backend, Route, TrafficRouter } from './ports/traffic-router.ts';
import type { Telemetry } from './telemetry.ts';

/** How the traffic of one model is to be shared; everything a rollback needs is in it. */
export interface RouteOrder {
  readonly context: RunContext;
  readonly champion: Backend;
  readonly challenger?: Backend & { readonly percent: number };
  readonly shadow?: Backend & { readonly percent: number };
  readonly reason: string;
  /** A person has said so: overwrites whoever wrote last. */
  readonly force?: boolean;
}

export function createRouting(ports: Pick<Ports, 'gateway' | 'evidence'>, telemetry: Telemetry) {
  return {
    /** Refuses a plan that this gateway cannot carry out, before anything is started. */
    async checkGateway(input: {
      readonly traffic: TrafficTarget;
      readonly mirror: boolean;
      readonly weights: boolean;
    }): Promise<void> {
      const able = await ports.gateway(input.traffic).router.capabilities();
      const lacking = [
        input.mirror && !able.mirror ? 'mirror requests' : '',
        input.weights && !able.weights ? 'split traffic by weight' : '',
      ].filter((text) => text !== '');
      if (lacking.length > 0) throw new PortFailure('unsupported', `this gateway cannot ${lacking.join(' or ')}`);
    },

    /** Writes the whole route and waits until the gateway has loaded it. Refused when somebody else edits the route, but for `force`. */
    async setRoute(input: RouteOrder): Promise<{ readonly writtenAt: string }> {
      const { route, traffic } = await routeOf(ports, input);
      const { router } = ports.gateway(traffic);
      await router.apply(route, { force: input.force === true });
      const writtenAt = new Date().toISOString();
      telemetry.weightSet({ model: input.context.model, ratio: (input.challenger?.percent ?? 0) / 100 });
      await noteStage(ports.evidence, input.context, `route-${writtenAt.replaceAll(/[^0-9TZ]/g, '')}`, {
        ...route,
        writtenAt,
      });
      await untilLoaded(router, route.name);
      return { writtenAt };
    },

    /** For a first champion that did not become one. Nothing there is success. */
    async removeRoute({ traffic }: { readonly traffic: TrafficTarget }): Promise<void> {
      await ports.gateway(traffic).router.remove(traffic.route);
    },

    /** The address that clients use, for people and for load. */
    async routeAddress({ traffic }: { readonly traffic: TrafficTarget }): Promise<{ readonly url: string }> {
      return { url: await ports.gateway(traffic).router.address(traffic.route) };
    },
  };
}

/** A gateway reads its configuration a moment after it was written. */
const LOADED_WITHIN_MS = 5000;
const ASK_EVERY_MS = 50;

async function untilLoaded(router: TrafficRouter, route: string): Promise<void> {
  for (let waited = 0; !(await router.loaded(route)); waited += ASK_EVERY_MS) {
    if (waited >= LOADED_WITHIN_MS) {
      const why = await router.waitsFor?.(route);
      throw new PortFailure(
        'not-ready',
        `the gateway has not loaded route ${route} within ${LOADED_WITHIN_MS / 1000} s${why === undefined ? '' : `: ${why}`}`,
      );
    }
    await sleep(ASK_EVERY_MS);
  }
}

async function routeOf(
  ports: Pick<Ports, 'evidence'>,
  order: RouteOrder,
): Promise<{ readonly route: Route; readonly traffic: TrafficTarget }> {
  const { context, champion, challenger, shadow, reason } = order;
  const { traffic } = (await appliedOf(ports.evidence, context)).policy.spec;
  if (!traffic) throw new PortFailure('bad-request', `${context.model} has no traffic section: a route was asked for`);
  const route: Route = {
    name: traffic.route,
    model: context.model,
    champion,
    ...(challenger ? { challenger } : {}),
    ...(shadow ? { shadow } : {}),
    writtenBy: context.run,
    reason,
    requestTimeoutMs: traffic.requestTimeout,
  };
  return { route, traffic };
}
