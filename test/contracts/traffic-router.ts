import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { Route, TrafficRouter } from '../../activities/ports/traffic-router.ts';
import { until } from '../traffic.ts';

export interface RouterUnderTest {
  readonly router: TrafficRouter;
  /** Addresses that this router takes, where a port on this machine is none. */
  readonly urls?: { readonly champion: string; readonly challenger: string; readonly shadow: string };
  /** A gateway that says it cannot mirror is asked for no shadow. */
  readonly mirrors?: false;
  /** Changes the gateway's configuration of this route behind the router's back. */
  tamper(route: string): Promise<void>;
  stop(): Promise<void>;
}

/** A route that nothing stands behind: what the port promises does not depend on servers. */
export function exampleRoute(name: string, more: Partial<Route> = {}): Route {
  return {
    name,
    model: 'churn',
    champion: { version: '7', url: 'http://127.0.0.1:9101' },
    writtenBy: 'retrain/churn/2026-01-05T06:00:00Z-check',
    reason: 'baseline — "quoted",\nsecond line \u2028 end',
    requestTimeoutMs: 1000,
    ...more,
  };
}

const anywhere = {
  champion: 'http://127.0.0.1:9101',
  challenger: 'http://127.0.0.1:9102',
  shadow: 'http://127.0.0.1:9103',
};
const failure = (code: string) => expect.objectContaining({ name: PortFailure.name, code });

/** What every traffic router promises. `make` is called once; routes are named by the suite. */
export function trafficRouterContract(adapter: string, make: () => Promise<RouterUnderTest>): void {
  describe(`${adapter} keeps the contract of traffic-router`, () => {
    let under: RouterUnderTest;
    const router = () => under.router;
    const urls = () => under.urls ?? anywhere;
    const example = (name: string, more: Partial<Route> = {}) =>
      exampleRoute(name, { champion: { version: '7', url: urls().champion }, ...more });
    const challenger = () => ({ version: '8', url: urls().challenger });
    const shadow = () =>
      under.mirrors === false ? {} : { shadow: { version: '9', url: urls().shadow, percent: 100 } };
    beforeAll(async () => {
      under = await make();
    }, 180_000);
    afterAll(async () => under.stop());

    test('a route that nobody wrote is undefined', async () => {
      expect(await router().read('nobody')).toBeUndefined();
      expect(await router().loaded('nobody')).toBe(false);
    });

    test('what was applied is read back whole, with its writer and its reason', async () => {
      const route = example('whole', {
        challenger: { ...challenger(), percent: 25 },
        ...shadow(),
      });
      await router().apply(route);
      expect(await router().read('whole')).toEqual(route);
    });

    test('the gateway says when it has loaded the last write', async () => {
      await router().apply(example('loading'));
      await until('the first write is loaded', () => router().loaded('loading'));
      await router().apply(example('loading', { challenger: { ...challenger(), percent: 5 } }));
      await until('the second write is loaded', () => router().loaded('loading'));
      expect(await router().loaded('loading')).toBe(true);
    });

    test('CA4: a switch is 0 and then 100 percent, and both arms stay listed', async () => {
      for (const percent of [0, 100]) {
        const route = example('switch', { challenger: { ...challenger(), percent } });
        await router().apply(route);
        expect(await router().read('switch')).toEqual(route);
      }
    });

    test('CA4: a router says before a run what it can do', async () => {
      const { weights, mirror, failover } = await router().capabilities();
      expect([typeof weights, typeof mirror, typeof failover]).toEqual(['boolean', 'boolean', 'boolean']);
    });

    test('applying the same route twice is one state', async () => {
      await router().apply(example('twice'));
      await router().apply(example('twice'));
      expect(await router().read('twice')).toEqual(example('twice'));
    });

    test('writes at the same time leave one whole route', async () => {
      const percents = [1, 2, 3, 4, 5, 6, 7, 8];
      const routes = percents.map((percent) => example('crowd', { challenger: { ...challenger(), percent } }));
      await Promise.all(routes.map((route) => router().apply(route)));
      expect(routes).toContainEqual(await router().read('crowd'));
    });

    test("somebody else's change is refused, and overwritten by force", async () => {
      await router().apply(example('foreign'));
      await under.tamper('foreign');
      const next = example('foreign', { challenger: { ...challenger(), percent: 5 } });
      await expect(router().apply(next)).rejects.toEqual(failure('foreign-write'));
      await router().apply(next, { force: true });
      expect(await router().read('foreign')).toEqual(next);
      await router().apply(example('foreign'));
      expect(await router().read('foreign')).toEqual(example('foreign'));
    });

    test('a forced write of the very same route mends a foreign change', async () => {
      await router().apply(example('mended'));
      await under.tamper('mended');
      await router().apply(example('mended'), { force: true });
      await router().apply(example('mended', { challenger: { ...challenger(), percent: 5 } }));
      expect((await router().read('mended'))?.challenger?.percent).toBe(5);
    });

    test('two routes do not disturb each other', async () => {
      await router().apply(example('one'));
      await router().apply(example('one-shadow', { challenger: { ...challenger(), percent: 50 } }));
      await router().remove('one-shadow');
      expect(await router().read('one')).toEqual(example('one'));
      expect(await router().read('one-shadow')).toBeUndefined();
    });

    test('a removed route is gone, removing it again is success, and it may come back', async () => {
      await router().apply(example('gone'));
      await router().remove('gone');
      await router().remove('gone');
      expect(await router().read('gone')).toBeUndefined();
      expect(await router().loaded('gone')).toBe(false);
      await router().apply(example('gone'));
      expect(await router().read('gone')).toEqual(example('gone'));
    });

    const nobody = { version: '8', url: anywhere.challenger };
    test.each([
      ['more than all traffic', { challenger: { ...nobody, percent: 101 } }],
      ['less than none', { challenger: { ...nobody, percent: -1 } }],
      ['a share that is no number', { challenger: { ...nobody, percent: Number.NaN } }],
      ['a mirrored fraction of a percent', { shadow: { ...nobody, percent: 0.5 } }],
      ['an address that is none', { champion: { version: '7', url: 'nowhere' } }],
      ['no time-out', { requestTimeoutMs: 0 }],
      ['a name that is a path', { name: '../etc' }],
    ])('%s is refused and changes nothing', async (_what, wrong) => {
      await router().apply(example('strict'));
      await expect(router().apply({ ...example('strict'), ...wrong })).rejects.toEqual(failure('bad-request'));
      expect(await router().read('strict')).toEqual(example('strict'));
    });

    test('clients find the route under an address of its own', async () => {
      const [one, two] = [await router().address('one'), await router().address('two')];
      expect(new URL(one).href).not.toBe(new URL(two).href);
    });
  });
}
