import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHttpRouteEvidence } from '../../../activities/adapters/httproute/evidence.ts';
import type { DeclaredClass } from '../../../activities/adapters/httproute/settings.ts';
import type { Route } from '../../../activities/ports/traffic-router.ts';
import { countByVersion, countOf, sendTraffic, until } from '../../traffic.ts';
import { makeWorld } from '../httproute/world.ts';
import type { World } from '../httproute/world.ts';
import { addPod, servicesOf } from './challenger-pod.ts';
import { startContour } from './contour.ts';
import type { ContourGateway } from './contour.ts';

/** As plain processes Contour never writes what its class can do; this is what its conformance report says. */
const DECLARED: DeclaredClass = {
  controller: 'projectcontour.io/gateway-controller',
  features: ['HTTPRouteRequestMirror', 'HTTPRouteRequestTimeout'],
};

/** A second gateway keeps the router honest about the habits of the first: RequestMirror, random weights, time-outs. */
describe('Contour with Envoy', () => {
  let world: World;
  let contour: ContourGateway;
  beforeAll(async () => {
    world = await makeWorld({ champion: '7', challenger: '8', shadow: '9' });
    contour = await startContour(world.kubeConfig, world.namespace);
  }, 900_000);
  afterAll(async () => {
    await contour?.stop();
    await world?.stop();
  }, 120_000);

  const router = (declared: DeclaredClass) =>
    world.router({ gateway: contour.gateway, address: contour.address, declared });
  /** Envoy obeys the time-out, so it is one that a busy machine keeps. */
  const route = (name: string, percent: number, more: Partial<Route> = {}) =>
    world.route(name, percent, { requestTimeoutMs: 60_000, ...more });
  const evidence = () =>
    createHttpRouteEvidence({
      metricsUrls: [contour.metrics],
      namespace: world.namespace,
      gateway: contour.gateway,
      routeOf: async (name) => router(DECLARED).read(name),
    });
  const served = async (name: string) => {
    await until(`${name} is loaded`, async () => router(DECLARED).loaded(name), 20_000);
    const address = await router(DECLARED).address(name);
    // Envoy listens from its first route on, which may be after Contour has taken it.
    const asked = async () => sendTraffic(address, 'm', 1).catch(() => []);
    await until(`${name} is served`, async () => (await asked())[0]?.status === 200, 20_000);
    return address;
  };

  test('a class that declares nothing is not asked to mirror', async () => {
    const silent = router({ ...DECLARED, features: [] });
    expect(await silent.capabilities()).toMatchObject({ weights: true, mirror: false });
    const shadow = { version: '9', url: world.url('shadow'), percent: 100 };
    await expect(silent.apply(route('undeclared', 0, { shadow }))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('does not declare HTTPRouteRequestMirror'),
    });
  });

  test('CA1: weights are served, by chance, and counted per Service by Envoy', async () => {
    await router(DECLARED).apply(route('split', 25));
    const address = await served('split');
    const before = await evidence().scrape('split');
    const answers = countByVersion(await sendTraffic(address, 'm', 400));
    const since = async (arm: 'champion' | 'challenger') =>
      countOf(await evidence().scrape('split'), arm) - countOf(before, arm);
    await until('400 are counted', async () => (await since('champion')) + (await since('challenger')) === 400);
    expect([await since('champion'), await since('challenger')]).toEqual([answers['7'], answers['8']]);
    // 400 at 25 % are 100 give or take 9; six times that never happens.
    expect(answers['8']).toBeGreaterThan(45);
    expect(answers['8']).toBeLessThan(155);
  });

  test('SH1: RequestMirror copies every request to the shadow, and nobody sees its answers', async () => {
    expect(await router(DECLARED).capabilities()).toMatchObject({ mirror: true, timeouts: 'each route' });
    await router(DECLARED).apply(route('mirrored', 0));
    const address = await served('mirrored');
    const shadow = { version: '9', url: world.url('shadow'), percent: 100 };
    await router(DECLARED).apply(route('mirrored', 0, { shadow }));
    expect(JSON.stringify((await world.live('mirrored')).spec)).toContain('RequestMirror');
    const before = { scrape: await evidence().scrape('mirrored'), arrived: world.arrived('shadow') };
    expect(countByVersion(await sendTraffic(address, 'm', 200))).toEqual({ 7: 200 });
    await until('200 copies arrive', async () => world.arrived('shadow') - before.arrived >= 200);
    const copies = async () =>
      countOf(await evidence().scrape('mirrored'), 'shadow') - countOf(before.scrape, 'shadow');
    await until('and are counted as the shadow’s', async () => (await copies()) >= 200);
    await router(DECLARED).apply(route('mirrored', 0));
    await until(
      'the mirror is off',
      async () => !JSON.stringify((await world.live('mirrored')).spec).includes('Mirror'),
    );
  });

  test('SH1: a challenger that is its own shadow is mirrored to by a second Service, which goes with the mirror', async () => {
    await addPod(world.kubeConfig, world.namespace, 'challenger-pod');
    const challenger = { version: '8', url: world.url('challenger-pod'), percent: 0 };
    await router(DECLARED).apply(route('own', 0, { challenger }));
    const address = await served('own');
    const shadow = { ...challenger, percent: 100 };
    await router(DECLARED).apply(route('own', 0, { challenger, shadow }));
    const services = async () => servicesOf(world.kubeConfig, world.namespace);
    expect(await services()).toContain('challenger-pod-shadow');
    const copies = async () => countOf(await evidence().scrape('own'), 'shadow');
    await until('Envoy knows the pod', async () => {
      await sendTraffic(address, 'm', 5);
      return (await copies()) > 0;
    });
    const before = await copies();
    expect(countByVersion(await sendTraffic(address, 'm', 100))).toEqual({ 7: 100 });
    await until('100 copies are counted', async () => (await copies()) - before >= 100);
    expect(countOf(await evidence().scrape('own'), 'challenger')).toBe(0);
    await router(DECLARED).apply(route('own', 0, { challenger }));
    expect(await services()).not.toContain('challenger-pod-shadow');
  });

  test('a share of requests cannot be mirrored here, and a Service without pods of its own has no second one', async () => {
    const shadow = { version: '9', url: world.url('shadow'), percent: 50 };
    await expect(router(DECLARED).apply(route('half', 0, { shadow }))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('all requests or none'),
    });
    const same = { version: '8', url: world.url('challenger'), percent: 100 };
    await expect(router(DECLARED).apply(route('same', 0, { shadow: same }))).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('has no selector'),
    });
  });

  test('the time-out of the policy is in the route, for this gateway declares that it obeys it', async () => {
    await router(DECLARED).apply(route('timed', 0, { requestTimeoutMs: 1000 }));
    await served('timed');
    expect((await world.live('timed')).spec).toMatchObject({ rules: [{ timeouts: { request: '1000ms' } }] });
  });
});
