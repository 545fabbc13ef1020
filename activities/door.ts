import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { TriggerAnswer, TriggerRequest } from '../scorecards/trigger.ts';
import { requestRetrainUpdate } from '../workflows/messages.ts';

/** The standing workflow of a model. */
export function watchId(model: string): string {
  return `model/${model}`;
}

export const CONTROL_QUEUE = 'retrain-control';

/** Starts the model's standing workflow unless it runs: schedule, alert and person all come in with this. */
export function watchOperation(model: string, taskQueue = CONTROL_QUEUE) {
  return new WithStartWorkflowOperation('watchModel', {
    workflowId: watchId(model),
    taskQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ model }],
    staticSummary: `${model} · triggers, cooldown, one run at a time`,
  });
}

/** The one door. Answers at once: started, joined, cooling down, suppressed, paused. */
export async function knock(client: Client, model: string, request: TriggerRequest): Promise<TriggerAnswer> {
  return client.workflow.executeUpdateWithStart(requestRetrainUpdate, {
    args: [{ ...request, asOf: new Date(request.asOf).toISOString() }],
    updateId: request.key,
    startWorkflowOperation: watchOperation(model),
  });
}
