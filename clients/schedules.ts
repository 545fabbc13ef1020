import { ScheduleNotFoundError } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { CONTROL_QUEUE } from '../activities/door.ts';
import { shortestPeriodMs } from '../scorecards/policy/cron-period.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import { CliFailure, EXIT } from './failure.ts';
import { digestOf } from './policy-file.ts';

export type Reconciled = 'created' | 'changed' | 'deleted' | 'unchanged';

export interface ScheduleState {
  readonly id: string;
  /** When it fires next, ISO; absent when it is paused, deleted, or only planned. */
  readonly next?: string;
  readonly paused?: { readonly note: string };
}

export interface ScheduleChange extends ScheduleState {
  readonly change: Reconciled;
  /** What it does, for people. */
  readonly what: string;
}

interface ReconcileOptions {
  readonly taskQueue?: string;
  /** Only says what would be done. */
  readonly dryRun?: boolean;
  /** New Schedules begin paused with this note. */
  readonly paused?: string;
}

type Wanted = Pick<ScheduleOptions, 'spec' | 'policies'> & {
  readonly id: string;
  readonly kind: 'check' | 'schedule';
  readonly what: string;
};

const OWNER = 'understudy.owner';
const MODEL = defineSearchAttributeKey('RetrainModel', 'KEYWORD');
const TEAM = defineSearchAttributeKey('RetrainTeam', 'KEYWORD');
/** A missed start that is older than this is not made up for; at most half the period. */
const CATCHUP_MS = 6 * 3_600_000;

/**
 * Makes a model's Schedules what its policy declares: creates, updates in place, deletes. What operators did stays: a pause,
 * its note. Throws CliFailure 6 for a Schedule of that name which is not ours.
 */
export async function reconcileSchedules(
  client: Client,
  policy: Policy,
  options: ReconcileOptions = {},
): Promise<readonly ScheduleChange[]> {
  const { name } = policy.metadata;
  const wanted = wantedSchedules(policy);
  const changes: ScheduleChange[] = [];
  for (const id of idsOf(name)) {
    const found = await describe(client, id);
    if (found && found.memo?.[OWNER] !== name)
      throw new CliFailure(
        EXIT.conflict,
        `Schedule ${id} exists and is not ours`,
        `temporal schedule describe -s ${id}`,
      );
    const one = wanted.find((schedule) => schedule.id === id);
    const change = one ? await ensure(client, policy, { one, found, options }) : await drop(client, id, found, options);
    if (change) changes.push(change);
  }
  return changes;
}

/** The Schedules of a model that exist, as they are now. */
export async function scheduleStates(client: Client, model: string): Promise<readonly ScheduleState[]> {
  const found = await Promise.all(idsOf(model).map(async (id) => ({ id, now: await describe(client, id) })));
  return found.flatMap(({ id, now }) => (now ? [{ id, ...stateOf(now) }] : []));
}

function idsOf(model: string): readonly string[] {
  return [`check/${model}`, `retrain/${model}`];
}

function stateOf({ info, state }: ScheduleDescription): Omit<ScheduleState, 'id'> {
  if (state.paused) return { paused: { note: state.note ?? '' } };
  const [next] = info.nextActionTimes;
  return next ? { next: next.toISOString() } : {};
}

function wantedSchedules({ metadata, spec }: Policy): Wanted[] {
  const { check, retrainEvery } = spec.triggers;
  const policies = (periodMs: number) =>
    ({ overlap: 'SKIP', catchupWindow: Math.max(10_000, Math.min(CATCHUP_MS, periodMs / 2)) }) as const;
  return [
    ...(check === undefined
      ? []
      : [
          {
            id: `check/${metadata.name}`,
            kind: 'check' as const,
            what: `drift check at ${check} UTC`,
            spec: { cronExpressions: [check], timezone: 'UTC' },
            policies: policies(shortestPeriodMs(check)),
          },
        ]),
    ...(retrainEvery === undefined
      ? []
      : [
          {
            id: `retrain/${metadata.name}`,
            kind: 'schedule' as const,
            what: `retraining every ${retrainEvery / 86_400_000} d`,
            spec: { intervals: [{ every: retrainEvery }] },
            policies: policies(retrainEvery),
          },
        ]),
  ];
}

async function ensure(
  client: Client,
  policy: Policy,
  { one, found, options }: { one: Wanted; found: ScheduleDescription | undefined; options: ReconcileOptions },
): Promise<ScheduleChange> {
  const { id, what } = one;
  const declared = declaredBy(policy, one, options.taskQueue ?? CONTROL_QUEUE);
  const change = !found ? 'created' : hashOf(found) === declared.hash ? 'unchanged' : 'changed';
  if (options.dryRun) return { id, what, change };
  if (change === 'created') {
    const paused = options.paused === undefined ? {} : { state: { paused: true, note: options.paused } };
    await client.schedule.create({
      scheduleId: id,
      ...declared.options,
      ...paused,
      memo: { [OWNER]: policy.metadata.name },
    });
  }
  if (change === 'changed') await client.schedule.getHandle(id).update(({ state }) => ({ ...declared.options, state }));
  return { id, what, change, ...stateOf(await client.schedule.getHandle(id).describe()) };
}

async function drop(
  client: Client,
  id: string,
  found: ScheduleDescription | undefined,
  { dryRun }: ReconcileOptions,
): Promise<ScheduleChange | undefined> {
  if (!found) return undefined;
  if (!dryRun) await client.schedule.getHandle(id).delete();
  return { id, change: 'deleted', what: 'no longer declared' };
}

/** The hash travels in the action's memo: an update cannot change the Schedule's own. */
function declaredBy({ metadata }: Policy, { id, kind, policies, spec, what }: Wanted, taskQueue: string) {
  const input = { model: metadata.name, kind };
  const team = metadata.team ?? metadata.owner;
  const hash = digestOf({ spec, policies, input, taskQueue, team });
  return {
    hash,
    options: {
      spec,
      ...(policies ? { policies } : {}),
      typedSearchAttributes: new TypedSearchAttributes([
        { key: MODEL, value: metadata.name },
        { key: TEAM, value: team },
      ]),
      action: {
        type: 'startWorkflow' as const,
        workflowType: 'triggerRetraining',
        workflowId: `trigger/${id}`,
        args: [input],
        taskQueue,
        memo: { configHash: hash },
        staticSummary: `${metadata.name} · ${what}`,
      },
    },
  };
}

function hashOf({ action }: ScheduleDescription): unknown {
  return action.type === 'startWorkflow' ? action.memo?.['configHash'] : undefined;
}

async function describe(client: Client, id: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
