import type { Priced } from './price.ts';
import type { Projection } from './projection.ts';

/** What a policy allows; absent: no limit. */
export interface Budget {
  /** `training.budget.gpuHours`: accelerators × hours of one run. */
  readonly gpuHours?: number | undefined;
  /** `spec.budget.run` and `spec.budget.month`, in the currency of the operator's prices. */
  readonly run?: number | undefined;
  readonly month?: number | undefined;
  /** Whether a person may go beyond what is projected to be too much, or nobody. */
  readonly over: 'refuse' | 'ask';
}

export interface BudgetDecision {
  /** `ask`: only a person's own trigger goes on. */
  readonly decision: 'allowed' | 'ask' | 'refused';
  /** What was held against what. */
  readonly sentence: string;
}

/** What the model's runs of one calendar month (UTC, by their begin) have cost. */
export interface Spent {
  /** `2026-11`. */
  readonly month: string;
  readonly cost: Priced;
  /** Of it what earlier Jobs of the run at hand have used: they failed, but they count. */
  readonly ofRun?: { readonly gpuHours: number; readonly cost: Priced; readonly jobs: number };
}

/**
 * Holds a projection against a budget, before anything is spent. Too much by what earlier runs used: `over` of the budget
 * decides. What nobody can tell yet (no earlier run and a deadline that would allow too much, or a price that is missing)
 * is for a person to answer, and never silently allowed.
 */
export function decideBudget(budget: Budget, projection: Projection, spent: Spent): BudgetDecision {
  const checks = [
    gpuHoursOf(budget, projection, spent),
    moneyOf('spec.budget.run', budget.run, ofWholeRun(spent, projection), basis(projection) + afterJobs(spent)),
    moneyOf('spec.budget.month', budget.month, together(spent.cost, projection.cost), inMonth(spent, projection)),
  ].filter((check) => check !== undefined);
  const broken = checks.filter(({ state }) => state !== 'within');
  if (broken.length === 0) return { decision: 'allowed', sentence: checks.map(({ says }) => says).join('; ') };
  const sure = projection.runs > 0 && broken.some(({ state }) => state === 'over');
  const decision = sure && budget.over === 'refuse' ? 'refused' : 'ask';
  return { decision, sentence: broken.map(({ says }) => says).join('; ') };
}

interface Check {
  readonly state: 'within' | 'over' | 'unknown';
  readonly says: string;
}

function gpuHoursOf({ gpuHours }: Budget, projection: Projection, spent: Spent): Check | undefined {
  if (gpuHours === undefined) return undefined;
  const whole = projection.gpuHours + (spent.ofRun?.gpuHours ?? 0);
  const projected = `${round(whole)} GPU hours (${basis(projection)}${afterJobs(spent)})`;
  return held('spec.training.budget.gpuHours', whole, gpuHours, [projected, `${gpuHours}`]);
}

function ofWholeRun({ ofRun }: Spent, { cost }: Projection): Priced {
  return ofRun === undefined ? cost : together(ofRun.cost, cost);
}

function afterJobs({ ofRun }: Spent): string {
  if (ofRun === undefined || ofRun.jobs === 0) return '';
  const what = 'cost' in ofRun.cost ? `${round(ofRun.cost.cost.amount)} ${ofRun.cost.cost.currency}` : 'an unknown sum';
  return `, after ${what} and ${round(ofRun.gpuHours)} GPU hours for ${ofRun.jobs} earlier job(s) of this run`;
}

function moneyOf(field: string, limit: number | undefined, priced: Priced, how: string): Check | undefined {
  if (limit === undefined) return undefined;
  if ('unpriced' in priced) return { state: 'unknown', says: `${field} cannot be checked: ${priced.unpriced}` };
  const { amount, currency } = priced.cost;
  return held(field, amount, limit, [`${round(amount)} ${currency} (${how})`, `${limit} ${currency}`]);
}

function held(field: string, value: number, limit: number, [projected, allowed]: [string, string]): Check {
  if (value <= limit) return { state: 'within', says: `projected ${projected}, within ${field} of ${allowed}` };
  return { state: 'over', says: `projected ${projected}, ${field} allows ${allowed}` };
}

function together(spent: Priced, projected: Priced): Priced {
  if ('unpriced' in spent) return spent;
  if ('unpriced' in projected) return projected;
  const { amount, currency } = projected.cost;
  return { cost: { amount: spent.cost.amount + amount, currency } };
}

function inMonth({ month, cost }: Spent, projection: Projection): string {
  const before = 'cost' in cost ? round(cost.cost.amount) : '?';
  const next = 'cost' in projection.cost ? round(projection.cost.cost.amount) : '?';
  return `${before} spent in ${month} and ${next} for this run, ${basis(projection)}`;
}

function basis({ runs }: Projection): string {
  if (runs === 0) return 'no finished run to learn from: the most that training.deadline allows';
  return runs === 1 ? 'as the last run' : `median of the last ${runs} runs`;
}

/** Two decimals, or as many as a small number needs to be seen. */
function round(value: number): string {
  if (value !== 0 && value < 0.01) return value.toPrecision(2);
  return `${Math.round(value * 100) / 100}`;
}
