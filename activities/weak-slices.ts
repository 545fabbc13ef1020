import { lossOf, SEARCH } from '../scorecards/candidate/weak-cell.ts';
import { weakestSlices } from '../scorecards/candidate/weakest-slices.ts';
import type { WeakSlices } from '../scorecards/candidate/weakest-slices.ts';
import { isAcrossSlices } from '../scorecards/statistics/group-gaps.ts';
import { sliceColumns } from '../scorecards/slice-cap.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import { beating } from './context.ts';
import type { Ports } from './context.ts';
import type { HoldoutMeasurements } from './ports/data-store.ts';
import type { WeakCellsRequest } from './ports/weak-cells.ts';

/** Searches the slice columns of the policy for what no criterion looks at; undefined where the policy names none. */
export async function findWeakSlices(
  ports: Pick<Ports, 'data'>,
  { policy, scorecard }: Pick<AppliedPolicy, 'policy' | 'scorecard'>,
  files: Pick<WeakCellsRequest, 'challenger' | 'champion' | 'columns' | 'holdout' | 'labels'>,
  { operatingPoint }: Pick<HoldoutMeasurements, 'operatingPoint'>,
): Promise<WeakSlices | undefined> {
  const by = policy.spec.data.slices;
  if (by.length === 0) return undefined;
  const request = { ...files, by, loss: lossOf(scorecard, operatingPoint), search: SEARCH };
  const found = await beating((work) => ports.data.weakCells(request, work));
  const declared = sliceColumns(scorecard.spec.criteria.filter((criterion) => !isAcrossSlices(criterion)));
  return weakestSlices(found, declared);
}
