import { beforeEach, describe, expect, test } from '@jest/globals';
import { severalGateways } from '../../../activities/adapters/several-gateways.ts';
import { putJson } from '../../../activities/context.ts';
import { createRollback } from '../../../activities/rollback.ts';
import { createRouting } from '../../../activities/routing.ts';
import type { ChooseGateway, TrafficTarget } from '../../../activities/ports/gateway.ts';
import type { RunContext } from '../../../scorecards/run.ts';
import { createTelemetry } from '../../../workers/telemetry.ts';
import { trafficEvidenceContract } from '../../contracts/traffic-evidence.ts';
import { trafficRouterContract } from '../../contracts/traffic-router.ts';
import { createMemoryEvidence } from '../../fakes/memory-evidence.ts';
import { createMemoryRouter } from '../../fakes/memory-router.ts';
import type { MemoryRouter } from '../../fakes/memory-router.ts';
import { createMemoryTraffic } from '../../fakes/memory-traffic.ts';

const onFile: TrafficTarget = { gateway: 'traefik-file', route: 'churn', ownership: 'dedicated' };
const onCluster: TrafficTarget = { ...onFile, gateway: 'httproute' };
const adopted: TrafficTarget = { ...onCluster, ownership: 'adopted', rule: 'predict' };
const [champion, challenger] = [7, 8].map((version) => ({
  version: `${version}`,
  url: `http://churn-v${version}.models:8080`,
}));
const servers = { champion: champion ?? never(), challenger: challenger ?? never() };

/** Two gateways; of the cluster's, one router for own routes and one for adopted ones. */
function two() {
  const [file, own, theirs] = [
    createMemoryRouter(),
    createMemoryRouter(),
    createMemoryRouter({ capabilities: NO_COPY }),
  ];
  const withCounts = (router: MemoryRouter) => ({ router, evidence: createMemoryTraffic({ router }) });
  const [fileGateway, ownGateway, theirGateway] = [withCounts(file), withCounts(own), withCounts(theirs)];
  const choose = severalGateways({
    'traefik-file': fileGateway,
    httproute: ({ ownership }) => (ownership === 'adopted' ? theirGateway : ownGateway),
  });
  return { choose, file, own, theirs, counts: ownGateway.evidence };
}
const NO_COPY = { mirror: false };

trafficRouterContract('the gateway that a policy chose among several', async () => {
  const { choose, own } = two();
  return { router: choose(onCluster).router, tamper: (route) => own.tamper(route), stop: async () => undefined };
});

trafficEvidenceContract('the gateway that a policy chose among several', async () => {
  const { choose, counts } = two();
  const route = 'counted';
  return {
    evidence: choose(onCluster).evidence,
    route,
    async send(arm, { ok, bad }) {
      counts.add(route, arm, { code: 200, count: ok });
      counts.add(route, arm, { code: 500, count: bad });
    },
    sendToDead: async (count) => counts.add(route, 'challenger', { code: 502, count }),
    restart: () => counts.restart(),
    darken: async () => counts.darken(),
    stop: async () => undefined,
  };
});

describe('the activities of a policy speak to the gateway that it chose', () => {
  const telemetry = createTelemetry();
  let world: ReturnType<typeof two>;
  beforeEach(() => {
    world = two();
  });

  /** The activities of a run whose policy has this traffic section. */
  async function activities(traffic: TrafficTarget) {
    const evidence = createMemoryEvidence();
    const spec = { traffic: { ...traffic, requestTimeout: 1000 } };
    const context: RunContext = {
      run: 'retrain/churn/1',
      model: 'churn',
      asOf: '2001-01-01T00:00:00.000Z',
      folder: '/',
      generation: 1,
      applied: await putJson(evidence, { policy: { spec } }),
      bootstrap: false,
    };
    const ports = { gateway: world.choose, evidence };
    return { context, acts: { ...createRouting(ports, telemetry), ...createRollback(ports, telemetry) } };
  }
  const written = () => [world.file, world.own, world.theirs].map((router) => router.changes.length);

  test.each([
    ['traefik-file', onFile, [1, 0, 0]],
    ['httproute', onCluster, [0, 1, 0]],
    ['httproute with an adopted route', adopted, [0, 0, 1]],
  ])('CA5: %s gets the route, and no other gateway does', async (_name, traffic, expected) => {
    const { context, acts } = await activities(traffic);
    await acts.setRoute({
      context,
      ...servers,
      challenger: { ...servers.challenger, percent: 5 },
      reason: 'canary 5 %',
    });
    expect(written()).toEqual(expected);
    expect((await acts.routeAddress({ traffic })).url).toContain('churn');
  });

  test('a rollback names the gateway itself and asks nobody else', async () => {
    const { context, acts } = await activities(onCluster);
    await acts.setRoute({
      context,
      ...servers,
      challenger: { ...servers.challenger, percent: 5 },
      reason: 'canary 5 %',
    });
    await world.own.tamper('churn');
    await acts.returnTraffic({
      ...servers,
      traffic: onCluster,
      model: 'churn',
      run: 'retrain/churn/1',
      cause: 'harm',
      requestTimeoutMs: 1000,
      detectedAt: '2001-01-01T00:00:00.000Z',
    });
    expect(world.own.current('churn')?.challenger?.percent).toBe(0);
    expect(written()).toEqual([0, 2, 0]);
  });

  test('removing a route removes it from its own gateway', async () => {
    const { context, acts } = await activities(onCluster);
    await acts.setRoute({ context, champion: servers.champion, reason: 'first champion' });
    await acts.removeRoute({ traffic: onFile });
    expect(world.own.current('churn')).toBeDefined();
    await acts.removeRoute({ traffic: onCluster });
    expect(world.own.current('churn')).toBeUndefined();
  });

  test('CA4: what a gateway can do is asked of the one that was chosen', async () => {
    const { acts } = await activities(adopted);
    const wish = { mirror: true, weights: true };
    await expect(acts.checkGateway({ traffic: adopted, ...wish })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('mirror'),
    });
    await acts.checkGateway({ traffic: onCluster, ...wish });
    await acts.checkGateway({ traffic: adopted, mirror: false, weights: true });
  });
});

test.each([
  ['httproute', 'kubernetes.gateway'],
  ['kserve', 'kubernetes.kserve'],
] as const)(
  'a worker without %s refuses a policy that asks for it, and says which setting is missing',
  (gateway, cure) => {
    const router = createMemoryRouter();
    const choose: ChooseGateway = severalGateways({
      'traefik-file': { router, evidence: createMemoryTraffic({ router }) },
    });
    expect(() => choose({ ...onFile, gateway })).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(cure) }),
    );
  },
);

function never(): never {
  throw new Error('two servers were named');
}
