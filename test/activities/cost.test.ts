import { expect, test } from '@jest/globals';
import { noteStage, putJson } from '../../activities/context.ts';
import { bookTraining, bookingOf, checkBudget, requestedBy, usageOf } from '../../activities/cost.ts';
import type { EvidenceStore } from '../../activities/ports/evidence-store.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import { firstAttempt } from '../../scorecards/training-attempts.ts';
import type { RunContext } from '../../scorecards/run.ts';
import type { TriggerKind } from '../../scorecards/vocabulary.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { applied } from '../lifecycle/policies.ts';

const PRICES = { prices: { currency: 'EUR', gpuHour: { 'nvidia.com/gpu': 2 }, cpuCoreHour: 0, gibHour: 0 } };
const TWO_HOURS = { runSeconds: 7200, gpuSeconds: 7200 };
const quiet = { trainingBooked: () => undefined };
const training: PolicyInput['spec']['training'] = {
  image: 'train@sha256:1',
  command: ['train'],
  backend: 'kubernetes',
  resources: { gpu: 1 },
};

/** A run that has begun, with a policy of its own. */
async function begin(
  evidence: EvidenceStore,
  receivedAt: string,
  change: Partial<PolicyInput['spec']> = {},
  kind: TriggerKind = 'schedule',
): Promise<RunContext> {
  const context = {
    run: `retrain/m/${receivedAt}`,
    model: 'm',
    asOf: receivedAt,
    folder: '/',
    generation: 1,
    applied: await putJson(evidence, applied('m', '/', { training, ...change })),
    bootstrap: false,
  };
  await noteStage(evidence, context, 'opened', { receivedAt, trigger: { kind } });
  return context;
}

async function withHistory(): Promise<EvidenceStore> {
  const evidence = createMemoryEvidence();
  for (const day of ['2026-10-31', '2026-11-01', '2026-11-08']) {
    const context = await begin(evidence, `${day}T06:00:00.000Z`);
    await bookTraining({ evidence }, PRICES, quiet, { context, job: 'job-1', usage: TWO_HOURS, finished: true });
  }
  return evidence;
}

const check = async (change: Partial<PolicyInput['spec']>, kind?: TriggerKind) => {
  const evidence = await withHistory();
  return checkBudget({ evidence }, PRICES, await begin(evidence, '2026-11-15T06:00:00.000Z', change, kind));
};

test('CO1: the month’s budget counts the runs begun in that month and the one to come', async () => {
  await expect(check({ budget: { month: 11 } })).rejects.toMatchObject({
    code: 'budget-exceeded',
    message:
      'm would be too expensive: projected 12 EUR (8 spent in 2026-11 and 4 for this run, median of the last 3 runs), ' +
      'spec.budget.month allows 11 EUR',
  });
  await expect(check({ budget: { month: 12 } })).resolves.toBeUndefined();
});

test('TN7: training.budget.gpuHours is held against what the last runs used', async () => {
  await expect(check({ training: { ...training, budget: { gpuHours: 1.5 } } })).rejects.toMatchObject({
    code: 'budget-exceeded',
    message: expect.stringContaining(
      '2 GPU hours (median of the last 3 runs), spec.training.budget.gpuHours allows 1.5',
    ),
  });
  await expect(check({ training: { ...training, budget: { gpuHours: 2 } } })).resolves.toBeUndefined();
});

test('CO2: a budget that asks is answered by a person’s own trigger only', async () => {
  const budget = { run: 3, over: 'ask' } as const;
  await expect(check({ budget }, 'check')).rejects.toThrow(/allows 3 EUR; a person may start it all the same$/);
  await expect(check({ budget }, 'retry')).resolves.toBeUndefined();
  await expect(check({ budget: { run: 3 } }, 'retry')).rejects.toThrow(/allows 3 EUR$/);
});

test('CO1: a job is booked and counted once, however often it is tried; another job of the run is booked too', async () => {
  const evidence = createMemoryEvidence();
  const booked: unknown[] = [];
  const telemetry = { trainingBooked: (one: unknown) => void booked.push(one) };
  const context = await begin(evidence, '2026-11-01T06:00:00.000Z');
  const failed = { context, job: 'job-1', usage: TWO_HOURS, finished: false };
  await bookTraining({ evidence }, PRICES, telemetry, failed);
  await bookTraining({ evidence }, PRICES, telemetry, failed);
  const once = { model: 'm', team: 'none', ...TWO_HOURS, cost: { amount: 4, currency: 'EUR' } };
  expect(booked).toEqual([once]);
  await bookTraining({ evidence }, PRICES, telemetry, { ...failed, job: 'job-2' });
  expect(booked).toEqual([once, once]);
  expect((await bookingOf({ evidence }, context, 'job-2'))?.cost).toEqual({ amount: 4, currency: 'EUR' });
});

test('CO2: what earlier jobs of the run have used counts against the budget of the run before another one begins', async () => {
  const evidence = await withHistory();
  const context = await begin(evidence, '2026-11-15T06:00:00.000Z', {
    budget: { run: 7 },
    training: { ...training, budget: { gpuHours: 3.5 } },
  });
  await checkBudget({ evidence }, PRICES, context);
  await bookTraining({ evidence }, PRICES, quiet, { context, job: 'job-1', usage: TWO_HOURS, finished: false });
  await expect(checkBudget({ evidence }, PRICES, context, firstAttempt(1))).rejects.toMatchObject({
    code: 'budget-exceeded',
    message:
      'm would be too expensive: projected 4 GPU hours (median of the last 3 runs, after 4 EUR and 2 GPU hours for 1 ' +
      'earlier job(s) of this run), spec.training.budget.gpuHours allows 3.5; projected 8 EUR (median of the last 3 ' +
      'runs, after 4 EUR and 2 GPU hours for 1 earlier job(s) of this run), spec.budget.run allows 7 EUR',
  });
});

test('CO1: a training that is stopped half-way has cost what it ran until then', () => {
  const { policy } = applied('m', '/', { training: { ...training, resources: { gpu: 2 } } });
  const startedAt = '2026-11-01T06:00:00.000Z';
  const used = usageOf(
    { state: 'running', startedAt, attempt: 1 },
    requestedBy(policy),
    Date.parse(startedAt) + 60_000,
  );
  expect(used).toEqual({ runSeconds: 60, gpuSeconds: 120 });
  expect(usageOf({ state: 'vanished' }, requestedBy(policy), 0)).toBeUndefined();
});

test('CO1: all nodes are paid for, and of several kinds of accelerators the largest', () => {
  const anyOf = [{ count: 1 }, { resource: 'nvidia.com/mig-1g.10gb', count: 4 }];
  const { policy } = applied('m', '/', {
    training: { ...training, nodes: 2, resources: { cpu: 3, memory: '1Gi', gpu: { anyOf } } },
  });
  expect(requestedBy(policy)).toEqual({
    cpuCores: 6,
    memoryBytes: 2 * 1024 ** 3,
    gpus: 8,
    gpuResource: 'nvidia.com/mig-1g.10gb',
  });
  expect(requestedBy(policy, { gpuKind: 0, memory: 2 * 1024 ** 3 })).toEqual({
    cpuCores: 6,
    memoryBytes: 4 * 1024 ** 3,
    gpus: 2,
    gpuResource: 'nvidia.com/gpu',
  });
});
