import type { CountingPlan } from '../../activities/counting.ts';
import { act } from '../../workflows/activity-options.ts';
import { countAll } from '../../workflows/counting.ts';
import { together } from '../../workflows/together.ts';

/** The counting of a run, alone. */
export async function countParts(plan: CountingPlan): Promise<void> {
  await countAll({ act, together }, plan);
}
