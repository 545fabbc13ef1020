import { workflowInfo } from '@temporalio/workflow';
import type { TriggerAnswer, TriggerRequest } from '../scorecards/trigger.ts';
import { act } from './activity-options.ts';

/**
 * What a Schedule starts: it knocks on the door and is done. The data time is the moment the Schedule was for, not the moment
 * it was carried out, so a late or backfilled start asks about the right data.
 */
export async function triggerRetraining(input: {
  readonly model: string;
  readonly kind: 'check' | 'schedule';
}): Promise<TriggerAnswer> {
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
  const scheduled = typedSearchAttributes
    .getAll()
    .find((pair) => pair.key.name === 'TemporalScheduledStartTime')?.value;
  const asOf = (scheduled instanceof Date ? scheduled : startTime).toISOString();
  const request: TriggerRequest = { kind: input.kind, key: workflowId, asOf, by: 'system:schedule' };
  return act(`knock: ${input.kind} as of ${asOf}`).knockOnDoor({ model: input.model, request });
}
