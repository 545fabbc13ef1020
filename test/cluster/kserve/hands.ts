import { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { Route } from '../../../activities/ports/traffic-router.ts';
import { expect } from '@jest/globals';
import { countOf, until } from '../../traffic.ts';
import type { World } from './world.ts';

export const failure = (code: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ name: PortFailure.name, code, message });

/** What suites do with a world that is made later. Champion is v7, challenger v8. */
export function handsOf(world: () => World) {
  const router = (name: string) => world().gateway(name).router;
  return {
    router,
    apply: async (name: string, percent: number, force = false, more: Partial<Route> = {}): Promise<void> =>
      router(name).apply(world().route(name, percent, more), { force }),
    loaded: async (name: string): Promise<void> => until(`${name} is loaded`, async () => router(name).loaded(name)),
    /** An InferenceService of the platform and, once it is ready, the servers of these versions. */
    served: async (name: string, ...versions: readonly string[]): Promise<void> => {
      await world().create(name);
      for (const version of versions) await world().serving.ensure(world().request(name, version));
    },
    /** KServe has seen this percent, whatever it does about it. */
    reported: async (name: string, percent: number): Promise<void> =>
      until(`KServe reports ${percent}`, async () => {
        const { status } = await world().live(name);
        return JSON.stringify(status?.['canaryStatuses'] ?? []).includes(`"trafficPercent":${percent}`);
      }),
    /** Who answers: the stable predictor, then the canaries with their percent. */
    shares: async (name: string): Promise<unknown[]> => {
      const { spec } = await world().live(name);
      return [spec.predictor.name, ...(spec.canary ?? []).map((one) => [one.predictor.name, one.trafficPercent])];
    },
    /** Requests that the gateway counted for the champion and for the challenger. */
    counted: async (name: string): Promise<{ readonly 7: number; readonly 8: number }> => {
      const scrape = await world().gateway(name).evidence.scrape(name);
      return { 7: countOf(scrape, 'champion'), 8: countOf(scrape, 'challenger') };
    },
    percent: async (name: string): Promise<number | undefined> =>
      (await world().live(name)).spec.predictor.canaryTrafficPercent,
    promoted: (name: string): Route => {
      const { challenger: _none, ...route } = world().route(name, 0);
      return { ...route, champion: { version: '8', url: 'http://challenger.example' } };
    },
  };
}
