import { z } from 'zod';
import { duration } from '../policy/units.ts';

/** Fields of a criterion that is asked of Prometheus. Rules say which metric takes which. */
export const serviceFields = {
  /** PromQL that comes to one number. For `errorBudget` and `burnRate`: the share of bad answers over `$window`. */
  query: z.string().min(1).optional(),
  /** Span that `$window` stands for. */
  window: duration.optional(),
};
