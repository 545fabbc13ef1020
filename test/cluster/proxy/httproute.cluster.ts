import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpRouteRouterOptions } from '../../../activities/adapters/httproute/router.ts';
import type { TrafficRouter } from '../../../activities/ports/traffic-router.ts';
import { kubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import type { KubernetesAnswer, KubernetesProxy, Where } from '../../faults/kubernetes-proxy.ts';
import { present } from '../../present.ts';
import { found, until } from '../cluster.ts';
import { gateway, makeWorld } from '../httproute/world.ts';
import type { World } from '../httproute/world.ts';
import { FAULTS, READ_FAULTS, WRITE_FAULTS, everywhere, inLanes, met, patiently } from './fault.ts';

type Ownership = NonNullable<HttpRouteRouterOptions['ownership']>;

let world: World;
let routes = 0;

/** A router whose every request goes through a proxy of its own, and a route of its own. */
interface Line {
  readonly proxy: KubernetesProxy;
  readonly router: TrafficRouter;
  readonly name: string;
}

async function throughLine(ownership: Ownership, use: (line: Line) => Promise<void>): Promise<void> {
  const proxy = await kubernetesProxy(world.account);
  try {
    const name = `proxied-${(routes += 1)}`;
    await PREPARE[ownership](name);
    await use({ proxy, router: world.router({ kubeConfig: proxy.config, ownership }), name });
  } finally {
    await proxy.close();
  }
}

const ref = (name: string, weight: number) => ({ group: '', kind: 'Service', name, port: 8080, weight });
const theirs = { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-theirs', value: 'kept' }] } };
const PREPARE: Readonly<Record<Ownership, (name: string) => Promise<void>>> = {
  dedicated: async () => Promise.resolve(),
  adopted: async (name) => {
    const matches = [{ path: { type: 'PathPrefix', value: `/${name}` } }];
    const backendRefs = [ref('champion', 100), ref('challenger', 0)];
    await world.create({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name },
      spec: { parentRefs: [gateway], rules: [{ name: 'model', matches, filters: [theirs], backendRefs }] },
    });
  },
};

/** By the server itself. */
async function weights(name: string): Promise<Record<string, number | undefined>> {
  const refs = (await world.live(name)).spec.rules?.flatMap(({ backendRefs }) => backendRefs ?? []) ?? [];
  return Object.fromEntries(refs.map((one) => [one.name, one.weight]));
}

interface Case {
  readonly ownership: Ownership;
  readonly fault: keyof typeof FAULTS;
  readonly where: Where;
}
const of = (ownership: Ownership, places: readonly Where[], faults: typeof WRITE_FAULTS): Case[] =>
  everywhere(places, faults).map(([fault, where]) => ({ ownership, fault, where }));
const resource = 'httproutes';
const cases: readonly Case[] = [
  ...of(
    'dedicated',
    [
      { verb: 'patch', resource },
      { verb: 'delete', resource },
    ],
    WRITE_FAULTS,
  ),
  ...of('dedicated', [{ verb: 'get', resource }], READ_FAULTS),
  ...of('adopted', [{ verb: 'patch', resource }], WRITE_FAULTS),
  ...of('adopted', [{ verb: 'get', resource }], READ_FAULTS),
];

/** Two steps of a release, a rollback, and the end of the route. */
async function release({ ownership, fault, where }: Case): Promise<void> {
  await throughLine(ownership, async ({ proxy, router, name }) => {
    FAULTS[fault](proxy, where);
    for (const percent of [5, 10]) {
      await patiently(async () => router.apply(world.route(name, percent)));
      expect(await patiently(async () => router.read(name))).toEqual(world.route(name, percent));
    }
    expect(await weights(name)).toEqual({ champion: 90, challenger: 10 });
    await patiently(async () => router.apply(world.route(name, 0), { force: true }));
    expect(await weights(name)).toMatchObject({ champion: 100 });
    await patiently(async () => router.remove(name));
    expect(met(proxy, fault)).toBe(true);
    expect(await REMAINS[ownership](name)).toBe(true);
  });
}

/** A route of ours is gone; theirs has its filter and all of its traffic. */
const REMAINS: Readonly<Record<Ownership, (name: string) => Promise<boolean>>> = {
  dedicated: async (name) => (await found(world.live(name))) === undefined,
  adopted: async (name) => {
    const { metadata, spec } = await world.live(name);
    expect(spec.rules?.[0]).toMatchObject({
      filters: [theirs],
      backendRefs: [ref('champion', 100), ref('challenger', 0)],
    });
    return Object.keys(metadata.annotations ?? {}).length === 0;
  },
};

describe('a route through a line that breaks', () => {
  let outcome: (row: Case) => Promise<void>;
  beforeAll(async () => {
    world = await makeWorld({ champion: '7', challenger: '8' });
    outcome = inLanes(6, cases, release);
  }, 60_000);
  afterAll(async () => world.stop());

  test.each(cases)(
    'P5: $fault at $where.verb of a route that is $ownership: each weight arrives, nothing is lost',
    async (row) => {
      await expect(outcome(row)).resolves.toBeUndefined();
    },
  );

  test.each<Ownership>(['dedicated', 'adopted'])(
    'P5: an API server that is away is a clear error when patience ends, and a route that is %s stays as it was',
    async (ownership) => {
      await throughLine(ownership, async ({ proxy, router, name }) => {
        await router.apply(world.route(name, 5));
        proxy.fail(503, { verb: 'patch', times: 1000 });
        const message = `patch httproutes ${name} in namespace ${world.namespace} was answered 503`;
        await expect(patiently(async () => router.apply(world.route(name, 50)), 2)).rejects.toMatchObject({
          code: 'unavailable',
          message: expect.stringContaining(message),
        });
        expect(await weights(name)).toEqual({ champion: 95, challenger: 5 });
      });
    },
  );

  test('a rollback by force needs no read to succeed', async () => {
    await throughLine('dedicated', async ({ proxy, router, name }) => {
      await router.apply(world.route(name, 25));
      proxy.fail(503, { verb: ['get', 'list'], times: 1000 });
      await router.apply(world.route(name, 0), { force: true });
      expect(await weights(name)).toMatchObject({ champion: 100 });
    });
  });

  test('P5: a stale read is noticed at the write, and the plan made anew', async () => {
    await throughLine('adopted', async ({ proxy, router, name }) => {
      await router.apply(world.route(name, 5));
      const { generation } = (await world.live(name)).metadata;
      await router.apply(world.route(name, 10));
      proxy.stale(present(generation), { resource, name });
      await router.apply(world.route(name, 25));
      expect(await weights(name)).toEqual({ champion: 75, challenger: 25 });
      expect(proxy.fired.get('stale')).toBe(1);
      expect(await router.read(name)).toEqual(world.route(name, 25));
    });
  });

  test('weights that are accepted but not programmed are not loaded, and it is said for what they wait', async () => {
    await throughLine('dedicated', async ({ proxy, router, name }) => {
      await router.apply(world.route(name, 5));
      await untilLoaded(router, name);
      proxy.status(ofOldGeneration, { verb: 'get', resource, times: 1000 });
      expect(await router.loaded(name)).toBe(false);
      expect(await router.waitsFor?.(name)).toContain('Accepted is about generation 0, not 1');
      proxy.calm();
      expect(await router.loaded(name)).toBe(true);
    });
  });
});

async function untilLoaded(router: TrafficRouter, name: string): Promise<void> {
  await until(`${name} is loaded`, async () => ((await router.loaded(name)) ? true : undefined));
}

/** As a controller that has taken the object, but has not come to its last change. */
function ofOldGeneration({ status }: KubernetesAnswer): void {
  const { parents } = status as { parents: { conditions: { observedGeneration: number }[] }[] };
  for (const condition of parents.flatMap(({ conditions }) => conditions)) condition.observedGeneration = 0;
}
