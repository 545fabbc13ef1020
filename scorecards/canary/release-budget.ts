import type { BothArms, CanaryPlan, ReleaseBudget } from './verdict.ts';

/**
 * Bad answers of the challenger beyond those the champion would have given: bad_c - p · n_c, with p the champion's rate in the same
 * phase, or its frozen one where it had no requests. May be negative; a release adds up its phases before anything is cut off at 0,
 * or chance errors would count as damage.
 */
export function damageOf({ champion, challenger }: BothArms, frozenRate = 0): number {
  const usual = champion.requests > 0 ? champion.bad / champion.requests : frozenRate;
  return challenger.bad - usual * challenger.requests;
}

/** The share of a month's error budget that this much damage is; 0 for none, infinite where the objective allows no error. */
export function spentOf({ availability, monthlyRequests }: ReleaseBudget, damage: number): number {
  if (damage <= 0) return 0;
  return damage / ((1 - availability) * monthlyRequests);
}

/** What the release has spent with this phase; undefined without a budget. A mirror costs users nothing. */
export function releaseSpent(plan: CanaryPlan, seen: BothArms): number | undefined {
  if (plan.budget === undefined || plan.mode === 'shadow') return undefined;
  return spentOf(plan.budget, plan.budget.before + damageOf(seen, plan.frozenRate));
}
