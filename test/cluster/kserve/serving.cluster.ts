import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { servingContract } from '../../contracts/serving.ts';
import { until } from '../../traffic.ts';
import { failure } from './hands.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

const MODELS = ['one', 'adopted', 'crowd', 'pair', 'pair-other', 'mortal', 'ending', 'dying', 'slow', 'liar'];

servingContract('kserve (standard)', async () => {
  const world = await makeWorld('standard');
  for (const name of MODELS) await world.create(name);
  const { controller, serving } = world;
  return {
    serving: {
      ...serving,
      // A kubelet starts a container that ended anew after a while: here, when somebody asks for it.
      ensure: async (request) => {
        controller.down.clear();
        return serving.ensure(request);
      },
    },
    request: (kind, { model, version }) =>
      world.request(model, version, {
        uri: `test://${kind}/${version}`,
        readyWithinMs: kind === 'good' ? 20_000 : 2000,
      }),
    crash: async ({ name }) => {
      controller.down.add(name);
      await until(`${name} is down`, async () => !controller.servers.has(name));
      await until('KServe has seen it', async () => controller.isReported(name, false));
    },
    instance: async ({ name }) => controller.servers.get(name)?.instance ?? '',
    stop: world.stop,
  };
});

describe('a server as a predictor of an InferenceService in Standard mode', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld('standard');
  });
  afterAll(async () => world.stop());
  const canaries = async (name: string) =>
    ((await world.live(name)).spec.canary ?? []).map(({ trafficPercent, predictor }) => [
      predictor.name,
      trafficPercent,
    ]);

  test('a challenger is the champion with another model, at 0 percent, and nobody else is changed', async () => {
    await world.create('derived');
    const before = await world.live('derived');
    const server = await world.serving.ensure(world.request('derived', '8'));
    const after = await world.live('derived');
    expect(after.spec.canary).toEqual([
      {
        trafficPercent: 0,
        predictor: {
          name: 'v8',
          minReplicas: 2,
          model: { ...before.spec.predictor.model, storageUri: 'test://good/8' },
        },
      },
    ]);
    expect(after.spec.predictor).toEqual({ ...before.spec.predictor, minReplicas: 4 });
    expect(after.metadata.annotations).toMatchObject(before.metadata.annotations);
    expect(server.name).toBe('derived-v8-predictor');
    expect(server.url).toMatch(new RegExp(`^http://derived-v8-predictor\\.${world.namespace}\\.svc:\\d+$`));
  });

  test('PR4: the champion is pinned at full size while a challenger is there, and is its own size again afterwards', async () => {
    const model = { modelFormat: { name: 'sklearn' }, storageUri: 'test://good/7' };
    await world.create('pinned', { predictor: { name: 'v7', minReplicas: 3, maxReplicas: 4, model } });
    await world.serving.ensure(world.request('pinned', '8'));
    // KServe takes the 3 of the ready canary off the 6: 3 are left.
    expect((await world.live('pinned')).spec.predictor).toMatchObject({ minReplicas: 6, maxReplicas: 6 });
    await world.serving.stop('pinned', '8');
    const { spec } = await world.live('pinned');
    expect(spec.predictor).toMatchObject({ minReplicas: 3, maxReplicas: 4 });
    expect(spec.canary).toBeUndefined();
  });

  test('a champion whose size nobody named is of one pod, and has no size again afterwards', async () => {
    const model = { modelFormat: { name: 'sklearn' }, storageUri: 'test://good/7' };
    await world.create('sizeless', { predictor: { name: 'v7', model } });
    await world.serving.ensure(world.request('sizeless', '8'));
    expect((await world.live('sizeless')).spec.predictor.minReplicas).toBe(2);
    await world.serving.stop('sizeless', '8');
    expect((await world.live('sizeless')).spec.predictor).toEqual({ name: 'v7', model });
  });

  test.each(['Serverless', 'Knative'])(
    'spec.canary is not written to a service in %s mode: it would be refused, or ignored',
    async (mode) => {
      const name = `mismatch-${mode.toLowerCase()}`;
      await world.create(name, { mode });
      const asked = world.serving.ensure(world.request(name, '8'));
      await expect(asked).rejects.toEqual(failure('unsupported', expect.stringContaining(`deploymentMode: ${mode}`)));
      await expect(asked).rejects.toThrow(/expected Standard \(RawDeployment\).*traffic\.mode: knative/);
      expect((await world.live(name)).spec.canary).toBeUndefined();
    },
  );

  test('the old name of the mode is the same mode', async () => {
    await world.create('raw', { mode: 'RawDeployment' });
    await world.serving.ensure(world.request('raw', '8'));
    expect(await canaries('raw')).toEqual([['v8', 0]]);
  });

  test('an InferenceService that is not there is told with what to create', async () => {
    const asked = world.serving.ensure(world.request('absent', '8'));
    await expect(asked).rejects.toEqual(failure('not-found', expect.stringContaining(`${world.namespace}/absent`)));
  });

  test('a champion that is a container of its own has no canary in KServe, and nothing is written', async () => {
    await world.create('custom', {
      predictor: { name: 'v7', containers: [{ name: 'kserve-container', image: 'theirs' }] },
    });
    const asked = world.serving.ensure(world.request('custom', '8'));
    await expect(asked).rejects.toEqual(failure('unsupported', expect.stringContaining('no spec.predictor.model')));
  });

  test('a version never changes its model, and two versions are never one model', async () => {
    await world.create('fixed');
    await world.serving.ensure(world.request('fixed', '8'));
    const changed = world.serving.ensure(world.request('fixed', '8', { uri: 'test://good/other' }));
    await expect(changed).rejects.toEqual(failure('conflict', expect.stringContaining('never changes its model')));
    const same = world.serving.ensure(world.request('fixed', '9', { uri: 'test://good/7' }));
    await expect(same).rejects.toEqual(failure('conflict', expect.stringContaining('set spec.predictor.name to v9')));
  });

  test('while somebody else changes who answers, no challenger is added', async () => {
    await world.create('edited');
    await world.serving.ensure(world.request('edited', '8'));
    await world.patch('edited', [{ op: 'replace', path: '/spec/canary/0/trafficPercent', value: 30 }]);
    const asked = world.serving.ensure(world.request('edited', '9'));
    await expect(asked).rejects.toEqual(
      failure('foreign-write', expect.stringContaining('v8 of test://good/8 at 30 %')),
    );
    expect((await world.serving.ensure(world.request('edited', '8'))).version).toBe('8');
  });

  test('a server with traffic is not stopped', async () => {
    await world.create('busy');
    await world.serving.ensure(world.request('busy', '8'));
    await world.gateway('busy').router.apply(world.route('busy', 5));
    await expect(world.serving.stop('busy', '8')).rejects.toEqual(failure('conflict', expect.stringContaining('5 %')));
    expect(await canaries('busy')).toEqual([['v8', 5]]);
  });

  test("another model's InferenceService is not taken", async () => {
    await world.create('shared');
    await world.serving.ensure(world.request('shared', '8'));
    const asked = world.serving.ensure({ ...world.request('shared', '9'), model: 'stranger' });
    await expect(asked).rejects.toEqual(failure('conflict', expect.stringContaining('of its own')));
  });

  test('a version that cannot be part of a name, and a name that would be too long, are refused', async () => {
    await world.create('named');
    const odd = world.serving.ensure(world.request('named', 'V_8'));
    await expect(odd).rejects.toEqual(failure('bad-request', expect.stringContaining('"V_8"')));
    const long = world.serving.ensure(world.request('n'.repeat(51), '8'));
    await expect(long).rejects.toEqual(failure('bad-request', expect.stringContaining('shorter name')));
  });
});
