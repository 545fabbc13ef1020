import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createGatewayApi } from '../../../activities/adapters/httproute/api.ts';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import { trafficRouterContract } from '../../contracts/traffic-router.ts';
import { countByVersion, countOf, sendTraffic, until } from '../../traffic.ts';
import { gatewayReloads } from '../cluster.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

const versions = { champion: '7', challenger: '8', shadow: '9' };
const failure = (code: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ name: PortFailure.name, code, message });

trafficRouterContract('httproute (dedicated)', async () => {
  const world = await makeWorld(versions);
  return {
    router: world.router(),
    urls: { champion: world.url('champion'), challenger: world.url('challenger'), shadow: world.url('shadow') },
    tamper: async (route) => world.patch(route, [{ op: 'add', path: '/spec/rules/0/backendRefs/0/weight', value: 3 }]),
    stop: world.stop,
  };
});

describe('a dedicated HTTPRoute behind the real gateway', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld(versions);
  }, 60_000);
  afterAll(async () => world.stop());

  const loaded = async (name: string) => until(`${name} is loaded`, async () => world.router().loaded(name), 20_000);

  test('CA1: 5 percent are 50 of 1,000, by the answers and by the counters of the gateway', async () => {
    await world.router().apply(world.route('split', 5));
    await loaded('split');
    const address = await world.router().address('split');
    // Accepted is not yet served: the first answer that is no 404 tells.
    await until('the route is served', async () => (await sendTraffic(address, 'm', 1))[0]?.status === 200, 20_000);
    const [before, reloadsBefore] = [await world.evidence().scrape('split'), await gatewayReloads()];
    const { 7: stable = 0, 8: canary = 0 } = countByVersion(await sendTraffic(address, 'm', 1000));
    expect(stable + canary).toBe(1000);
    expect(Math.abs(canary - 50)).toBeLessThanOrEqual(1 + (await gatewayReloads()) - reloadsBefore);
    const now = async () => {
      const after = await world.evidence().scrape('split');
      return (['champion', 'challenger', 'shadow'] as const).map((arm) => countOf(after, arm) - countOf(before, arm));
    };
    await until('1,000 requests are counted', async () => (await now()).reduce((sum, one) => sum + one, 0) === 1000);
    expect(await now()).toEqual([stable, canary, 0]);
  });

  test('a write that changes nothing leaves generation and resourceVersion as they are', async () => {
    await world.router().apply(world.route('same', 5));
    await loaded('same');
    const before = (await world.live('same')).metadata;
    await world.router().apply(world.route('same', 5));
    await world.router().apply(world.route('same', 5), { force: true });
    const after = (await world.live('same')).metadata;
    expect([after.generation, after.resourceVersion]).toEqual([before.generation, before.resourceVersion]);
  });

  test('the annotations say which run wrote the route, and why', async () => {
    await world.router().apply(world.route('told', 5, { writtenBy: 'run-1', reason: 'step 1 of 3' }));
    expect((await world.live('told')).metadata.annotations).toMatchObject({
      'understudy/run': 'run-1',
      'understudy/reason': 'step 1 of 3',
    });
  });

  test('a foreign write is refused by the name of its writer, and what it added goes by force', async () => {
    await world.router().apply(world.route('theirs', 5));
    await world.patch('theirs', [{ op: 'add', path: '/spec/hostnames', value: ['only.example'] }]);
    const again = world.router().apply(world.route('theirs', 10));
    await expect(again).rejects.toEqual(failure('foreign-write', expect.stringContaining('a-person')));
    await world.router().apply(world.route('theirs', 0), { force: true });
    await world.router().apply(world.route('theirs', 5));
    expect((await world.live('theirs')).spec).not.toMatchObject({ hostnames: ['only.example'] });
  });

  test("somebody's route of that name is not ours to write or to remove", async () => {
    await world.create({ ...empty, metadata: { name: 'taken' } });
    await expect(world.router().apply(world.route('taken', 0))).rejects.toEqual(failure('foreign-write'));
    await expect(world.router().remove('taken')).rejects.toEqual(failure('foreign-write'));
  });

  test('a route whose Service is not there is never loaded', async () => {
    const champion = { version: '7', url: world.url('nobody') };
    await expect(world.router().apply(world.route('dangling', 0, { champion }))).rejects.toEqual(failure('not-ready'));
    await world.router().apply(world.route('dangling', 0, { champion }), { force: true });
    await until(
      'the gateway has looked at it',
      async () => (await world.live('dangling')).status?.parents !== undefined,
    );
    expect(await world.router().loaded('dangling')).toBe(false);
  });

  test('the gateway declares no RequestMirror, so the mirror is a TraefikService and the filter is never written', async () => {
    const shadow = { version: '9', url: world.url('shadow'), percent: 50 };
    await world.router().apply(world.route('mirrored', 0, { shadow }));
    await loaded('mirrored');
    expect(JSON.stringify((await world.live('mirrored')).spec)).not.toContain('RequestMirror');
    const address = await world.router().address('mirrored');
    await until('it is served', async () => (await sendTraffic(address, 'm', 1))[0]?.status === 200, 20_000);
    const before = world.arrived('shadow');
    expect(countByVersion(await sendTraffic(address, 'm', 100))).toEqual({ 7: 100 });
    await until('50 copies arrive', async () => world.arrived('shadow') - before >= 50);
    const scrape = await world.evidence().scrape('mirrored');
    expect(countOf(scrape, 'champion')).toBeGreaterThanOrEqual(101);
    expect(countOf(scrape, 'shadow')).toBeGreaterThanOrEqual(50);
  });

  test('a mirror whose target does not exist is refused before anything points at it', async () => {
    const shadow = { version: '9', url: world.url('nobody'), percent: 100 };
    await world.router().apply(world.route('safe', 0));
    await expect(world.router().apply(world.route('safe', 0, { shadow }))).rejects.toEqual(failure('not-ready'));
    expect(await world.router().read('safe')).toEqual(world.route('safe', 0));
  });

  test('an unknown gateway is told before the run needs it', async () => {
    const lost = world.router({ gateway: { namespace: 'gateway', name: 'nobody' } });
    await expect(lost.capabilities()).rejects.toEqual(failure('not-found', expect.stringContaining('nobody')));
  });

  test('a failed test of a JSON Patch answers 422 without fields, which is a conflict to us', async () => {
    await world.router().apply(world.route('tested', 0));
    const api = createGatewayApi(world.account, world.namespace);
    const wrong = api.patchRoute('tested', [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]);
    await expect(wrong).rejects.toMatchObject({ code: 'conflict', details: { status: 422 } });
    const invalid = api.patchRoute('tested', [
      { op: 'replace', path: '/spec/rules/0/backendRefs/0/weight', value: 1_000_001 },
    ]);
    await expect(invalid).rejects.toMatchObject({ code: 'bad-request', details: { status: 422 } });
  });
});

const empty = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  spec: { parentRefs: [{ name: 'nobody' }], rules: [{ backendRefs: [{ name: 'champion', port: 8080 }] }] },
};
