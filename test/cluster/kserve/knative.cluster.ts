import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failure, handsOf } from './hands.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

describe('shares by canaryTrafficPercent, in Knative mode', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld('knative');
  });
  afterAll(async () => world.stop());

  const { router, apply, loaded, served, percent, promoted } = handsOf(() => world);

  test('a challenger is a revision at 0 percent, known by the address of its tag; the champion stays the one before', async () => {
    await world.create('dark');
    const champion = await world.serving.ensure(world.request('dark', '7'));
    expect(await percent('dark')).toBeUndefined();
    const challenger = await world.serving.ensure(world.request('dark', '8'));
    expect([champion.name, challenger.name]).toEqual(['dark-predictor-00001', 'dark-predictor-00002']);
    const { spec } = await world.live('dark');
    expect(spec.predictor).toMatchObject({
      canaryTrafficPercent: 0,
      model: { runtime: 'theirs', storageUri: 'test://good/8' },
    });
    expect((await world.serving.list('dark')).map(({ version }) => version)).toEqual(['7', '8']);
    expect((await world.serving.find('dark', '7'))?.name).toBe('dark-predictor-00001');
  });

  test('steps, full traffic, rollback from there, and the promotion that takes the field away', async () => {
    await served('walk', '7', '8');
    for (const step of [5, 50, 100]) {
      await apply('walk', step);
      await loaded('walk');
      expect(await percent('walk')).toBe(step);
    }
    await apply('walk', 0, true);
    await loaded('walk');
    expect(await percent('walk')).toBe(0);
    await apply('walk', 100);
    await router('walk').apply(promoted('walk'));
    await loaded('walk');
    expect(await percent('walk')).toBeUndefined();
  });

  test('after a rollback the next challenger starts from 0 beside the same champion', async () => {
    await served('next', '7', '8');
    await apply('next', 25);
    await loaded('next');
    await apply('next', 0, true);
    await world.serving.stop('next', '8');
    expect(await world.serving.find('next', '8')).toBeUndefined();
    const third = await world.serving.ensure(world.request('next', '9'));
    expect(third.name).toBe('next-predictor-00003');
    expect((await world.serving.find('next', '7'))?.name).toBe('next-predictor-00001');
    expect(await percent('next')).toBe(0);
  });

  test('a new challenger may not slip into the share of another', async () => {
    await served('slip', '7', '8');
    await apply('slip', 25);
    const asked = world.serving.ensure(world.request('slip', '9'));
    await expect(asked).rejects.toEqual(failure('conflict', expect.stringContaining('a rollout is under way')));
  });

  test('only the newest revision can have a share', async () => {
    await served('newest', '7', '8');
    const challenger = { version: '9', url: 'http://nobody.example', percent: 5 };
    await expect(router('newest').apply({ ...world.route('newest', 0), challenger })).rejects.toEqual(
      failure('not-ready', expect.stringContaining('of v8, not of v9')),
    );
    expect(await percent('newest')).toBe(0);
  });

  test('the rest of the traffic must be the champion: another revision rolled out last is refused', async () => {
    await served('third', '7', '8');
    await apply('third', 100);
    await router('third').apply(promoted('third'));
    await loaded('third');
    await world.serving.ensure(world.request('third', '9'));
    const challenger = { version: '9', url: 'http://nobody.example', percent: 5 };
    // v8 was rolled out last, so v7 cannot be the champion of this route.
    await expect(router('third').apply({ ...world.route('third', 0), challenger })).rejects.toEqual(
      failure('foreign-write', expect.stringContaining('third-predictor-00002')),
    );
  });

  test('a foreign share is refused, and a rollback wins', async () => {
    await served('foreign-share', '7', '8');
    await apply('foreign-share', 5);
    await world.patch('foreign-share', [{ op: 'replace', path: '/spec/predictor/canaryTrafficPercent', value: 60 }]);
    await expect(apply('foreign-share', 10)).rejects.toEqual(
      failure('foreign-write', expect.stringContaining('canaryTrafficPercent 60')),
    );
    await apply('foreign-share', 0, true);
    expect(await percent('foreign-share')).toBe(0);
  });

  test.each(['Standard', 'RawDeployment'])(
    'kserve/kserve#5335: canaryTrafficPercent is not written to a service in %s mode, which ignores it without a word',
    async (mode) => {
      const name = `raw-${mode.toLowerCase()}`;
      await world.create(name, { mode });
      const cure = failure(
        'unsupported',
        expect.stringMatching(`deploymentMode: ${mode}.*expected Knative.*traffic.mode: standard`),
      );
      await expect(world.serving.ensure(world.request(name, '8'))).rejects.toEqual(cure);
      await expect(apply(name, 5)).rejects.toEqual(cure);
      await expect(router(name).capabilities()).rejects.toEqual(cure);
      expect(await percent(name)).toBeUndefined();
    },
  );

  test('revisions without addresses of their own are refused with the annotation to set', async () => {
    await world.create('untagged');
    await world.patch('untagged', [
      { op: 'remove', path: '/metadata/annotations/serving.kserve.io~1enable-tag-routing' },
    ]);
    const asked = world.serving.ensure(world.request('untagged', '8'));
    await expect(asked).rejects.toEqual(failure('unsupported', expect.stringContaining('enable-tag-routing: "true"')));
    expect((await world.live('untagged')).spec.predictor.model.storageUri).toBe('test://good/7');
  });

  test('nobody counts per arm here: the router says so with the cure, and a scrape is no evidence', async () => {
    await served('uncounted', '7', '8');
    const { uncounted } = await router('uncounted').capabilities();
    expect(uncounted).toMatch(/no counters per arm.*traffic\.mode: standard/);
    await expect(world.gateway('uncounted').evidence.scrape('uncounted')).rejects.toEqual(
      failure('unsupported', uncounted),
    );
  });
});
