import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import { hashEnvironment } from '../../activities/environment.ts';
import type { ComputeUse, TrainingBackend } from '../../activities/ports/training-backend.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { present } from '../present.ts';
import { daysFrom, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'costly';
const AS_OF = '2001-01-10T06:00:00Z';
const A100 = 'NVIDIA-A100-SXM4-80GB';
const PRICES = { currency: 'EUR', gpuHour: { [A100]: 2 }, cpuCoreHour: 0, gibHour: 0 };
const USE: ComputeUse = {
  backend: 'process',
  jobUid: 'uid-1',
  pods: ['pod-0'],
  nodes: ['gpu-1'],
  queueSeconds: 60,
  runSeconds: 3600,
  gpuSeconds: 7200,
  evictions: 1,
  suspensions: 0,
  gpuModel: A100,
  gpuDriver: '550.90',
};

/** The scripted trainer on a machine with two accelerators that it used for an hour. */
function onAccelerators(training: TrainingBackend): TrainingBackend {
  return {
    ...training,
    inspect: async (name) => {
      const state = await training.inspect(name);
      return state.state === 'succeeded' || state.state === 'failed' ? { ...state, compute: USE } : state;
    },
  };
}

describe('what trainings cost', () => {
  let world: World;
  const play = async (kind: 'manual' | 'bootstrap' | 'schedule') => world.newRun(MODEL, AS_OF, kind);
  const trainings = () => world.training.started.filter((job) => job.spec.mode === 'train').length;
  const metric = async (name: string) =>
    (await world.telemetry.registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`));

  beforeAll(async () => {
    world = await createWorld((ports) => ({ ...ports, training: onAccelerators(ports.training) }), { prices: PRICES });
    await writeDays(world.folder, daysFrom('2001-01-01', 10, 200));
    await world.apply(applied(MODEL, world.folder, { budget: { run: 5, month: 100 } }));
    const run = await play('bootstrap');
    await world.decide(run, 'bootstrap');
    await world.result(run);
  }, 60_000);
  afterAll(() => world.close());

  test('CO1, RP6: is in the run record, and the accelerator and its driver are part of the environment hash', async () => {
    const { tags } = present(await world.registry.version(MODEL, '1'));
    const ref = JSON.parse(present(tags['understudy.record'])) as EvidenceRef;
    const { compute, environment } = await getJson<RunRecord>(world.evidence, ref);
    const { backend, gpuDriver, ...measured } = USE;
    expect(compute).toMatchObject({
      ...measured,
      backend,
      driver: gpuDriver,
      costEstimate: { amount: 4, currency: 'EUR' },
    });
    const { hash, ...inputs } = present(environment);
    expect(inputs).toMatchObject({ gpuModel: A100, driver: '550.90' });
    expect(hashEnvironment(inputs).hash).toBe(hash);
    expect(hashEnvironment({ ...inputs, driver: '560.10' }).hash).not.toBe(hash);
    expect(hashEnvironment({ ...inputs, gpuModel: 'NVIDIA-L4' }).hash).not.toBe(hash);
  });

  test('CO1: is a metric by model and team', async () => {
    const labels = `model="${MODEL}",team="none"`;
    expect(await metric('understudy_training_gpu_seconds_total')).toEqual([
      `understudy_training_gpu_seconds_total{${labels}} 7200`,
    ]);
    expect(await metric('understudy_training_cost_total')).toEqual([
      `understudy_training_cost_total{${labels},currency="EUR"} 4`,
    ]);
  });

  test.each([
    ['CO2: above the budget of a run', { run: 3 }, 'projected 4 EUR (as the last run), spec.budget.run allows 3 EUR'],
    ['CO1: above the budget of a month', { month: 3 }, 'spec.budget.month allows 3 EUR'],
  ])('%s nothing is trained, and the run says in numbers why', async (_, budget, reason) => {
    const before = trainings();
    await world.apply(applied(MODEL, world.folder, { budget }));
    expect(await world.result(await play('manual'))).toMatchObject({
      outcome: 'blocked',
      stage: 'training',
      reason: expect.stringMatching(/^BudgetExceeded: costly would be too expensive: .* · next: raise the budget/),
    });
    expect((await world.watch(MODEL).describe()).status.name).toBe('RUNNING');
    expect(await reasonOfLast()).toContain(reason);
    expect(trainings()).toBe(before);
  });

  test('CO2: a budget that asks lets a person’s run go on, and a training that fails is paid for too', async () => {
    const before = trainings();
    await world.apply(applied(MODEL, world.folder, { budget: { run: 3, over: 'ask' } }));
    expect(await world.result(await play('schedule'))).toMatchObject({ outcome: 'blocked', stage: 'training' });
    expect(trainings()).toBe(before);
    world.script.training = () => ({ does: 'ends', exitCode: 65 });
    expect(await world.result(await play('manual'))).toMatchObject({
      reason: expect.stringMatching(/^TrainerData: /),
    });
    expect(trainings()).toBe(before + 1);
    expect(await metric('understudy_training_cost_total')).toEqual([expect.stringMatching(/ 8$/)]);
  });

  async function reasonOfLast(): Promise<string> {
    return present((await world.decisions(MODEL)).at(-1)).reason;
  }
});
