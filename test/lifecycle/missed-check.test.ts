import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'unwatched';
const MISSED = `${MODEL}: no drift check since `;

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 60_000);
afterAll(() => world.close());

test('MO12: a drift check that never comes is told once, and again after the next one is missed', async () => {
  const policy = applied(MODEL, world.folder, { triggers: { check: '0 6 * * *' } });
  const now = async () => new Date(await world.env.currentTimeMs());
  await world.apply({ ...policy, appliedAt: (await now()).toISOString() });
  const told = () => world.notices.filter((title) => title.startsWith(MISSED)).length;
  expect(told()).toBe(0);
  await world.env.sleep('4 days');
  expect(told()).toBe(1);
  await world.trigger(MODEL, (await now()).toISOString(), { kind: 'check' });
  await world.env.sleep('3 days');
  expect(told()).toBe(2);
});
