import { trafficRouterContract } from '../../contracts/traffic-router.ts';
import { makeWorld } from './world.ts';

/** The routes of the contract: an InferenceService belongs to the platform and is there before its route. */
const CONTRACT_ROUTES = ['whole loading switch twice crowd foreign mended one one-shadow gone strict two'].flatMap(
  (names) => names.split(' '),
);
const address = 'http://served-by-kserve.example';
const urls = { champion: address, challenger: address, shadow: address };

trafficRouterContract('kserve (standard)', async () => {
  const world = await makeWorld('standard');
  for (const name of CONTRACT_ROUTES) await world.create(name);
  await Promise.all(CONTRACT_ROUTES.map(async (name) => world.serving.ensure(world.request(name, '8'))));
  return {
    router: world.gateway('one').router,
    urls,
    mirrors: false,
    tamper: async (route) => world.patch(route, [{ op: 'replace', path: '/spec/canary/0/trafficPercent', value: 3 }]),
    stop: world.stop,
  };
});

trafficRouterContract('kserve (knative)', async () => {
  const world = await makeWorld('knative');
  for (const name of CONTRACT_ROUTES) await world.create(name);
  await Promise.all(
    CONTRACT_ROUTES.map(async (name) => {
      await world.serving.ensure(world.request(name, '7'));
      await world.serving.ensure(world.request(name, '8'));
    }),
  );
  return {
    router: world.gateway('one').router,
    urls,
    mirrors: false,
    tamper: async (route) =>
      world.patch(route, [{ op: 'add', path: '/spec/predictor/canaryTrafficPercent', value: 3 }]),
    stop: world.stop,
  };
});
