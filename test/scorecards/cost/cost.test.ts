import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideBudget } from '../../../scorecards/cost/budget.ts';
import type { Budget } from '../../../scorecards/cost/budget.ts';
import { priceOf } from '../../../scorecards/cost/price.ts';
import type { PriceList, Priced } from '../../../scorecards/cost/price.ts';
import { project } from '../../../scorecards/cost/projection.ts';
import type { PastRun } from '../../../scorecards/cost/projection.ts';

const GIB = 1024 ** 3;
const A100 = 'NVIDIA-A100-SXM4-80GB';
const PRICES: PriceList = {
  currency: 'EUR',
  gpuHour: { [A100]: 4, 'nvidia.com/gpu': 2 },
  cpuCoreHour: 0.05,
  gibHour: 0.01,
};
const ASKED = { cpuCores: 4, memoryBytes: 10 * GIB, gpus: 1, gpuResource: 'nvidia.com/gpu' };
const cpuOnly = { ...PRICES, gpuHour: {} };
const amountOf = (priced: Priced) => ('cost' in priced ? priced.cost.amount : NaN);

describe('the price of a job', () => {
  test.each([
    ['an hour of cores and memory', { runSeconds: 3600, gpuSeconds: 0 }, PRICES, 4 * 0.05 + 10 * 0.01],
    ['an hour of an accelerator by its resource', { runSeconds: 0, gpuSeconds: 3600 }, PRICES, 2],
    ['its model before its resource', { runSeconds: 0, gpuSeconds: 1800, gpuModel: A100 }, PRICES, 2],
    ['an unknown model by its resource', { runSeconds: 0, gpuSeconds: 3600, gpuModel: 'T4' }, PRICES, 2],
    ['all together', { runSeconds: 7200, gpuSeconds: 7200, gpuModel: A100 }, PRICES, 2 * (0.3 + 4)],
    ['nothing used', { runSeconds: 0, gpuSeconds: 0 }, PRICES, 0],
    ['no accelerator used, none priced', { runSeconds: 3600, gpuSeconds: 0 }, cpuOnly, 0.3],
  ])('CO1: is right for %s', (_, usage, prices, amount) => {
    const priced = priceOf(usage, ASKED, prices);
    expect(priced).toEqual({ cost: { amount: expect.closeTo(amount, 12), currency: 'EUR' } });
  });

  test('CO1: an accelerator without a price is named, never counted as free', () => {
    const used = { runSeconds: 60, gpuSeconds: 60, gpuModel: 'T4' };
    expect(priceOf(used, ASKED, cpuOnly)).toEqual({
      unpriced: 'prices.gpuHour of the operator’s settings has no price for T4',
    });
    expect(priceOf(used, ASKED, undefined)).toEqual({ unpriced: 'the operator’s settings have no prices' });
  });

  test('CO1: two jobs cost what one that used both would, and more use is never cheaper', () => {
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
    const use = fc.record({ runSeconds: seconds, gpuSeconds: seconds });
    const amount = (runSeconds: number, gpuSeconds: number) =>
      amountOf(priceOf({ runSeconds, gpuSeconds }, ASKED, PRICES));
    fc.assert(
      fc.property(use, use, (one, other) => {
        const first = amount(one.runSeconds, one.gpuSeconds);
        const both = amount(one.runSeconds + other.runSeconds, one.gpuSeconds + other.gpuSeconds);
        expect(both).toBeCloseTo(first + amount(other.runSeconds, other.gpuSeconds), 6);
        expect(both).toBeGreaterThanOrEqual(first);
      }),
    );
  });
});

const ran = (gpuHours: number, finished = true): PastRun => ({
  usage: { runSeconds: gpuHours * 3600, gpuSeconds: gpuHours * 3600 },
  requested: { ...ASKED, cpuCores: 0, memoryBytes: 0 },
  finished,
});
const planned = { requested: { ...ASKED, cpuCores: 0, memoryBytes: 0, gpus: 2 }, deadlineSeconds: 4 * 3600 };

describe('what the next run will probably use', () => {
  test.each([
    ['one run', [3], 3, 1],
    ['two runs', [1, 3], 2, 2],
    ['a run that hung', [1, 1, 90, 1, 1], 1, 5],
    ['only the last five', [90, 90, 90, 2, 2, 2, 2, 2], 2, 5],
  ])('CO2: is the median of the last finished ones: %s', (_, past, gpuHours, runs) => {
    const projection = project(
      past.map((each) => ran(each)),
      planned,
      PRICES,
    );
    expect(projection).toEqual({ gpuHours, cost: { cost: { amount: gpuHours * 2, currency: 'EUR' } }, runs });
  });

  test('CO2: a run that broke off says nothing', () => {
    expect(project([ran(3), ran(0, false)], planned, PRICES)).toMatchObject({ gpuHours: 3, runs: 1 });
  });

  test('CO2: without any it is the most that the deadline allows', () => {
    const cost = { cost: { amount: 16, currency: 'EUR' } };
    expect(project([ran(1, false)], planned, PRICES)).toEqual({ gpuHours: 8, cost, runs: 0 });
  });

  test('CO2: lies between the cheapest and the dearest run, in whatever order they came', () => {
    const hours = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(hours, (past) => {
        const of = (each: readonly number[]) =>
          project(
            each.map((one) => ran(one)),
            planned,
            PRICES,
          ).gpuHours;
        const projected = of(past);
        expect(projected).toBeGreaterThanOrEqual(Math.min(...past) * (1 - 1e-12));
        expect(projected).toBeLessThanOrEqual(Math.max(...past) * (1 + 1e-12));
        expect(of(past.toReversed())).toBe(projected);
      }),
    );
  });
});

const eur = (amount: number): Priced => ({ cost: { amount, currency: 'EUR' } });
const spent = (amount: number) => ({ month: '2026-11', cost: eur(amount) });
const decide = (budget: Partial<Budget>, gpuHours: number, runs: number, before = 0) =>
  decideBudget({ over: 'refuse', ...budget }, { gpuHours, cost: eur(gpuHours * 2), runs }, spent(before));

describe('a budget', () => {
  test.each([
    { what: 'no limit', budget: {}, use: [99, 5], decision: 'allowed', says: '' },
    {
      what: 'just as much as allowed',
      budget: { gpuHours: 2, run: 4, month: 10 },
      use: [2, 5, 6],
      decision: 'allowed',
      says: 'within spec.budget.run of 4 EUR',
    },
    {
      what: 'too many GPU hours',
      budget: { gpuHours: 2 },
      use: [2.5, 3],
      decision: 'refused',
      says: 'projected 2.5 GPU hours (median of the last 3 runs), spec.training.budget.gpuHours allows 2',
    },
    {
      what: 'too much money',
      budget: { run: 10 },
      use: [6.2, 5],
      decision: 'refused',
      says: 'projected 12.4 EUR (median of the last 5 runs), spec.budget.run allows 10 EUR',
    },
    {
      what: 'too much in one month',
      budget: { month: 400 },
      use: [10, 1, 390],
      decision: 'refused',
      says: 'projected 410 EUR (390 spent in 2026-11 and 20 for this run, as the last run), spec.budget.month allows 400 EUR',
    },
    {
      what: 'too much, and the policy asks',
      budget: { run: 10, over: 'ask' },
      use: [6.2, 5],
      decision: 'ask',
      says: 'projected 12.4 EUR (median of the last 5 runs), spec.budget.run allows 10 EUR',
    },
    {
      what: 'a first run that may take too long',
      budget: { gpuHours: 2 },
      use: [8, 0],
      decision: 'ask',
      says: 'projected 8 GPU hours (no finished run to learn from: the most that training.deadline allows)',
    },
  ] as const)('CO2: $what: $decision', ({ budget, use: [gpuHours, runs, before], decision, says }) => {
    const decided = decide(budget, gpuHours, runs, before);
    expect(decided.decision).toBe(decision);
    expect(decided.sentence).toContain(says);
  });

  test('CO2: what cannot be priced is asked, never allowed', () => {
    const unpriced = { unpriced: 'the operator’s settings have no prices' };
    const projection = { gpuHours: 0, cost: unpriced, runs: 5 };
    const sentence = (field: string) => `${field} cannot be checked: the operator’s settings have no prices`;
    expect(decideBudget({ run: 1, over: 'refuse' }, projection, spent(0))).toEqual({
      decision: 'ask',
      sentence: sentence('spec.budget.run'),
    });
    expect(
      decideBudget({ month: 1, over: 'refuse' }, { ...projection, cost: eur(0) }, { month: '2026-11', cost: unpriced }),
    ).toEqual({ decision: 'ask', sentence: sentence('spec.budget.month') });
  });

  const limit = fc.double({ min: 0.01, max: 100, noNaN: true });
  const use = fc.double({ min: 0, max: 200, noNaN: true });

  test('CO2: allows exactly what exceeds no limit, and refuses only what earlier runs show', () => {
    const limits = fc.record({ gpuHours: limit, month: limit });
    fc.assert(
      fc.property(limits, use, use, fc.nat(5), (budget, projected, before, runs) => {
        const { decision } = decide(budget, projected, runs, before);
        const fits = [projected <= budget.gpuHours, before + projected * 2 <= budget.month].every(Boolean);
        expect(decision === 'allowed').toBe(fits);
        expect(decision === 'refused').toBe([!fits, runs > 0].every(Boolean));
      }),
    );
  });
});
