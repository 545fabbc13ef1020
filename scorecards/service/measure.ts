import { exactly, missing } from '../candidate/measurement.ts';
import type { CriterionMeasurement } from '../candidate/measurement.ts';
import { counted } from '../counted.ts';
import type { Policy } from '../policy/schema.ts';
import { formatDuration } from '../policy/units.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { windowOf } from './questions.ts';

/**
 * How many times faster than allowed a budget is spent: share of bad answers / (1 − availability). 1 spends it in just the
 * SLO's window, 14.4 over an hour 2 % of 30 days. Without bad answers 0. The Site Reliability Workbook, chapter 5.
 */
export const burnRate = (badShare: number, availability: number): number => badShare / (1 - availability);

/** Share of the budget that is left after the SLO's window: 1 − burn rate over it. Below 0 it is overspent. */
export const budgetLeft = (badShare: number, availability: number): number => 1 - burnRate(badShare, availability);

/** What was answered to the questions of a criterion. A text is why there is no number. */
export interface ServiceAnswers {
  readonly value?: number | string;
  readonly counted?: { readonly answers: number | string; readonly bad: number | string };
  /** How many alerting rules there are; absent: nobody had to ask. */
  readonly alertRules?: number;
}

/** What a criterion of the live service is measured by. `at` is when it was asked, `availability` that of the SLO. */
export interface ServiceCase {
  readonly criterion: ScorecardCriterion;
  readonly policy: Policy;
  readonly availability: number;
  readonly at: string;
}

/**
 * One number of the live service, without an interval. What was not answered is missing with its why; what rests on fewer
 * answers than `minimum` is there, but not enough to judge by.
 */
export function measureService(about: ServiceCase, answers: ServiceAnswers): CriterionMeasurement {
  const { at, criterion } = about;
  if (answers.counted !== undefined) return measureCounted(about, answers.counted);
  const { alertRules, value } = answers;
  if (value === undefined) return missing(criterion, 'nothing was asked');
  if (typeof value === 'string') return missing(criterion, value);
  if (alertRules === 0 && value === 0)
    return missing(criterion, 'no alerting rule is evaluated, so that nothing could have fired');
  const found = criterion.metric === 'errorBudget' || criterion.metric === 'burnRate' ? spent(about, value) : value;
  if (typeof found === 'string') return missing(criterion, found);
  const point = `one number of the live service, asked at ${at}`;
  return { criterion: criterion.name, slice: null, n: 1, challenger: exactly(found), point };
}

function measureCounted(about: ServiceCase, { answers, bad }: NonNullable<ServiceAnswers['counted']>) {
  const { at, criterion, policy } = about;
  if (typeof answers === 'string') return missing(criterion, answers);
  if (typeof bad === 'string') return missing(criterion, bad);
  const span = formatDuration(windowOf(criterion, policy) ?? 0);
  if (answers <= 0) return missing(criterion, `the live service was asked nothing within ${span}`);
  const found = spent(about, bad / answers);
  if (typeof found === 'string') return missing(criterion, found);
  const n = Math.round(answers);
  const point = `${counted(bad)} bad of ${counted(n)} answers within ${span}, asked at ${at}`;
  const measured = { criterion: criterion.name, slice: null, n, challenger: exactly(found), point };
  if (n >= criterion.minimum) return measured;
  return {
    ...measured,
    tooFew: `rests on ${counted(n)} answers within ${span}, ${counted(criterion.minimum)} are needed`,
  };
}

/** What a share of bad answers does to the budget, or why it does nothing. */
function spent({ availability, criterion }: ServiceCase, badShare: number): number | string {
  if (badShare < 0 || badShare > 1)
    return `the query came to ${badShare}, expected the share of bad answers, from 0 to 1`;
  if (availability >= 1) return 'an availability of 100 % leaves no budget to spend';
  return criterion.metric === 'burnRate' ? burnRate(badShare, availability) : budgetLeft(badShare, availability);
}
