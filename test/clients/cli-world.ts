import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { NativeConnection } from '@temporalio/worker';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { createMlflowRegistry } from '../../activities/adapters/mlflow/registry.ts';
import type { Ports } from '../../activities/context.ts';
import type { ModelRegistry } from '../../activities/ports/model-registry.ts';
import { bootstrapTemporal } from '../../infra/stack/bootstrap.ts';
import { createWorkers } from '../../workers/queues.ts';
import { createTelemetry } from '../../workers/telemetry.ts';
import { createMemoryLoad } from '../fakes/memory-load.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import { createMemoryTraining, predictions, trainedModel } from '../fakes/memory-training.ts';
import type { Attempt } from '../fakes/memory-training.ts';
import { daysFrom, predictFile, writeDays } from '../lifecycle/data.ts';
import { OWNER, policyText } from '../lifecycle/policies.ts';
import { mlflowServer, temporalServer } from '../servers.ts';
import { runCli } from './run-cli.ts';
import type { CliRun, RunOptions } from './run-cli.ts';

export interface CliWorldOptions {
  /** A real MLflow behind the worker and the command line; without one the worker's registry is in memory. */
  readonly mlflow?: boolean;
  /** Without a worker nobody answers. */
  readonly worker?: boolean;
  /** What trainings do instead of making a model. */
  readonly training?: Attempt;
}

/**
 * A namespace of its own on the real dev server, real workers, real data and evidence; the trainer is in memory. The command
 * line finds everything by the settings file in `folder`, which is its working directory.
 */
export async function createCliWorld({ mlflow = false, training, worker = true }: CliWorldOptions = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-cli-'));
  const namespace = `cli-${randomUUID().slice(0, 8)}`;
  const { address } = await temporalServer();
  const uri = mlflow ? (await mlflowServer()).uri : 'http://127.0.0.1:1';
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  await bootstrapTemporal(connection, { namespace });
  await writeFile(path.join(folder, 'understudy.config.yaml'), settingsFor({ address, namespace, uri }));
  const registry = mlflow ? createMlflowRegistry({ uri, experiment: namespace }) : createMemoryRegistry();
  const ports = portsIn(folder, registry, training);
  const stop = worker ? await startWorkers({ address, namespace, folder, ports }) : async () => undefined;
  const client = new Client({ connection, namespace });
  return {
    folder,
    namespace,
    address,
    client,
    connection,
    ports,
    understudy: async (args: readonly string[], options: RunOptions = {}): Promise<CliRun> =>
      runCli(args, { cwd: folder, ...options }),
    /** As `understudy … -o json`, parsed; a failed command fails the test with what it said. */
    asked: async (args: readonly string[]): Promise<Record<string, unknown>> => {
      const { code, stderr, stdout } = await runCli([...args, '-o', 'json'], { cwd: folder });
      if (stdout === '') throw new Error(`${args.join(' ')} ended with ${code} and said ${stderr}`);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    /** The first champion of a model, approved by its owner. */
    bootstrap: async (model: string, asOf: string): Promise<void> => {
      await passed(folder, ['apply', '-f', await writePolicy(folder, model, {})]);
      await passed(folder, ['trigger', model, '--kind', 'bootstrap', '--as-of', asOf]);
      await approveNext(folder, model);
    },
    /** Approves the candidate that comes next, and waits until it is champion. */
    approveNext: (model: string) => approveNext(folder, model),
    writePolicy: (model: string, change: PolicyChange = {}) => writePolicy(folder, model, change),
    writeData: () => writeDays(folder, daysFrom('2001-01-01', 20, 200, 12)),
    close: async () => {
      await stop();
      await connection.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function passed(folder: string, args: readonly string[]): Promise<void> {
  const { code, stderr, stdout } = await runCli(args, { cwd: folder });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
}

async function approveNext(folder: string, model: string): Promise<void> {
  await passed(folder, ['wait', model, '--for=approval', '--timeout=60s']);
  await passed(folder, ['approve', model, '--yes', '--as', OWNER]);
  await passed(folder, ['wait', model, '--for=promoted', '--timeout=60s']);
}

export type CliWorld = Awaited<ReturnType<typeof createCliWorld>>;

const settingsFor = (at: { address: string; namespace: string; uri: string }) => `apiVersion: understudy/v1
kind: OperatorSettings
state: ./state
temporal: { address: '${at.address}', namespace: ${at.namespace} }
mlflow: { uri: '${at.uri}', experiment: ${at.namespace} }
gateway: { metrics: 'http://127.0.0.1:1/metrics' }
worker: { metricsPort: 0, webhookPort: 0 }
`;

function portsIn(folder: string, registry: ModelRegistry, trained: Attempt | undefined): Ports {
  const router = createMemoryRouter();
  const evidence = createMemoryTraffic({ router });
  const training = createMemoryTraining({
    root: path.join(folder, 'jobs'),
    play: async ({ spec }) => {
      if (spec.mode === 'train')
        return trained ?? trainedModel({ 'model.txt': `good ${spec.run}` }, { metrics: { rows: 1 } });
      const model = await readFile(path.join(spec.artifact ?? '', 'model.txt'), 'utf8');
      const into = path.join(folder, `${spec.run}.parquet`);
      const rows = await predictFile(spec.files[0]?.path ?? '', into, model.split(' ')[0] ?? '');
      return predictions(await readFile(into), rows);
    },
  });
  return {
    data: createDuckdbDataStore({ temporaryDirectory: path.join(folder, 'tmp'), threads: 1 }),
    evidence: createFileEvidence({ root: path.join(folder, 'state', 'evidence') }),
    registry,
    training,
    gateway: () => ({ router, evidence }),
    serving: createMemoryServing(),
    load: createMemoryLoad(),
    notifier: { notify: async () => undefined },
  };
}

async function startWorkers(at: { address: string; namespace: string; folder: string; ports: Ports }) {
  // Only here: the runtime that it installs lives until its last worker ends.
  await import('../quiet.ts');
  const connection = await NativeConnection.connect({ address: at.address });
  const workers = await createWorkers({
    connection,
    namespace: at.namespace,
    ports: at.ports,
    settings: {
      datasets: path.join(at.folder, 'datasets'),
      checkpoints: path.join(at.folder, 'checkpoints'),
      groups: {},
      trust: 'namespace',
      links: {},
      maxLoad: { rate: 100, forMs: 2000 },
    },
    telemetry: createTelemetry(),
    options: { shutdownForceTime: '2s' },
  });
  const running = Promise.all(Object.values(workers).map((worker) => worker.run()));
  return async () => {
    for (const worker of Object.values(workers)) worker.shutdown();
    await running.catch(() => undefined);
    await connection.close();
  };
}

export interface PolicyChange {
  readonly triggers?: string;
  readonly drift?: string;
}

/** A batch policy over the data of `writeData`, with the waits of a test. Answers with the file's path. */
async function writePolicy(folder: string, model: string, change: PolicyChange): Promise<string> {
  const file = path.join(folder, `${model}.yaml`);
  await writeFile(file, policyOf(model, change));
  await writeFile(path.join(folder, 'scorecard.yaml'), SCORECARD);
  return file;
}

const policyOf = (model: string, { drift, triggers }: PolicyChange) =>
  policyText(
    model,
    {
      triggers: triggers ?? '{ cooldown: 24h, maxRunsPerWeek: 20 }',
      drift: drift ?? '{ window: 2d, persistence: { windows: 1, of: 1 }, minimum: 100 }',
      dataset: '{ train: 5d, atLeast: 3d, holdout: 2d, checks: { minRows: 100 } }',
      training: '{ command: [train], deadline: 1m, retries: 0 }',
      scorecard: './scorecard.yaml',
      shadow: '{ atLeast: 20, within: 10s }',
    },
    { features: '[{ name: x, type: continuous }]', slices: '[g]' },
  );

const SCORECARD = `apiVersion: understudy/v1
kind: Scorecard
metadata: { name: test }
spec:
  signedOffBy: [lead@example]
  operatingPoint: { top: 40% }
  criteria:
    - { name: cost, group: business, metric: cost, falseNegative: 1, falsePositive: 1, atMost: 0.45, minimum: 50 }
    - { name: ranking, group: quality, metric: auc, atLeast: 0.6, versusChampion: { noWorseBy: 0.05 }, minimum: 50 }
    - { name: tail, group: latency, metric: p99, atMost: 5s, minimum: 10, load: { rate: 50/s, for: 1s } }
    - { name: artifact, group: size, metric: bytes, atMost: 1MB, minimum: 1 }
`;
