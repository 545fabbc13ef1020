import { isDistance, measureDrift } from './measure.ts';
import { sidesOn } from './sides.ts';
import type { Grid, Sketch } from './sketch.ts';
import type { DriftCriterion } from './verdict.ts';

/** How far single days lay from the whole baseline that they are part of. */
export interface DayToDay {
  readonly mean: number;
  /** Standard deviation over the days. */
  readonly sd: number;
  readonly days: number;
}

/** A deviation from fewer days is noise. */
export const LEAST_DAYS = 8;
const DEVIATIONS = 3;
/** Bounds are shown with these decimals, so they have no more. */
const DECIMALS = 4;

/** What the baseline's own days teach of each criterion, by its name: one entry where there are enough days. */
export function dayToDay(distances: ReadonlyMap<string, readonly number[]>): Readonly<Record<string, DayToDay>> {
  const taught = [...distances].flatMap(([name, values]): [string, DayToDay][] => {
    const days = values.length;
    if (days < LEAST_DAYS) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / days;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return [[name, { mean, sd: Math.sqrt(squares / (days - 1)), days }]];
  });
  return Object.fromEntries(taught);
}

/** The distances of one day from the whole baseline, by criterion; a day with too few rows has none. */
export function distancesOfDay(
  criteria: readonly DriftCriterion[],
  of: {
    readonly grids: readonly Grid[];
    readonly baseline: Readonly<Record<string, Sketch>>;
    readonly day: ReadonlyMap<string, Sketch>;
  },
): readonly (readonly [string, number])[] {
  return criteria.flatMap(({ column, metric, minimum, name }) => {
    const grid = of.grids.find(({ feature }) => feature === column);
    const [baseline, current] = [of.baseline[column], of.day.get(column)];
    if (!grid || !baseline || !current || current.rows < Math.max(1, minimum) || !isDistance(metric)) return [];
    const measured = measureDrift(metric, sidesOn(grid, baseline, current), 1);
    return measured ? [[name, measured.value] as const] : [];
  });
}

/**
 * A criterion whose bounds are no narrower than what is usual: mean + 3 standard deviations of the baseline's days. Never below
 * the bounds that it had.
 */
export function widened(criterion: DriftCriterion, usual: DayToDay | undefined): DriftCriterion {
  if (!usual) return criterion;
  const bound = Number((usual.mean + DEVIATIONS * usual.sd).toFixed(DECIMALS));
  const [warn, limit] = [Math.max(criterion.warn, bound), Math.max(criterion.limit, bound)];
  return limit > criterion.limit ? { ...criterion, warn, limit, learnedFrom: usual.days } : { ...criterion, warn };
}
