import type { Baseline } from '../scorecards/drift/baseline.ts';
import { driftCriteria } from '../scorecards/drift/criteria.ts';
import { dayToDay, distancesOfDay } from '../scorecards/drift/learned.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import { featuresOf } from '../scorecards/features.ts';
import type { Ports } from './context.ts';
import type { Work } from './ports/data-store.ts';
import { sketchDay } from './sketching.ts';
import type { DaysOfGrids } from './sketching.ts';

/**
 * How far the days of a baseline usually lie from the whole of it, where the policy asks for bounds that know it; else nothing.
 * Reads days that were counted for the baseline.
 */
export async function learnBounds(
  ports: Pick<Ports, 'data' | 'evidence'>,
  {
    policy,
    baseline,
    days,
    time,
  }: Pick<DaysOfGrids, 'days' | 'time'> & {
    readonly policy: Policy;
    readonly baseline: Pick<Baseline, 'columns' | 'grids' | 'sketches'>;
  },
  work: Work,
): Promise<Pick<Baseline, 'learned'>> {
  if (policy.spec.drift.learned !== true) return {};
  const { columns, grids, sketches } = baseline;
  const criteria = driftCriteria(policy.spec, { features: featuresOf(policy, columns) });
  const distances = new Map<string, number[]>();
  for (const [index, day] of days.entries()) {
    work.progress('learning bounds, day', index, days.length);
    const counted = await sketchDay(ports, { day, grids, time }, work);
    for (const [name, value] of distancesOfDay(criteria, { grids, baseline: sketches, day: counted }))
      distances.set(name, [...(distances.get(name) ?? []), value]);
  }
  return { learned: dayToDay(distances) };
}
