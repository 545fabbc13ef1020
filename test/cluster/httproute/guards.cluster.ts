import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadAllYaml } from '@kubernetes/client-node';
import { checkDeclaredClass } from '../../../activities/adapters/httproute/declared-class.ts';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import { countByVersion, sendTraffic, until } from '../../traffic.ts';
import { connect } from '../cluster.ts';
import { gateway, makeWorld } from './world.ts';
import type { World } from './world.ts';

const failure = (code: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ name: PortFailure.name, code, message });

describe('before a weight is raised the gateway has somebody to send to', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld({ champion: '7', challenger: '8' });
  }, 60_000);
  afterAll(async () => world.stop());

  test('a challenger without a ready endpoint gets no share, and the route stays as it was', async () => {
    await world.router().apply(world.route('early', 0));
    await world.setReady('challenger', false);
    const raised = world.router().apply(world.route('early', 5));
    await expect(raised).rejects.toEqual(failure('not-ready', expect.stringContaining('5 % of the requests')));
    expect((await world.router().read('early'))?.challenger?.percent).toBe(0);
    await world.setReady('challenger', true);
    await world.router().apply(world.route('early', 5));
    expect((await world.router().read('early'))?.challenger?.percent).toBe(5);
  });

  test('one that has a share and lost its endpoints gets no more; lowering and a rollback never ask', async () => {
    await world.router().apply(world.route('late', 25));
    await world.setReady('challenger', false);
    await expect(world.router().apply(world.route('late', 50))).rejects.toEqual(
      failure('server-died', expect.stringContaining('25 % are answered 503 now')),
    );
    await world.router().apply(world.route('late', 10));
    await world.setReady('champion', false);
    await world.router().apply(world.route('late', 0));
    await world.router().apply(world.route('late', 10), { force: true });
    await world.setReady('champion', true);
    await world.setReady('challenger', true);
    expect((await world.router().read('late'))?.challenger?.percent).toBe(10);
  });
});

describe('a gateway of which the settings say too much', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld({ champion: '7', challenger: '8', shadow: '9' });
  }, 60_000);
  afterAll(async () => world.stop());

  test('a mirror under which the route answers otherwise is taken off at once, and the route serves as before', async () => {
    // Traefik declares no RequestMirror: it answers every request of such a route with 500 while the route is Accepted.
    const features = ['HTTPRouteRequestMirror', 'HTTPRouteRequestPercentageMirror'];
    const router = world.router({ declared: { controller: 'traefik.io/gateway-controller', features } });
    await router.apply(world.route('guarded', 0));
    const address = await router.address('guarded');
    await until('it is served', async () => (await sendTraffic(address, 'm', 1))[0]?.status === 200, 20_000);
    const shadow = { version: '9', url: world.url('shadow'), percent: 100 };
    await expect(router.apply(world.route('guarded', 0, { shadow }))).rejects.toEqual(
      failure('unsupported', expect.stringMatching(/taken off again: it answers 500 with it, 200 without/)),
    );
    expect((await router.read('guarded'))?.shadow).toBeUndefined();
    await until('it is served again', async () => (await sendTraffic(address, 'm', 1))[0]?.status === 200, 20_000);
    expect(countByVersion(await sendTraffic(address, 'm', 50))).toEqual({ 7: 50 });
  });

  test('a class that is declared is not read, and one that declares nothing still mirrors through Traefik', async () => {
    const router = world.router({ declared: { controller: 'traefik.io/gateway-controller', features: [] } });
    expect(await router.capabilities()).toMatchObject({ weights: true, mirror: true });
    const other = world.router({ declared: { controller: 'example.com/gateway', features: [] } });
    expect(await other.capabilities()).toMatchObject({ weights: true, mirror: false });
    const shadow = { version: '9', url: world.url('shadow'), percent: 100 };
    await expect(other.apply(world.route('refused', 0, { shadow }))).rejects.toEqual(failure('unsupported'));
    await router.apply(world.route('owned', 0));
    await until('the controller of the settings has taken it', async () => router.loaded('owned'));
    await expect(other.loaded('owned')).resolves.toBe(false);
  });
});

test('the doctor compares what the settings say of the gateway with what its class says', async () => {
  const check = async (controller: string, features: readonly string[], name = gateway.name) =>
    checkDeclaredClass(connect(), { ...gateway, name }, { controller, features });
  const traefik = 'traefik.io/gateway-controller';
  expect(await check(traefik, ['HTTPRoutePathRewrite'])).toMatchObject({ state: 'ok' });
  expect(await check(traefik, ['HTTPRouteRequestMirror'])).toMatchObject({
    state: 'warning',
    text: expect.stringContaining('claims HTTPRouteRequestMirror, which GatewayClass traefik does not declare'),
  });
  expect(await check('example.com/gateway', [])).toMatchObject({
    state: 'problem',
    next: `write controller: ${traefik}`,
  });
  expect(await check(traefik, [], 'nobody')).toMatchObject({
    state: 'warning',
    text: expect.stringMatching(/^not checked .*nobody/),
  });
});

test('a Service of another namespace waits for its ReferenceGrant, whose lines are told and suffice', async () => {
  const [routes, models] = await Promise.all([makeWorld({ challenger: '8' }), makeWorld({ champion: '7' })]);
  try {
    await models.admit(routes.namespace);
    const router = routes.router();
    const champion = { version: '7', url: models.url('champion') };
    await router.apply(routes.route('far', 0, { champion }));
    const waitsFor = async () => String(await router.waitsFor?.('far'));
    await until('the gateway has refused it', async () => (await waitsFor()).includes('kind: ReferenceGrant'));
    expect(await router.loaded('far')).toBe(false);
    const said = await waitsFor();
    expect(said).toContain('RefNotPermitted');
    for (const object of loadAllYaml(said.slice(said.indexOf('apiVersion:')))) await models.apply(object);
    await until('it is loaded', async () => router.loaded('far'));
    expect(await waitsFor()).toBe('undefined');
    const address = await router.address('far');
    await until('it is served', async () => (await sendTraffic(address, 'm', 1))[0]?.version === '7', 20_000);
  } finally {
    await Promise.all([routes.stop(), models.stop()]);
  }
}, 180_000);
