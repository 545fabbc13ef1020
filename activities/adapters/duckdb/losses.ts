import type { CriterionMetric, ScorecardCriterion } from '../../../scorecards/scorecard-schema.ts';
import { doubleLiteral } from './sql-text.ts';

/** The SQL of what a row's score costs against its label `y`; NULL where it cannot be said. */
export type Loss = (score: string) => string;

/** A certain score that is wrong must not cost infinity. */
const CLIP = '1e-15';

const LOSSES: Partial<Record<CriterionMetric, (criterion: ScorecardCriterion) => Loss>> = {
  logLoss: () => (s) =>
    `-(y * ln(least(greatest(${s}, ${CLIP}), 1e0 - ${CLIP})) + (1e0 - y) * ln(1e0 - least(greatest(${s}, ${CLIP}), 1e0 - ${CLIP})))`,
  brier: () => (s) => `(${s} - y) * (${s} - y)`,
  mae: () => (s) => `abs(${s} - y)`,
  rmse: () => (s) => `(${s} - y) * (${s} - y)`,
  // A share of nothing is not a number: rows whose label is 0 do not count, and n says so.
  mape: () => (s) => `CASE WHEN y <> 0 THEN abs(${s} - y) / abs(y) END`,
  // The larger of both products is the one that is not negative; without `quantile` (lint asks for it) half of mae.
  quantileLoss:
    ({ quantile = 0.5 }) =>
    (s) =>
      `greatest(${doubleLiteral(quantile)} * (y - ${s}), (${doubleLiteral(quantile)} - 1e0) * (y - ${s}))`,
  // Not a loss, but its mean is by how much a group is over-rated.
  calibrationGap: () => (s) => `${s} - y`,
};

/** What a criterion takes the mean of, if it does. */
export const lossOf = (criterion: ScorecardCriterion): Loss | undefined => LOSSES[criterion.metric]?.(criterion);
