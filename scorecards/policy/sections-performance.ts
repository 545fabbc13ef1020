import { z } from 'zod';
import { FAIRNESS_METRICS, LABELLED_METRICS } from '../performance/metrics.ts';
import { count, share } from './units.ts';

const criterion = z.strictObject({
  name: z.string().min(1).optional(),
  metric: z.enum([...LABELLED_METRICS, ...FAIRNESS_METRICS]),
  by: z.string().min(1).optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
  /** Against the champion's own holdout, in the metric's unit. */
  noWorseBy: z.number().min(0).optional(),
  /** Of `precisionAtK`: rows of a window. */
  k: count.optional(),
  /** Of `precisionAtK`, without `k`: share of the rows; absent: 10 %. */
  top: share.optional(),
});

/** What the champion's logged scores must keep once labels are there. */
export const performance = z.strictObject({
  /** Share of mature rows that must have a label. */
  coverage: share.default(0.5),
  /** Labelled rows of a window. */
  minimum: count.default(500),
  criteria: z.array(criterion).default([{ metric: 'auc', noWorseBy: 0.05 }]),
});

/** A number of the business that should move with the quality of the model. */
export const kpi = z.strictObject({
  name: z.string().min(1),
  column: z.string().min(1),
  of: z.enum(['observations', 'labels']).default('observations'),
  aggregate: z.enum(['mean', 'sum']).default('mean'),
  better: z.enum(['higher', 'lower']).default('higher'),
  /** Relative to the champion's baseline days. */
  worseBy: share.default(0.1),
});
