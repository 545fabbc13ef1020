import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failure, handsOf } from './hands.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

describe('writes of others to an InferenceService in Standard mode', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld('standard');
  });
  afterAll(async () => world.stop());

  const { router, apply, served, shares } = handsOf(() => world);

  test('a foreign share is refused and not fought; a rollback writes once and wins', async () => {
    await served('fought', '8');
    await apply('fought', 5);
    await world.patch('fought', [{ op: 'replace', path: '/spec/canary/0/trafficPercent', value: 77 }]);
    await expect(apply('fought', 10)).rejects.toEqual(
      failure('foreign-write', expect.stringContaining('v8 of test://good/8 at 77 %')),
    );
    expect(await shares('fought')).toEqual(['v7', ['v8', 77]]);
    expect((await router('fought').read('fought'))?.challenger?.percent).toBe(77);
    await apply('fought', 0, true);
    expect(await shares('fought')).toEqual(['v7', ['v8', 0]]);
  });

  test('a foreign model is a foreign write: the champion would not be what was judged', async () => {
    await served('swapped', '8');
    await apply('swapped', 5);
    await world.patch('swapped', [
      { op: 'replace', path: '/spec/predictor/model/storageUri', value: 'test://good/666' },
    ]);
    await expect(apply('swapped', 10)).rejects.toEqual(
      failure('foreign-write', expect.stringContaining('test://good/666')),
    );
  });

  test('scaling is not a foreign write', async () => {
    await served('scaled', '8');
    await apply('scaled', 5);
    await world.patch('scaled', [{ op: 'replace', path: '/spec/predictor/minReplicas', value: 9 }]);
    await apply('scaled', 10);
    expect(await shares('scaled')).toEqual(['v7', ['v8', 10]]);
  });

  test("somebody else's canary with traffic is refused before a first route; a rollback takes its traffic too", async () => {
    await world.create('crowded');
    const theirs = {
      trafficPercent: 20,
      predictor: { name: 'theirs', model: { modelFormat: { name: 'sklearn' }, storageUri: 'test://good/3' } },
    };
    await world.patch('crowded', [{ op: 'add', path: '/spec/canary', value: [theirs] }]);
    await world.serving.ensure(world.request('crowded', '8'));
    await expect(apply('crowded', 5)).rejects.toEqual(
      failure('foreign-write', expect.stringContaining('theirs at 20 %')),
    );
    await apply('crowded', 0, true);
    expect(await shares('crowded')).toEqual(['v7', ['theirs', 0], ['v8', 0]]);
  });

  test('a rollback finds a canary that somebody moved, and needs none that somebody deleted', async () => {
    await served('moved', '8');
    await apply('moved', 25);
    const other = { trafficPercent: 0, predictor: { name: 'theirs' } };
    await world.patch('moved', [{ op: 'add', path: '/spec/canary/0', value: other }]);
    await apply('moved', 0, true);
    expect(await shares('moved')).toEqual(['v7', ['theirs', 0], ['v8', 0]]);
    await world.patch('moved', [{ op: 'remove', path: '/spec/canary' }]);
    await apply('moved', 0, true, { reason: 'once more' });
    expect(await shares('moved')).toEqual(['v7']);
  });

  test('a rollback brings back a champion whose predictor somebody replaced', async () => {
    await served('replaced', '7', '8');
    await apply('replaced', 25);
    const model = { modelFormat: { name: 'sklearn' }, storageUri: 'test://good/666' };
    await world.patch('replaced', [{ op: 'replace', path: '/spec/predictor', value: { name: 'theirs', model } }]);
    await apply('replaced', 0, true);
    const { spec } = await world.live('replaced');
    expect(spec.predictor).toMatchObject({ name: 'v7', model: { storageUri: 'test://good/7' } });
    expect(await shares('replaced')).toEqual(['v7', ['v8', 0]]);
  });

  test('20 rollbacks at the same time all succeed', async () => {
    await served('many', '8');
    await apply('many', 25);
    const reasons = Array.from({ length: 20 }, (_, index) => `rollback ${index}`);
    await Promise.all(reasons.map(async (reason) => apply('many', 0, true, { reason })));
    expect(await shares('many')).toEqual(['v7', ['v8', 0]]);
  });
});
