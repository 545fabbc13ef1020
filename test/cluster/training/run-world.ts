import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BatchV1Api } from '@kubernetes/client-node';
import type { V1Job } from '@kubernetes/client-node';
import { Client, Connection } from '@temporalio/client';
import { createFileEvidence } from '../../../activities/adapters/file-evidence.ts';
import { freePorts } from '../../../infra/stack/free-port.ts';
import { launch, untilAnswering } from '../../../infra/stack/launch.ts';
import { endGroup, type ProcessIdentity } from '../../../infra/stack/processes.ts';
import type { PolicyInput } from '../../../scorecards/policy/schema.ts';
import { daysFrom, writeDays } from '../../lifecycle/data.ts';
import { playWith } from '../../lifecycle/people.ts';
import { applied } from '../../lifecycle/policies.ts';
import { ownNamespace } from '../../lifecycle/real-world.ts';
import { mlflowServer, temporalServer } from '../../servers.ts';
import { imageOf, makeNamespace, testHost } from '../cluster.ts';
import { shippedAccount } from '../shipped-account.ts';

const WORKER = fileURLToPath(new URL('../../../workers/worker.ts', import.meta.url));
const AS_OF = '2001-01-10T06:00:00Z';

/**
 * Whole runs whose trainings are Jobs of the cluster: a Temporal, an MLflow, and a worker process that can be killed. Every
 * training Job that ever was is noted.
 */
export async function openRuns(model: string) {
  const space = await makeNamespace('attempts', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const folder = await mkdtemp(path.join(tmpdir(), 'understudy-attempts-'));
  const [{ address }, mlflow, [exchangePort = 0, metricsPort = 0]] = await Promise.all([
    temporalServer(),
    mlflowServer(),
    freePorts(2, testHost()),
  ]);
  const namespace = space.name;
  const connection = await Connection.connect({ address });
  await ownNamespace(connection, namespace);
  const client = new Client({ connection, namespace });
  const state = path.join(folder, 'state');
  const write = async (file: string, content: unknown): Promise<string> => {
    await writeFile(path.join(folder, file), JSON.stringify(content));
    return path.join(folder, file);
  };
  const account = await shippedAccount(space, ['understudy-train']);
  await writeFile(path.join(folder, 'kubeconfig'), account.exportConfig());
  await writeFile(path.join(folder, 'requirements.lock'), 'none\n');
  await write('platform.json', {
    namespace,
    serviceAccountName: 'default',
    scratch: '16Mi',
    graceSeconds: 60,
    memorySteps: ['512Mi'],
    courier: { image: imageOf('worker'), exchange: `http://${testHost()}:${exchangePort}`, cpu: 0.02 },
  });
  const config = await write('understudy.config.yaml', {
    state,
    mlflow: { uri: mlflow.uri, experiment: namespace },
    worker: { bind: testHost(), exchangePort },
    kubernetes: { kubeconfig: 'kubeconfig', platform: 'platform.json', pollEvery: '1s' },
  });
  await writeDays(folder, daysFrom('2001-01-01', 10, 200));
  const people = playWith({
    client,
    evidence: createFileEvidence({ root: path.join(state, 'evidence') }),
    folder: state,
  });
  const noted = noteJobs(space.config.makeApiClient(BatchV1Api), namespace);
  const log = async () => readFile(path.join(folder, 'worker.log'), 'utf8').catch(() => '');
  let worker: ProcessIdentity | undefined;
  return {
    ...people,
    client,
    /** Training Jobs in the order in which they were created, also those that are gone. */
    jobs: noted.trainings,
    startWorker: async (): Promise<void> => {
      const env = {
        UNDERSTUDY_CONFIG: config,
        UNDERSTUDY_METRICS_PORT: `${metricsPort}`,
        UNDERSTUDY_WEBHOOK_PORT: '0',
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
      };
      const program = { file: process.execPath, args: ['--import', 'tsx', WORKER], env };
      worker = (await launch(program, path.join(folder, 'worker.log'))).identity;
      const answering = `http://${testHost()}:${metricsPort}/readyz`;
      await untilAnswering(answering, { withinMs: 90_000 }).catch(async (cause: unknown) => {
        throw new Error(`the worker does not answer; it said: ${await log()}`, { cause });
      });
    },
    /** SIGKILL: no word to anybody. */
    killWorker: (): void => {
      if (worker) process.kill(worker.pid, 'SIGKILL');
      worker = undefined;
    },
    /** A run whose trainer is this shell script; it is to make a model and to predict nothing. */
    start: async (script: string, training: Partial<PolicyInput['spec']['training']> = {}): Promise<string> => {
      const cluster = {
        backend: 'kubernetes',
        image: imageOf('busybox'),
        retries: 1,
        lockfile: 'requirements.lock',
      } as const;
      const command = ['sh', '-c', script];
      await people.apply(
        applied(model, folder, { training: { ...cluster, command, deadline: '5m', grace: '5s', ...training } }),
      );
      return people.newRun(model, AS_OF, 'bootstrap');
    },
    close: async (): Promise<void> => {
      if (worker) await endGroup(worker, 5000);
      await noted.stop();
      await connection.close();
      await space.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Runs = Awaited<ReturnType<typeof openRuns>>;

/** Looks so often that no Job, which goes in the foreground and after its pods, can come and go unseen. */
function noteJobs(batch: BatchV1Api, namespace: string) {
  const seen = new Map<string, V1Job>();
  const over = new AbortController();
  const look = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { items } = await batch.listNamespacedJob({ namespace });
      for (const job of items) seen.set(job.metadata?.uid ?? '', job);
      await pause(300);
    }
  };
  const looking = look();
  return {
    trainings: (): readonly V1Job[] => [...seen.values()].filter((job) => /-training-/.test(job.metadata?.name ?? '')),
    stop: async (): Promise<void> => {
      over.abort();
      await looking;
    },
  };
}
