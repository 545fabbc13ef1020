import { expect, test } from '@jest/globals';
import { exampleRoute, trafficRouterContract } from '../contracts/traffic-router.ts';
import { trafficEvidenceContract } from '../contracts/traffic-evidence.ts';
import { countOf } from '../traffic.ts';
import { createMemoryTraffic } from './memory-traffic.ts';
import { createMemoryRouter } from './memory-router.ts';

trafficRouterContract('memory-router', async () => {
  const router = createMemoryRouter();
  return { router, tamper: (route) => router.tamper(route), stop: async () => undefined };
});

trafficEvidenceContract('memory-traffic', async () => {
  const router = createMemoryRouter();
  const evidence = createMemoryTraffic({ router });
  const route = 'counted';
  return {
    evidence,
    route,
    async send(arm, { ok, bad }) {
      evidence.add(route, arm, { code: 200, count: ok });
      evidence.add(route, arm, { code: 500, count: bad });
    },
    sendToDead: async (count) => evidence.add(route, 'challenger', { code: 502, count }),
    restart: () => evidence.restart(),
    darken: async () => evidence.darken(),
    stop: async () => undefined,
  };
});

test('the traffic follows the weights over the time that the clock tells', async () => {
  let nowMs = 0;
  const now = () => nowMs;
  const router = createMemoryRouter({ now });
  const evidence = createMemoryTraffic({ router, now });
  const challenger = { version: '8', url: 'http://127.0.0.1:9102' };
  await router.apply(exampleRoute('r', { challenger: { ...challenger, percent: 0 } }));
  await evidence.setTraffic('r', { requestsPerSecond: 100, challenger: { errors: 0.1, seconds: 0.3 } });
  nowMs = 10_000;
  await router.apply(
    exampleRoute('r', { challenger: { ...challenger, percent: 5 }, shadow: { ...challenger, percent: 50 } }),
  );
  nowMs = 20_000;
  const seen = await evidence.scrape('r');
  expect([countOf(seen, 'champion'), countOf(seen, 'challenger'), countOf(seen, 'shadow')]).toEqual([1950, 50, 500]);
  expect(countOf(seen, 'challenger', 500)).toBe(5);
  expect(seen.arms.challenger.buckets).toMatchObject({ '0.25': 0, '0.5': 50, '+Inf': 50 });
  expect(seen.at).toBe('1970-01-01T00:00:20.000Z');
});
