import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { createKubernetesClient } from '../../activities/adapters/kubernetes/client.ts';
import { createExchange } from '../../activities/adapters/kubernetes-training/exchange.ts';
import { platformSchema } from '../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../../activities/adapters/kubernetes-training/training-backend.ts';
import { createJobs } from '../../activities/job.ts';
import type { TrainingJob } from '../../activities/ports/training-backend.ts';
import { QUEUES } from '../../workers/queues.ts';
import { createTelemetry } from '../../workers/telemetry.ts';

/** What the worker process is told, as a JSON file. */
export interface WorkerConfig {
  readonly temporal: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly platform: unknown;
  /** Below it the exchange and the checkpoints. */
  readonly folder: string;
  readonly secret: string;
  readonly exchange: { readonly host: string; readonly port: number };
  /** Every job is this one under another name. */
  readonly job: TrainingJob;
}

export type BenchActivities = ReturnType<typeof activitiesOf>;

function activitiesOf({ kubeconfig, namespace, platform, folder, secret, job }: WorkerConfig) {
  const training = createKubernetesTraining({
    client: createKubernetesClient({ kubeconfig, namespace }),
    platform: platformSchema.parse(platform),
    root: path.join(folder, 'exchange'),
    secret,
  });
  const evidence = createFileEvidence({ root: path.join(folder, 'evidence') });
  const { watchJob } = createJobs({ training, evidence }, {}, createTelemetry());
  return {
    watchJob,
    submitJob: async (name: string): Promise<void> => {
      const checkpoints = path.join(folder, 'checkpoints', name);
      await training.submit({ ...job, name, checkpoints, spec: { ...job.spec, run: name } });
    },
    /** Read where it was handed in: that asks nothing of the cluster. */
    metricsOf: async (name: string): Promise<Readonly<Record<string, number>>> => {
      const file = path.join(folder, 'exchange', name, 'output', 'result.json');
      const { metrics }: { metrics: Record<string, number> } = JSON.parse(await readFile(file, 'utf8'));
      return metrics;
    },
    removeJob: async (name: string): Promise<void> => {
      await training.remove(name);
    },
  };
}

/** The product's worker as far as trainings go: its adapter, its exchange, its `watchJob`, its number of slots. */
async function main(config: WorkerConfig): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const { secret, exchange, folder } = config;
  const door = createServer(createExchange({ root: path.join(folder, 'exchange'), secret }));
  await new Promise<void>((resolve) => door.listen(exchange.port, exchange.host, resolve));
  const connection = await NativeConnection.connect({ address: config.temporal });
  const activities = activitiesOf(config);
  const same = { connection, namespace: 'default', maxHeartbeatThrottleInterval: '1 s' } as const;
  const workflowsPath = fileURLToPath(new URL('workflow.ts', import.meta.url));
  const workers = [
    await Worker.create({ ...same, taskQueue: 'bench-control', workflowsPath }),
    await Worker.create({ ...same, taskQueue: 'bench-training', activities, ...QUEUES.training }),
  ];
  await Promise.all(workers.map((worker) => worker.run()));
  door.close();
  await connection.close();
}

const [, , file] = process.argv;
if (file !== undefined) await main(JSON.parse(readFileSync(file, 'utf8')));
