import type { DriftCriterion } from './verdict.ts';

/** A criterion on the rows of a window and no distance: it names its column, its bounds, and what else is not as usual. */
export const qualityCriterion = (
  own: Pick<DriftCriterion, 'name' | 'metric' | 'column' | 'warn' | 'limit'> & Partial<DriftCriterion>,
): DriftCriterion => ({ kind: 'quality', slice: [], minimum: 0, weight: 1, critical: false, ...own });
