import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { ActivitySettings, Ports } from '../activities/context.ts';
import type { Telemetry } from '../activities/telemetry.ts';

/** The queues of one installation and how much each may do at once. */
export const QUEUES = {
  control: { maxConcurrentActivityTaskExecutions: 50 },
  /** DuckDB: memory and cores, so few at a time. */
  data: { maxConcurrentActivityTaskExecutions: 2 },
  /** Who follows a job for days asks rarely and holds a slot all the time: with few, nobody could start or stop another. */
  training: { maxConcurrentActivityTaskExecutions: 1000 },
  rollout: { maxConcurrentActivityTaskExecutions: 50 },
  /** Its slots are kept for rollbacks alone. */
  rollback: { maxConcurrentActivityTaskExecutions: 20 },
} as const satisfies Record<string, Partial<WorkerOptions>>;

export interface WorkerRequest {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly ports: Ports;
  readonly settings: ActivitySettings;
  readonly telemetry: Telemetry;
  /** Default `retrain`: queues are `retrain-control`, `retrain-data`, … */
  readonly prefix?: string;
  readonly workflowBundle?: WorkflowBundleOption;
  readonly options?: Partial<WorkerOptions>;
}

/** Folder of the workflows, from source as from `dist`. */
export const workflowsPath = fileURLToPath(new URL('../workflows', import.meta.url));

/** One worker per queue; only the one of the control queue runs workflows. */
export async function createWorkers(request: WorkerRequest): Promise<Readonly<Record<keyof typeof QUEUES, Worker>>> {
  const { connection, namespace, ports, settings, telemetry, prefix = 'retrain', workflowBundle } = request;
  const activities = createActivities(ports, settings, telemetry);
  const make = (kind: keyof typeof QUEUES, more: Partial<WorkerOptions> = {}) =>
    Worker.create({
      connection,
      namespace,
      taskQueue: `${prefix}-${kind}`,
      activities,
      shutdownForceTime: '10 s',
      // A cancellation reaches an activity with its next heartbeat: by default that is 80 % of the heartbeat time-out later.
      maxHeartbeatThrottleInterval: '1 s',
      // How long the next step of a workflow waits for a worker that has died.
      stickyQueueScheduleToStartTimeout: '2 s',
      ...QUEUES[kind],
      ...more,
      ...request.options,
    });
  const workflows = workflowBundle ? { workflowBundle } : { workflowsPath };
  const [control, data, training, rollout, rollback] = await Promise.all([
    make('control', workflows),
    make('data'),
    make('training'),
    make('rollout'),
    make('rollback'),
  ]);
  return { control, data, training, rollout, rollback };
}
