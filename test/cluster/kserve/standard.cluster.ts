import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { countByVersion, sendTraffic, until } from '../../traffic.ts';
import { present } from '../../present.ts';
import { gatewayReloads } from '../cluster.ts';
import { failure, handsOf } from './hands.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

describe('weights by spec.canary, in Standard mode', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld('standard');
  });
  afterAll(async () => world.stop());

  const { router, apply, counted, loaded, served, reported, shares, promoted } = handsOf(() => world);

  test('CA1: 5 percent are about 20 of 400, and the counters of the real gateway say the same as the answers', async () => {
    await served('split', '8');
    await apply('split', 5);
    await loaded('split');
    const address = await router('split').address('split');
    await until('the challenger is served', async () => '8' in countByVersion(await sendTraffic(address, 'm', 20)));
    // A request is counted when it has ended, a moment after its answer.
    let before = await counted('split');
    await until('all answers so far are counted', async () => {
      const seen = before;
      before = await counted('split');
      return [before[8] > 0, isDeepStrictEqual(seen, before)].every(Boolean);
    });
    const reloads = await gatewayReloads();
    const answers = countByVersion(await sendTraffic(address, 'm', 400));
    // Whatever else the gateway is told meanwhile makes it begin its round anew.
    const most = 1 + (await gatewayReloads()) - reloads;
    expect(Math.abs(present(answers['8']) - 20)).toBeLessThanOrEqual(most);
    const since = async () => {
      const now = await counted('split');
      return { 7: now[7] - before[7], 8: now[8] - before[8] };
    };
    let last: object = {};
    await until(
      () => `the gateway counts ${JSON.stringify(answers)}, last ${JSON.stringify(last)}`,
      async () => isDeepStrictEqual((last = await since()), answers),
    );
    expect(await since()).toEqual(answers);
  });

  test('level L2: a share that KServe reports and has not programmed is not loaded', async () => {
    await served('unprogrammed', '8');
    await apply('unprogrammed', 5);
    await loaded('unprogrammed');
    world.controller.asleep.add('routes');
    await apply('unprogrammed', 25);
    await reported('unprogrammed', 25);
    expect(await router('unprogrammed').loaded('unprogrammed')).toBe(false);
    world.controller.asleep.clear();
    await loaded('unprogrammed');
  });

  test('a canary that is not ready gets nothing, so its share is never loaded, and its server is none', async () => {
    await served('unready', '8');
    world.controller.down.add('unready-v8-predictor');
    await until('its pod is gone', async () => world.controller.isReported('unready-v8-predictor', false));
    expect(await world.serving.find('unready', '8')).toBeUndefined();
    await apply('unready', 25);
    await reported('unready', 25);
    expect(await router('unready').loaded('unready')).toBe(false);
    world.controller.down.clear();
    await loaded('unready');
  });

  test('while the controller sleeps nothing is loaded, and a rollback is written all the same', async () => {
    await served('asleep', '8');
    await apply('asleep', 25);
    await loaded('asleep');
    world.controller.asleep.add('all');
    await apply('asleep', 0, true);
    expect(await shares('asleep')).toEqual(['v7', ['v8', 0]]);
    expect(await router('asleep').loaded('asleep')).toBe(false);
    world.controller.asleep.clear();
    await loaded('asleep');
  });

  test('a promotion makes the very canary the stable predictor, and the champion goes', async () => {
    await served('promoted', '8');
    await apply('promoted', 100);
    await loaded('promoted');
    const instance = world.controller.servers.get('promoted-v8-predictor')?.instance;
    await router('promoted').apply(promoted('promoted'));
    await loaded('promoted');
    const { spec } = await world.live('promoted');
    expect(spec.predictor).toMatchObject({
      name: 'v8',
      minReplicas: 2,
      model: { runtime: 'theirs', storageUri: 'test://good/8' },
    });
    expect(spec.canary).toBeUndefined();
    expect(world.controller.servers.get('promoted-v8-predictor')?.instance).toBe(instance);
    expect((await world.serving.find('promoted', '8'))?.name).toBe('promoted-v8-predictor');
  });

  test('a champion that Understudy serves waits at 0 after a promotion, until it is stopped, and can come back', async () => {
    await served('again', '7', '8');
    await apply('again', 100);
    await router('again').apply(promoted('again'));
    expect(await shares('again')).toEqual(['v8', ['v7', 0]]);
    await apply('again', 0, true);
    expect(await shares('again')).toEqual(['v7', ['v8', 0]]);
    await router('again').apply(promoted('again'));
    await world.serving.stop('again', '7');
    expect(await shares('again')).toEqual(['v8']);
  });

  test('a write that changes nothing leaves generation and resourceVersion as they are', async () => {
    await served('same', '8');
    await apply('same', 5);
    await loaded('same');
    const before = (await world.live('same')).metadata;
    await apply('same', 5);
    await apply('same', 5, true);
    const after = (await world.live('same')).metadata;
    expect([after.generation, after.resourceVersion]).toEqual([before.generation, before.resourceVersion]);
  });

  test('a challenger without a server gets no share', async () => {
    await world.create('serverless');
    await expect(apply('serverless', 5)).rejects.toEqual(
      failure('not-ready', expect.stringContaining('no predictor v8')),
    );
    expect(await shares('serverless')).toEqual(['v7']);
  });

  test('a first champion takes over from what the platform had, whatever that was called', async () => {
    const model = { modelFormat: { name: 'sklearn' }, storageUri: 'test://good/placeholder' };
    await world.create('first', { predictor: { minReplicas: 1, model } });
    await world.serving.ensure(world.request('first', '8'));
    await router('first').apply(promoted('first'));
    expect(await shares('first')).toEqual(['v8']);
    expect((await world.live('first')).spec.predictor).toMatchObject({
      minReplicas: 1,
      model: { storageUri: 'test://good/8' },
    });
  });

  test('a fraction of a percent and a shadow are refused with what to do', async () => {
    await served('fine', '8');
    await expect(apply('fine', 2.5)).rejects.toEqual(failure('unsupported', expect.stringContaining('whole percents')));
    const shadow = { version: '9', url: 'http://shadow.example', percent: 100 };
    await expect(apply('fine', 0, false, { shadow })).rejects.toEqual(
      failure('unsupported', expect.stringContaining('skip: true')),
    );
  });

  test('giving it back sends all to the champion and takes our route off; the InferenceService stays', async () => {
    await served('given', '8');
    await apply('given', 25);
    await router('given').remove('given');
    expect(await shares('given')).toEqual(['v7', ['v8', 0]]);
    expect((await world.live('given')).metadata.annotations).not.toHaveProperty('understudy/route');
    expect((await world.live('given')).metadata.annotations).toMatchObject({ theirs: 'kept' });
  });

  test('the mode is refused before a run, by what is there, what was asked for, and what to do', async () => {
    await world.create('other-mode', { mode: 'Serverless' });
    await until('KServe has reported', async () => (await world.live('other-mode')).status !== undefined);
    await expect(router('other-mode').capabilities()).rejects.toEqual(
      failure('unsupported', expect.stringMatching(/Serverless.*expected Standard.*write traffic\.mode: knative/)),
    );
    await expect(router('nobody').capabilities()).rejects.toEqual(
      failure('not-found', expect.stringContaining('create it')),
    );
    await served('right-mode', '8');
    expect(await router('right-mode').capabilities()).toEqual({ weights: true, mirror: false, failover: false });
    // Traefik honours no time-outs of routes; a gateway that does ends answers when KServe's route says so.
    const features = { controller: 'another.example/gateway', features: ['HTTPRouteRequestTimeout'] };
    const other = world.gatewayWith({ declared: features })('right-mode').router;
    expect((await other.capabilities()).timeouts).toBe(60_000);
    await world.patch('right-mode', [{ op: 'add', path: '/spec/predictor/timeout', value: 5 }]);
    expect((await other.capabilities()).timeouts).toBe(5000);
    const told = world.gatewayWith({ timeoutMs: 7000 })('right-mode').router;
    expect((await told.capabilities()).timeouts).toBe(7000);
  });
});
