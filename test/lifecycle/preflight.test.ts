import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMemoryPreflight } from '../fakes/memory-preflight.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'refused';

describe('a cluster that cannot carry out the policy', () => {
  const preflight = createMemoryPreflight();
  let world: World;
  beforeAll(async () => {
    world = await createWorld((ports) => ({ ...ports, preflight }));
    const image = `registry.example/trainer@sha256:${'a'.repeat(64)}`;
    await world.apply(applied(MODEL, world.folder, { training: { backend: 'kubernetes', image, command: ['train'] } }));
  }, 60_000);
  afterAll(() => world.close());
  const play = async () => {
    const answer = await world.trigger(MODEL, '2001-01-10T06:00:00Z', { kind: 'bootstrap' });
    return 'run' in answer ? answer.run : '';
  };

  test('blocks a run before it has read, trained or registered anything, with the cure', async () => {
    const next = 'apply this:\nkind: Role';
    preflight.obstruct({ name: 'rights in train', state: 'problem', text: 'nobody cannot create jobs', next });
    const run = await play();
    expect(await world.result(run)).toMatchObject({
      outcome: 'blocked',
      reason: `nothing was started, because this cannot work: rights in train: nobody cannot create jobs · next: ${next}`,
    });
    expect(world.training.started).toEqual([]);
    expect(await world.registry.aliases(MODEL)).toEqual({});
    expect((await world.sheetOf(run)).stages).toEqual([]);
  });
});
