import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { RunResult } from '../scorecards/run.ts';
import type { DecisionRecord, TriggerAnswer, TriggerRequest } from '../scorecards/trigger.ts';
import { putJson } from './context.ts';
import type { Ports } from './context.ts';
import { knock } from './door.ts';
import type { Telemetry } from './telemetry.ts';

/** What is known of a run that has not said how it ended. */
export type RunProbe =
  | { readonly state: 'running' }
  | { readonly state: 'gone'; readonly why: string; readonly result?: RunResult };

export function createTrigger(ports: Pick<Ports, 'evidence' | 'notifier'>, telemetry: Telemetry) {
  return {
    /** The door, for schedules. */
    async knockOnDoor(input: { readonly model: string; readonly request: TriggerRequest }): Promise<TriggerAnswer> {
      return knock(getClient(), input.model, input.request);
    },

    /** Writes one trigger's decision; the same one twice is one. */
    async recordDecision(input: { readonly record: DecisionRecord }): Promise<void> {
      const { record } = input;
      const key = `decisions/${record.model}/${record.receivedAt.replaceAll(/[^0-9TZ]/g, '')}-${safe(record.trigger.key)}-${record.decision}`;
      await ports.evidence.remember(key, await putJson(ports.evidence, record));
      telemetry.triggerDecided(record);
    },

    /** Nobody looked whether the model's data drift. One incident for each moment that passed. */
    async tellMissedCheck(input: {
      readonly model: string;
      readonly due: string;
      readonly lastAt?: string;
    }): Promise<void> {
      const { due, lastAt, model } = input;
      const last = lastAt === undefined ? 'There has been none so far.' : `The last one came at ${lastAt}.`;
      await ports.notifier.notify({
        key: `understudy:${model}:missed-check:${due}`,
        severity: 'ticket',
        model,
        title: `${model}: no drift check since ${due}`,
        text: `triggers.check asks for one at ${due}, and none came. ${last} Is its schedule paused?\nunderstudy status ${model}`,
      });
    },

    /** Asks Temporal about a run that is silent. */
    async probeRun(input: { readonly run: string }): Promise<RunProbe> {
      const handle = getClient().workflow.getHandle(input.run);
      try {
        const { status } = await handle.describe();
        if (status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW') return { state: 'running' };
        if (status.name === 'COMPLETED')
          return {
            state: 'gone',
            why: 'it ended without telling its model',
            result: (await handle.result()) as RunResult,
          };
        return { state: 'gone', why: `the workflow is ${status.name}` };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { state: 'gone', why: 'Temporal knows no such workflow' };
        throw error;
      }
    },
  };
}

function safe(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 80);
}
