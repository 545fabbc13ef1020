import { appendFile, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTraefikEvidence } from '../../../../activities/adapters/traefik-file/evidence.ts';
import { createTraefikRouter } from '../../../../activities/adapters/traefik-file/router.ts';
import type { Route, TrafficRouter } from '../../../../activities/ports/traffic-router.ts';
import type { ArmName } from '../../../../activities/ports/traffic-evidence.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';
import { startGateway } from '../../../gateway.ts';
import type { Gateway } from '../../../gateway.ts';
import { startModelServer } from '../../../servers/model-server.ts';
import type { ModelServer } from '../../../servers/model-server.ts';
import { countByVersion, countOf, sendTraffic, until } from '../../../traffic.ts';

/** Facts about a real Traefik that the product relies on. Each test has a route of its own. */
describe('traffic through a real Traefik', () => {
  let gateway: Gateway;
  let router: TrafficRouter;
  let champion: ModelServer;
  let challenger: ModelServer;
  let routes = 0;
  let name = '';
  const dead = { version: '9', url: 'http://127.0.0.1:1' };

  /** Writes the route of this test and waits until the gateway works by it. */
  const give = async (more: Partial<Route> = {}): Promise<string> => {
    await router.apply(exampleRoute(name, { champion, ...more }));
    await until('the route is loaded', () => router.loaded(name));
    return router.address(name);
  };
  const send = async (count: number) => sendTraffic(await router.address(name), 'm', count);
  /** Requests of an arm as the gateway counts them, once they are as many as expected. */
  const counted = async (arm: ArmName, expected: number, code?: number): Promise<number> => {
    const evidence = createTraefikEvidence(gateway);
    let scrape = await evidence.scrape(name);
    const reached = async () => countOf((scrape = await evidence.scrape(name)), arm, code) >= expected;
    const seen = () => JSON.stringify(scrape.arms[arm].requests);
    await until(() => `${expected} requests on ${arm}, but ${seen()}`, reached);
    return countOf(scrape, arm, code);
  };

  beforeAll(async () => {
    gateway = await startGateway();
    router = createTraefikRouter(gateway);
    [champion, challenger] = await Promise.all([
      startModelServer({ version: '7' }),
      startModelServer({ version: '8' }),
    ]);
  }, 60_000);
  beforeEach(async () => {
    name = `route-${(routes += 1)}`;
    await Promise.all([champion.fault({}), challenger.fault({})]);
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([champion.stop(), challenger.stop()]);
  });

  test('CA1: 5 percent are 50 of 1,000, by the answers and by the counters of the gateway', async () => {
    await give({ challenger: { ...challenger, percent: 5 } });
    expect(countByVersion(await send(1000))).toEqual({ 7: 950, 8: 50 });
    expect(await counted('champion', 950)).toBe(950);
    expect(await counted('challenger', 50)).toBe(50);
  });

  test('CA1: half a percent is 2 of 400', async () => {
    await give({ challenger: { ...challenger, percent: 0.5 } });
    expect(countByVersion(await send(400))).toEqual({ 7: 398, 8: 2 });
  });

  test('CA4: a switch moves all traffic in one write, and back', async () => {
    await give({ challenger: { ...challenger, percent: 0 } });
    expect(countByVersion(await send(50))).toEqual({ 7: 50 });
    await give({ challenger: { ...challenger, percent: 100 } });
    expect(countByVersion(await send(50))).toEqual({ 8: 50 });
    await give({ challenger: { ...challenger, percent: 0 } });
    expect(countByVersion(await send(50))).toEqual({ 7: 50 });
  });

  test('an arm at weight 0 keeps its counters', async () => {
    await give({ challenger: { ...challenger, percent: 100 } });
    await send(10);
    await give({ challenger: { ...challenger, percent: 0 } });
    await send(10);
    expect(await counted('champion', 10)).toBe(10);
    expect(await counted('challenger', 10)).toBe(10);
  });

  test("the router's counters go on when a shadow comes and goes", async () => {
    const evidence = createTraefikEvidence(gateway);
    const total = async () =>
      Object.values((await evidence.scrape(name)).router.requests).reduce((sum, { count }) => sum + count, 0);
    await give();
    await send(5);
    await give({ shadow: { ...challenger, percent: 100 } });
    await send(5);
    await give();
    await send(5);
    await until('15 requests on the router', async () => (await total()) >= 15);
    expect(await total()).toBe(15);
  });

  test('SH1: a mirror of 100 percent copies every request with its id, and clients see the champion only', async () => {
    const before = await challenger.seen();
    await give({ shadow: { ...challenger, percent: 100 } });
    expect(countByVersion(await send(200))).toEqual({ 7: 200 });
    expect(await counted('shadow', 200)).toBe(200);
    const after = await challenger.seen();
    expect(after.requests - before.requests).toBe(200);
    const ids = after.ids.slice(before.ids.length);
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 200 }, (_, index) => `q-${index + 1}`)));
  });

  test('SH1: a mirror of 25 percent copies a quarter', async () => {
    await give({ shadow: { ...challenger, percent: 25 } });
    await send(200);
    expect(await counted('shadow', 50)).toBe(50);
  });

  test('SH5: a mirrored request is marked by a header that no client can set', async () => {
    const before = { live: await champion.seen(), copied: await challenger.seen() };
    const address = await give({ shadow: { ...challenger, percent: 100 } });
    await fetch(`${address}/v2/models/m/infer`, {
      method: 'POST',
      headers: { 'x-understudy-shadow': '1' },
      body: JSON.stringify({ id: 'spoof', inputs: [] }),
    });
    await counted('shadow', 1);
    expect((await champion.seen()).shadowed).toBe(before.live.shadowed);
    expect((await challenger.seen()).shadowed).toBe(before.copied.shadowed + 1);
  });

  test.each([
    ['slow', { delayMs: 700 }],
    ['failing', { errors: 1 }],
    ['hanging', { hang: true }],
  ])('SH5: a %s shadow changes no live answer and holds none up', async (_what, faults) => {
    await challenger.fault(faults);
    // Whoever waited for a shadow that hangs would wait for two minutes, longer than this test may take.
    await give({ shadow: { ...challenger, percent: 100 }, requestTimeoutMs: 120_000 });
    const answers = await send(100);
    expect(answers).toEqual(Array.from({ length: 100 }, () => ({ status: 200, version: '7' })));
  });

  test('SH5: a shadow that is not there changes no answer, and its refusals are counted on it', async () => {
    await give({ shadow: { ...dead, percent: 100 } });
    expect(countByVersion(await send(100))).toEqual({ 7: 100 });
    expect(await counted('shadow', 100, 502)).toBe(100);
  });

  test('shadow and canary run at the same time', async () => {
    await give({ challenger: { ...challenger, percent: 10 }, shadow: { ...challenger, percent: 100 } });
    expect(countByVersion(await send(100))).toEqual({ 7: 90, 8: 10 });
    expect(await counted('shadow', 100)).toBe(100);
  });

  test('CA2: a challenger that is not there answers 502 on its own leaf', async () => {
    await give({ challenger: { ...dead, percent: 20 } });
    const answers = await send(100);
    expect(answers.filter(({ status }) => status === 502)).toHaveLength(20);
    expect(await counted('challenger', 20, 502)).toBe(20);
    expect(await counted('champion', 80, 200)).toBe(80);
  });

  test('CA2: a challenger that hangs answers 504 on its own leaf after the time-out of the route', async () => {
    await challenger.fault({ hang: true });
    await give({ challenger: { ...challenger, percent: 20 }, requestTimeoutMs: 300 });
    const answers = await send(50);
    expect(answers.filter(({ status }) => status === 504)).toHaveLength(10);
    expect(await counted('challenger', 10, 504)).toBe(10);
  });

  test('with health checks a dead challenger gets no live traffic, and the evidence says that it is down', async () => {
    const checking = createTraefikRouter({ ...gateway, healthCheckPath: '/v2/health/ready' });
    await checking.apply(exampleRoute(name, { champion, challenger: { ...dead, percent: 50 } }));
    const evidence = createTraefikEvidence(gateway);
    const up = async () => Object.values((await evidence.scrape(name)).arms).map((arm) => arm.serverUp);
    await until('the challenger is seen to be down', async () => (await up())[1] === 0, 10_000);
    expect((await up())[0]).toBe(1);
    expect(countByVersion(await send(50))).toEqual({ 7: 50 });
    expect((await checking.capabilities()).failover).toBe(true);
  });

  test('a route answers its own paths only', async () => {
    await give();
    const gatewayUrl = gateway.address;
    const statuses = await Promise.all(
      [`${name}/v2/health/ready`, `${name}x/v2/health/ready`, 'v2/health/ready'].map(
        async (wanted) => (await fetch(`${gatewayUrl}/${wanted}`)).status,
      ),
    );
    expect(statuses).toEqual([200, 404, 404]);
  });

  test('two models in one gateway do not disturb each other, whatever becomes of one of them', async () => {
    const address = await give();
    const other = `${name}-shadow`;
    await router.apply(exampleRoute(other, { champion: challenger }));
    await until('the other route is loaded', () => router.loaded(other));
    expect(countByVersion(await sendTraffic(await router.address(other), 'm', 20))).toEqual({ 8: 20 });
    expect(countByVersion(await sendTraffic(address, 'm', 20))).toEqual({ 7: 20 });
    await router.remove(other);
    await until('the other route is gone', async () => (await fetch(`${gateway.address}/${other}/x`)).status === 404);
    expect(countByVersion(await sendTraffic(address, 'm', 20))).toEqual({ 7: 20 });
    expect(await counted('champion', 40)).toBe(40);
  });

  test("a foreign weight is refused, seen, and overwritten by a rollback's force", async () => {
    const address = await give({ challenger: { ...challenger, percent: 5 } });
    const file = path.join(gateway.routesDir, `${name}.yaml`);
    await appendFile(file, '# edited\n');
    const back = exampleRoute(name, { champion, challenger: { ...challenger, percent: 0 } });
    await expect(router.apply(back)).rejects.toEqual(expect.objectContaining({ code: 'foreign-write' }));
    await router.apply(back, { force: true });
    await until('the rollback is loaded', () => router.loaded(name));
    expect(countByVersion(await sendTraffic(address, 'm', 20))).toEqual({ 7: 20 });
  });

  test('a route file deleted by somebody is a foreign change too', async () => {
    await give();
    await rm(path.join(gateway.routesDir, `${name}.yaml`));
    await expect(give()).rejects.toEqual(expect.objectContaining({ code: 'foreign-write' }));
  });

  test('nothing but whole route files is ever in the watched folder', async () => {
    await Promise.all([5, 25, 50].map(async (percent) => give({ challenger: { ...challenger, percent } })));
    const files = await readdir(gateway.routesDir);
    expect(files.filter((file) => !/^route-[\w-]+\.yaml$/.test(file))).toEqual([]);
    expect(await readFile(path.join(gateway.routesDir, `${name}.yaml`), 'utf8')).toContain('# understudy: {');
  });

  test('RB1: a gateway that is killed comes back with the same route', async () => {
    await give({ challenger: { ...challenger, percent: 50 } });
    await gateway.kill();
    expect(await router.loaded(name)).toBe(false);
    await gateway.start();
    await until('the route is loaded again', () => router.loaded(name));
    expect(countByVersion(await send(100))).toEqual({ 7: 50, 8: 50 });
  });
});
