import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DiscoveryV1Api } from '@kubernetes/client-node';
import type { Serving } from '../../../activities/ports/serving.ts';
import type { TrafficRouter } from '../../../activities/ports/traffic-router.ts';
import { kubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import type { KubernetesProxy, Where } from '../../faults/kubernetes-proxy.ts';
import { found, until } from '../cluster.ts';
import { installCrd } from '../kserve/crd.ts';
import { makeWorld } from '../kserve/world.ts';
import type { World } from '../kserve/world.ts';
import { FAULTS, inLanes, met, oneAfterTheOther, patiently, untilAsked, veryPatiently } from './fault.ts';

type Mode = 'standard' | 'knative';

const worlds = new Map<Mode, World>();
let services = 0;

/** Router and servers whose every request goes through a proxy of its own, and an InferenceService of its own. */
interface Line {
  readonly world: World;
  readonly proxy: KubernetesProxy;
  readonly router: TrafficRouter;
  readonly serving: Serving;
  readonly name: string;
}

async function throughLine(mode: Mode, use: (line: Line) => Promise<void>): Promise<void> {
  const world = worldOf(mode);
  const name = `proxied-${(services += 1)}`;
  await world.create(name);
  const proxy = await kubernetesProxy(world.account);
  try {
    const { router } = world.gatewayWith({ kubeConfig: proxy.config })(name);
    await use({ world, proxy, router, serving: world.servingBy(proxy.config), name });
  } finally {
    await proxy.close();
    await world.remove(name);
  }
}

function worldOf(mode: Mode): World {
  const world = worlds.get(mode);
  if (world === undefined) throw new Error(`the world in ${mode} mode is not open`);
  return world;
}

const resource = 'inferenceservices';
const own: readonly Where[] = [
  { verb: 'get', resource },
  { verb: 'list', resource },
];
/** What KServe made of it is looked at in Standard mode alone. */
const made: readonly Where[] = [
  { verb: 'get', resource: 'services' },
  { verb: 'list', resource: 'endpointslices' },
  { verb: 'get', resource: 'httproutes' },
  { verb: 'get', resource: 'gateways' },
];
const patched: Where = { verb: 'patch', resource };
const of = (mode: Mode, reads: readonly Where[]) => oneAfterTheOther([patched], reads).map((row) => ({ ...row, mode }));
const cases = [...of('standard', [...own, ...made]), ...of('knative', own)];
type Case = (typeof cases)[number];

/** A challenger comes, gets its shares step by step, is rolled back, and goes. */
async function release({ mode, faults, where }: Case): Promise<void> {
  await throughLine(mode, async ({ world, proxy, router, serving, name }) => {
    const versions = FIRST[mode];
    for (const fault of faults) FAULTS[fault](proxy, where);
    for (const version of versions) {
      const server = await veryPatiently(async () => serving.ensure(world.request(name, version)));
      expect(await veryPatiently(async () => serving.find(name, version))).toMatchObject({
        name: server.name,
        version,
      });
    }
    const asked = (await world.live(name)).spec;
    for (const percent of [5, 10]) {
      await veryPatiently(async () => router.apply(world.route(name, percent)));
      expect(await veryPatiently(async () => router.read(name))).toEqual(world.route(name, percent));
    }
    await until(`${name} is loaded`, async () => {
      return (await veryPatiently(async () => router.loaded(name))) ? true : undefined;
    });
    expect((await world.live(name)).spec).toEqual(SHARED[mode](asked, 10));
    await veryPatiently(async () => router.apply(world.route(name, 0), { force: true }));
    expect((await world.live(name)).spec).toEqual(asked);
    await veryPatiently(async () => router.remove(name));
    await veryPatiently(async () => serving.stop(name, '8'));
    expect(faults.every((fault) => met(proxy, fault))).toBe(true);
    await expectGivenBack(mode, name, asked);
  });
}

/** In Knative mode a champion is known by its revision, so it is served through us, too. */
const FIRST: Readonly<Record<Mode, readonly string[]>> = { standard: ['8'], knative: ['7', '8'] };

type Spec = Awaited<ReturnType<World['live']>>['spec'];

/** The spec with this share and nothing else changed. */
const SHARED: Readonly<Record<Mode, (spec: Spec, percent: number) => unknown>> = {
  standard: ({ predictor, canary = [] }, percent) => ({
    predictor,
    canary: canary.map((one) => ({ ...one, trafficPercent: percent })),
  }),
  knative: ({ predictor }, percent) => ({ predictor: { ...predictor, canaryTrafficPercent: percent } }),
};

/** As the platform had it; in Knative mode the newest revision stays, at 0 percent. */
async function expectGivenBack(mode: Mode, name: string, asked: Spec): Promise<void> {
  const { metadata, spec } = await worldOf(mode).live(name);
  const before = { name: 'v7', minReplicas: 2, model: MODEL };
  expect(spec).toEqual(mode === 'standard' ? { predictor: before } : asked);
  expect(metadata.annotations).toMatchObject({ theirs: 'kept' });
  expect(metadata.annotations).not.toHaveProperty('understudy/route');
  expect(metadata.annotations['understudy/kserve']).not.toContain('"v8":');
}
const MODEL = { modelFormat: { name: 'sklearn' }, runtime: 'theirs', storageUri: 'test://good/7' };

describe('an InferenceService through a line that breaks', () => {
  let outcome: (row: Case) => Promise<void>;
  beforeAll(async () => {
    await installCrd();
    for (const mode of ['standard', 'knative'] as const) worlds.set(mode, await makeWorld(mode));
    outcome = inLanes(8, cases, release);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([...worlds.values()].map(async (world) => world.stop()));
  });

  test.each(cases)(
    'P5: $said at $where.verb $where.resource in $mode mode: fields as asked, and given back as they were',
    async (row) => {
      await expect(outcome(row)).resolves.toBeUndefined();
    },
  );

  test.each<Mode>(['standard', 'knative'])(
    'P5: an API server that is away is a clear error when patience ends, and the shares in %s mode stay',
    async (mode) => {
      await throughLine(mode, async ({ world, proxy, router, serving, name }) => {
        for (const version of FIRST[mode]) await serving.ensure(world.request(name, version));
        await router.apply(world.route(name, 5));
        const before = await world.live(name);
        proxy.fail(503, { verb: 'patch', times: 1000 });
        const message = `patch inferenceservices ${name} in namespace ${world.namespace} was answered 503`;
        await expect(patiently(async () => router.apply(world.route(name, 50)), 2)).rejects.toMatchObject({
          code: 'unavailable',
          message: expect.stringContaining(message),
        });
        expect((await world.live(name)).spec).toEqual(before.spec);
      });
    },
  );

  test('P5: a conflict without end is a conflict, said with what was written where', async () => {
    await throughLine('standard', async ({ world, proxy, serving, name }) => {
      proxy.conflict(1000, patched);
      await expect(serving.ensure(world.request(name, '8'))).rejects.toMatchObject({
        code: 'conflict',
        message: `patch inferenceservices ${name} in namespace ${world.namespace} was answered 409: Conflict (injected)`,
      });
      expect((await world.live(name)).spec).not.toHaveProperty('canary');
    });
  });

  test('P5: a stale read is noticed at the write, and the plan made anew; also by a rollback that sees nothing to do', async () => {
    await throughLine('standard', async ({ world, proxy, router, serving, name }) => {
      await serving.ensure(world.request(name, '8'));
      await router.apply(world.route(name, 0));
      const { generation } = (await world.live(name)).metadata;
      // It must have passed through the proxy.
      await router.read(name);
      await router.apply(world.route(name, 25));
      proxy.stale(generation, { resource, name });
      await router.apply(world.route(name, 50));
      expect((await router.read(name))?.challenger?.percent).toBe(50);
      proxy.stale(generation, { resource, name });
      await router.apply(world.route(name, 0), { force: true });
      expect((await world.live(name)).spec.canary).toMatchObject([{ trafficPercent: 0 }]);
      expect(proxy.fired.get('stale')).toBe(2);
    });
  });

  test('P5: a challenger that never gets ready is taken out, though that was disturbed', async () => {
    await throughLine('standard', async ({ world, proxy, serving, name }) => {
      const request = world.request(name, '8', { uri: 'test://never-ready/8', readyWithinMs: 1500 });
      const asked = serving.ensure(request).catch((error: unknown) => error);
      await until('the challenger is asked for', async () => (await world.live(name)).spec.canary);
      proxy.fail(503, { verb: 'patch', resource });
      expect(await asked).toMatchObject({ code: 'not-ready', message: expect.stringContaining('within 1.5 s') });
      expect(proxy.fired.get('fail')).toBe(1);
      expect((await world.live(name)).spec).toEqual({ predictor: { name: 'v7', minReplicas: 2, model: MODEL } });
    });
  });

  test('P5: a stop whose answer was lost waits for the pods all the same', async () => {
    await throughLine('standard', async ({ world, proxy, serving, name }) => {
      const server = await serving.ensure(world.request(name, '8'));
      world.controller.asleep.add('all');
      proxy.reset('after', { verb: 'patch', resource });
      await expect(serving.stop(name, '8')).rejects.toMatchObject({ code: 'unavailable' });
      let isOver = false;
      const again = serving.stop(name, '8').then(() => (isOver = true));
      await untilAsked(proxy, 'GET', '/endpointslices', 2);
      expect(isOver).toBe(false);
      world.controller.asleep.clear();
      await again;
      const slices = world.config.makeApiClient(DiscoveryV1Api);
      const at = { namespace: world.namespace, name: server.name };
      expect(await found(slices.readNamespacedEndpointSlice(at))).toBeUndefined();
    });
  });
});
