import { describe, expect, test } from '@jest/globals';
import { openPhase, takeLook } from '../../../scorecards/canary/judge.ts';
import { damageOf, spentOf } from '../../../scorecards/canary/release-budget.ts';
import type { CanaryPlan, ReleaseBudget } from '../../../scorecards/canary/verdict.ts';
import { armsOf } from './event-phases.ts';
import { SHADOW, SOAK, START, STEP, lookOf, times, watch } from './phases.ts';

const MONTH_S = 30 * 86_400;
/** 200 requests a second at 99.9 %: 518,400 bad answers a month, 1 % of which a release may cost. */
const BUDGET: ReleaseBudget = { availability: 0.999, monthlyRequests: 200 * MONTH_S, share: 0.01, before: 0 };
/** So unsure of everything that only the budget can stop it. */
const NUMB: CanaryPlan = { ...STEP, alpha: 1e-290, floor: 0.9, ceiling: 1, budget: BUDGET };

describe('N9: the share of a month that a release has spent', () => {
  test.each([
    [5, 60, 0.0012],
    [50, 60, 0.0116],
  ])('at %d %% and total failure for %d s it is %d of the budget', (percent, seconds, expected) => {
    const requests = (percent / 100) * 200 * seconds;
    expect(spentOf(BUDGET, requests)).toBeCloseTo(expected, 4);
  });

  test('errors that the champion has too are no damage, and fewer of them are negative', () => {
    expect(damageOf(armsOf([10, 100, 100, 1000]))).toBe(0);
    expect(damageOf(armsOf([30, 100, 100, 1000]))).toBe(20);
    expect(damageOf(armsOf([0, 100, 100, 1000]))).toBe(-10);
    expect(damageOf(armsOf([30, 100, 0, 0]), 0.2)).toBe(10);
    expect(spentOf(BUDGET, -10)).toBe(0);
  });

  test('an objective that allows no error is overspent by the first', () => {
    expect(spentOf({ ...BUDGET, availability: 1 }, 1)).toBe(Infinity);
  });
});

describe('N9: a release that has spent its budget is rolled back without any statistics', () => {
  const bad = { challenger: [50, 1000], champion: [0, 19_000] } as const;

  test('at the first answer too many', () => {
    // 1 % of 518,400 × 0.001: 5,184 bad answers.
    const looks = times(103, bad);
    expect(watch(NUMB, looks).verdict.word).not.toBe('rollback');
    const { verdict } = watch(NUMB, [...looks, bad]);
    expect(verdict).toMatchObject({ word: 'rollback', event: 'release-budget' });
    expect(verdict.reason).toBe(
      "the release has spent 1.0 % of a month's error budget, at most 1.0 % is allowed: errors 5.0 % against 0 % (5,200 of 104,000)",
    );
  });

  test('what earlier phases cost counts', () => {
    const later = { ...NUMB, budget: { ...BUDGET, before: 5150 } };
    expect(watch(later, [bad]).verdict).toMatchObject({ word: 'rollback', event: 'release-budget' });
  });

  test('damage is summed before it is cut off, so chance errors of quiet looks do not add up', () => {
    const unlucky = { challenger: [2, 50], champion: [19, 950] } as const;
    const lucky = { challenger: [0, 50], champion: [19, 950] } as const;
    const small = { ...NUMB, budget: { ...BUDGET, monthlyRequests: 1e6 } };
    expect(watch(small, times(100, [lucky, unlucky]).flat()).verdict.word).toBe('clear');
    expect(watch(small, times(11, unlucky)).verdict).toMatchObject({ word: 'rollback', event: 'release-budget' });
  });

  test('at 100 % the frozen rate of the champion is what it would have given', () => {
    const soak = { ...NUMB, ...SOAK, alpha: NUMB.alpha, floor: 0.9, frozenRate: 0.05, budget: BUDGET };
    const alone = { challenger: [50, 1000], champion: [0, 0] } as const;
    expect(watch(soak, times(8, alone)).verdict.word).toBe('wait');
    expect(watch({ ...soak, frozenRate: 0, budget: { ...BUDGET, before: 5000 } }, times(8, alone)).verdict.word).toBe(
      'rollback',
    );
  });

  test('a mirror costs nothing', () => {
    const { verdict } = takeLook(
      { ...SHADOW, alpha: NUMB.alpha, budget: { ...BUDGET, before: 1e9 } },
      openPhase(SHADOW, START),
      lookOf(bad, 0),
    );
    expect(verdict.word).not.toBe('rollback');
  });
});
