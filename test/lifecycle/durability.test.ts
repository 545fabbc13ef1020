import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { present } from '../present.ts';
import { createRealWorld } from './real-world.ts';
import type { RealWorld } from './real-world.ts';
import { steadyTraffic } from './steady-traffic.ts';
import type { SteadyTraffic } from './steady-traffic.ts';

const MODEL = 'lasting';
const PER_SECOND = 200;

/** Real servers, processes and traffic; each test is one run and begins with what the last one left. */
describe('a run that outlives what it runs on', () => {
  let world: RealWorld;
  let traffic: SteadyTraffic | undefined;
  const shares = async () => {
    const { champion, challenger, shadow } = present(await world.route());
    return {
      [champion.version]: 100 - (challenger?.percent ?? 0),
      ...(challenger ? { [challenger.version]: challenger.percent } : {}),
      ...(shadow ? { shadow: shadow.percent } : {}),
    };
  };
  const untilWeight = async (percent: number) =>
    eventually(
      async () => (await world.route())?.challenger?.percent,
      (now) => now === percent,
      60_000,
    );

  beforeAll(async () => {
    world = await createRealWorld(MODEL);
    await world.startWorker();
    await world.applyPolicy();
  }, 120_000);
  afterAll(async () => world.close(), 60_000);
  afterEach(async () => {
    await traffic?.stop();
    traffic = undefined;
  });

  test('P5: a worker killed while the trainer works and a registry that is away cost neither a training nor a second version', async () => {
    await world.holdTraining();
    const run = await world.start('bootstrap');
    await eventually(world.trainings, (begun) => begun.length === 1, 30_000);
    world.killWorker();
    await world.startWorker();
    await world.registryLine.off();
    await world.letTrainingGo();
    await world.untilRetrying(run, 'closeTracking');
    await world.registryLine.on();
    await world.decide(run, 'bootstrap');
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '1' });
    expect(await world.trainings()).toHaveLength(1);
    expect(await world.registry.version(MODEL, '2')).toBeUndefined();
    expect(await shares()).toEqual({ 1: 100 });
  }, 120_000);

  test('RB6: a worker killed in the canary and a registry that is away at the end cost neither traffic nor a second promotion', async () => {
    traffic = steadyTraffic(world.url, MODEL, PER_SECOND);
    const run = await world.start();
    await world.decide(run, 'approve');
    await untilWeight(10);
    world.killWorker();
    await world.startWorker();
    await untilWeight(100);
    await world.registryLine.off();
    await world.untilRetrying(run, 'promote');
    expect(await world.champion()).toBe('1');
    await world.registryLine.on();
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '2' });
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '2', previous: '1' });
    expect(await world.registry.version(MODEL, '3')).toBeUndefined();
    expect(await world.trainings()).toHaveLength(2);
    expect(Object.keys(traffic.answers)).toEqual(['200']);
    expect(await shares()).toEqual({ 2: 100 });
    expect((await world.serving.list(MODEL)).map(({ version }) => version)).toEqual(['2']);
  }, 120_000);

  test('CA2: under real traffic a challenger that begins to fail is taken off the stage', async () => {
    traffic = steadyTraffic(world.url, MODEL, PER_SECOND);
    const run = await world.start();
    await world.decide(run, 'approve');
    await untilWeight(10);
    const challenger = present(await world.serving.find(MODEL, '3'));
    await fetch(`${challenger.url}/faults`, { method: 'POST', body: JSON.stringify({ errors: 0.5 }) });
    expect(await world.result(run)).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringMatching(/^harm: .*traffic restored in \d+\.\d s$/),
    });
    expect(await world.champion()).toBe('2');
    expect(await shares()).toEqual({ 2: 100 });
    expect((await world.serving.list(MODEL)).map(({ version }) => version)).toEqual(['2']);
  }, 120_000);

  test('RB6: a gateway that is away when the rollout begins is waited for', async () => {
    traffic = steadyTraffic(world.url, MODEL, PER_SECOND);
    const run = await world.start();
    await world.question(run);
    await world.gateway.kill();
    await world.decide(run, 'approve');
    await world.untilRetrying(`${run}/rollout-1`, 'setRoute');
    await world.gateway.start();
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '4' });
    expect(await shares()).toEqual({ 4: 100 });
  }, 120_000);
});
