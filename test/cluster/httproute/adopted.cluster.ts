import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { Route } from '../../../activities/ports/traffic-router.ts';
import { countByVersion, sendTraffic, until } from '../../traffic.ts';
import { gatewayReloads } from '../cluster.ts';
import { gateway, makeWorld } from './world.ts';
import type { World } from './world.ts';

const failure = (code: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ name: PortFailure.name, code, message });
const ref = (name: string, weight: number) => ({ group: '', kind: 'Service', name, port: 8080, weight });

describe("a user's own HTTPRoute, adopted", () => {
  let world: World;
  let name = '';
  let routes = 0;
  beforeAll(async () => {
    world = await makeWorld({ champion: '7', challenger: '8', other: 'other' });
  }, 60_000);
  afterAll(async () => world.stop());
  beforeEach(async () => {
    name = `theirs-${(routes += 1)}`;
  });

  const rules = (...refs: readonly object[]) => [
    { name: 'assets', matches: path(`/${name}/assets`), backendRefs: [ref('other', 1)] },
    { name: 'model', matches: path(`/${name}`), filters: [theirFilter], backendRefs: refs },
  ];
  const create = async (given: readonly object[]) =>
    world.create({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name, annotations: { theirs: 'kept' } },
      spec: { parentRefs: [gateway], rules: given },
    });
  const router = () => world.router({ ownership: 'adopted' });
  const apply = async (percent: number, force = false, more: Partial<Route> = {}) =>
    router().apply(world.route(name, percent, more), { force });
  const weights = async () => {
    const { rules: now = [] } = (await world.live(name)).spec;
    return Object.fromEntries(now.flatMap((rule) => (rule.backendRefs ?? []).map((one) => [one.name, one.weight])));
  };

  test('CA1: 5 percent of our two are served, and everything that is not a weight stays as it was', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    const before = await world.live(name);
    await apply(5);
    await until('the route is loaded', async () => router().loaded(name), 20_000);
    const address = await router().address(name);
    // The gateway calls a route loaded a moment before it serves it: the first answer of the challenger says so.
    await until(
      'the challenger is served',
      async () => 8 in countByVersion(await sendTraffic(address, 'm', 1)),
      20_000,
    );
    const reloads = await gatewayReloads();
    const { 7: stable = 0, 8: canary = 0 } = countByVersion(await sendTraffic(address, 'm', 400));
    expect(stable + canary).toBe(400);
    expect(Math.abs(canary - 20)).toBeLessThanOrEqual((await gatewayReloads()) - reloads);
    expect(await router().read(name)).toEqual(world.route(name, 5));
    const after = await world.live(name);
    expect(after.metadata.annotations).toMatchObject({ theirs: 'kept', 'understudy/run': expect.any(String) });
    expect(after.spec).toEqual({ ...before.spec, rules: rules(ref('champion', 95), ref('challenger', 5)) });
  });

  test('other backends of the rule keep their share: only the sum of our two is divided', async () => {
    await create(rules(ref('champion', 60), ref('other', 40), ref('challenger', 0)));
    await apply(25);
    expect(await weights()).toEqual({ champion: 45, challenger: 15, other: 40 });
  });

  test('a share that their weights cannot express is refused before anything is written', async () => {
    await create(rules(ref('champion', 1), ref('challenger', 1), ref('other', 1)));
    await expect(apply(5)).rejects.toEqual(failure('unsupported', expect.stringContaining('scale all weights')));
    expect(await weights()).toEqual({ champion: 1, challenger: 1, other: 1 });
  });

  test('rules that a user reorders are found again, also by a rollback', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    await apply(5);
    await world.patch(name, [
      { op: 'replace', path: '/spec/rules', value: rules(ref('challenger', 5), ref('champion', 95)).toReversed() },
    ]);
    await apply(10);
    expect(await weights()).toMatchObject({ champion: 90, challenger: 10, other: 1 });
    await apply(0, true);
    expect(await weights()).toMatchObject({ champion: 100, challenger: 0, other: 1 });
  });

  test('a foreign writer of the weights is refused and not fought; a rollback writes once and wins', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    await apply(5);
    await world.patch(name, [{ op: 'replace', path: '/spec/rules/1/backendRefs/1/weight', value: 77 }]);
    await expect(apply(10)).rejects.toEqual(failure('foreign-write', expect.stringContaining('95:77')));
    expect(await weights()).toMatchObject({ champion: 95, challenger: 77 });
    await apply(0, true);
    expect(await weights()).toMatchObject({ champion: 172, challenger: 0 });
  });

  test('50 rollbacks at the same time all succeed', async () => {
    await create(rules(ref('champion', 95), ref('challenger', 5)));
    await apply(5);
    const reason = (index: number) => ({ reason: `rollback ${index}` });
    await Promise.all(Array.from({ length: 50 }, async (_, index) => apply(0, true, reason(index))));
    expect(await weights()).toMatchObject({ champion: 100, challenger: 0 });
  });

  test('an advance amid foreign changes elsewhere is planned anew until it fits', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    const noise = async (index: number) =>
      world.patch(name, [{ op: 'add', path: '/metadata/annotations/noise', value: `${index}` }]);
    await Promise.all([apply(5), ...Array.from({ length: 5 }, async (_, index) => noise(index))]);
    expect(await weights()).toMatchObject({ champion: 95, challenger: 5 });
  });

  test('a write that changes nothing leaves generation and resourceVersion as they are', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    await apply(5);
    // The gateway's own report is a write as well.
    await until('the route is loaded', async () => router().loaded(name), 20_000);
    const before = (await world.live(name)).metadata;
    await apply(5);
    const after = (await world.live(name)).metadata;
    expect([after.generation, after.resourceVersion]).toEqual([before.generation, before.resourceVersion]);
  });

  test('two rules with both Services are refused, unless the configuration names one', async () => {
    const both = [ref('champion', 100), ref('challenger', 0)];
    await create([{ name: 'first', matches: path('/a'), backendRefs: both }, ...rules(...both)]);
    await expect(apply(5)).rejects.toEqual(failure('bad-request', expect.stringContaining('2 rules')));
    await world.router({ ownership: 'adopted', ruleName: 'model' }).apply(world.route(name, 5));
    const { rules: live } = (await world.live(name)).spec;
    expect(live?.map((rule) => rule.backendRefs?.[1]?.weight)).toEqual([0, undefined, 5]);
  });

  test('a promotion leaves the old champion at weight 0, and the next release starts from there', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    await apply(50);
    await router().apply(promoted());
    expect(await weights()).toMatchObject({ champion: 0, challenger: 100 });
  });
  /** The challenger alone. */
  function promoted(): Route {
    const { challenger: _gone, ...route } = world.route(name, 0);
    return { ...route, champion: { version: '8', url: world.url('challenger') } };
  }

  test('a shadow is refused: their filters are not ours', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    const shadow = { version: '9', url: world.url('other'), percent: 100 };
    await expect(apply(0, false, { shadow })).rejects.toEqual(failure('unsupported'));
    expect((await router().capabilities()).mirror).toBe(false);
  });

  test('giving it back sends all to the champion and takes our annotations off; the route stays', async () => {
    await create(rules(ref('champion', 100), ref('challenger', 0)));
    await apply(25);
    await router().remove(name);
    expect(await weights()).toMatchObject({ champion: 100, challenger: 0 });
    expect((await world.live(name)).metadata.annotations).toEqual({ theirs: 'kept' });
    expect(await router().read(name)).toBeUndefined();
  });

  test('a route that does not exist is told with what to create', async () => {
    await expect(apply(5)).rejects.toEqual(failure('not-found', expect.stringContaining('ownership: dedicated')));
  });
});

const theirFilter = {
  type: 'ResponseHeaderModifier',
  responseHeaderModifier: { set: [{ name: 'x-theirs', value: 'yes' }] },
};
function path(value: string) {
  return [{ path: { type: 'PathPrefix', value } }];
}
