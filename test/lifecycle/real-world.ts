import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { createMlflowRegistry } from '../../activities/adapters/mlflow/registry.ts';
import { createProcessServing } from '../../activities/adapters/process-serving.ts';
import { createTraefikRouter } from '../../activities/adapters/traefik-file/router.ts';
import { bootstrapTemporal } from '../../infra/stack/bootstrap.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { launch, untilAnswering } from '../../infra/stack/launch.ts';
import { endGroup, type ProcessIdentity } from '../../infra/stack/processes.ts';
import { eventually } from '../eventually.ts';
import { tcpSwitch } from '../faults/tcp-switch.ts';
import { startGateway } from '../gateway.ts';
import { MODEL_SERVER } from '../servers/model-server.ts';
import { mlflowServer, temporalServer } from '../servers.ts';
import { daysFrom, writeDays } from './data.ts';
import { served } from './policies.ts';
import { playWith } from './people.ts';

const WORKER = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));
const TRAINER = fileURLToPath(new URL('trainer.mjs', import.meta.url));
const AS_OF = '2001-01-10T06:00:00Z';

/**
 * Nothing here is a fake: Temporal's server, MLflow behind a switch, a Traefik and a worker that can be killed, trainers and
 * model servers as processes. Looks are five a second and the soak lasts one, or a test would take a day.
 */
export async function createRealWorld(model: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'understudy-real-'));
  const [{ address }, mlflow, gateway] = await Promise.all([temporalServer(), mlflowServer(), startGateway()]);
  const registryLine = await tcpSwitch(new URL(mlflow.uri));
  const namespace = path.basename(folder).toLowerCase();
  const connection = await Connection.connect({ address });
  await ownNamespace(connection, namespace);
  const client = new Client({ connection, namespace });
  const state = path.join(folder, 'state');
  const config = path.join(folder, 'understudy.config.yaml');
  await mkdir(path.join(folder, 'hold'));
  await writeFile(
    config,
    JSON.stringify({
      state,
      mlflow: { uri: registryLine.uri, experiment: namespace },
      gateway: { routes: gateway.routesDir, address: gateway.address, metrics: gateway.metricsUrl },
    }),
  );
  await writeFile(path.join(folder, 'requirements.lock'), 'lightgbm==4.7.0\n');
  await writeDays(folder, daysFrom('2001-01-01', 10, 200));
  const serving = createProcessServing({ root: path.join(state, 'servers'), hostEnvironment: process.env });
  const { routesDir, stagingDir } = gateway;
  const router = createTraefikRouter({ routesDir, stagingDir, address: gateway.address });
  const registry = createMlflowRegistry({ uri: mlflow.uri, experiment: namespace });
  const people = playWith({
    client,
    evidence: createFileEvidence({ root: path.join(state, 'evidence') }),
    folder: state,
  });
  let worker: ProcessIdentity | undefined;
  return {
    ...people,
    client,
    gateway,
    registry,
    registryLine,
    serving,
    url: `${gateway.address}/${model}`,
    /** A worker process like an operator's; answers once it polls. */
    startWorker: async (): Promise<void> => {
      const [port = 0] = await freePorts(1);
      const env = {
        UNDERSTUDY_CONFIG: config,
        UNDERSTUDY_METRICS_PORT: `${port}`,
        UNDERSTUDY_WEBHOOK_PORT: '0',
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
      };
      const program = { file: process.execPath, args: ['--import', 'tsx', WORKER], env };
      worker = (await launch(program, path.join(folder, 'worker.log'))).identity;
      await untilAnswering(`http://127.0.0.1:${port}/readyz`, { withinMs: 60_000 });
    },
    /** SIGKILL: no word to anybody. */
    killWorker: (): void => {
      if (worker) process.kill(worker.pid, 'SIGKILL');
      worker = undefined;
    },
    applyPolicy: async () =>
      people.apply(
        served(model, folder, {
          training: { command: [process.execPath, TRAINER], deadline: '2m', retries: 0, lockfile: 'requirements.lock' },
          serving: { command: [process.execPath, MODEL_SERVER, '--log'] },
          shadow: { atLeast: 50, within: '30s' },
          rollout: {
            steps: [10, 50],
            stepAtLeast: '500ms',
            stepAtMost: '60s',
            soak: '1s',
            look: '200ms',
            lease: '20s',
            soakLease: '20s',
            judge: { safeRate: '10%' },
          },
        }),
      ),
    start: async (kind: 'manual' | 'bootstrap' = 'manual') => people.newRun(model, AS_OF, kind),
    /** The trainer stays in its work until it is let go. */
    holdTraining: async () => writeFile(path.join(folder, 'hold', 'training'), ''),
    letTrainingGo: async () => rm(path.join(folder, 'hold', 'training'), { force: true }),
    /** Runs of the trainer that were begun, one word each. */
    trainings: async (): Promise<string[]> =>
      (await readFile(path.join(folder, 'trainings'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    /** Waits until this activity of a workflow fails and is tried again. */
    untilRetrying: async (workflow: string, activity: string) =>
      eventually(
        async () => {
          const seen = await client.workflow
            .getHandle(workflow)
            .describe()
            .catch(() => undefined);
          return seen?.raw.pendingActivities ?? [];
        },
        (pending) => pending.some((one) => one.activityType?.name === activity && (one.attempt ?? 0) >= 2),
        40_000,
      ),
    route: async () => router.read(model),
    champion: async () => (await registry.aliases(model))['champion'],
    log: async () => readFile(path.join(folder, 'worker.log'), 'utf8').catch(() => ''),
    close: async (): Promise<void> => {
      if (worker) await endGroup(worker, 5000);
      for (const server of await serving.list(model)) await serving.stop(model, server.version);
      await Promise.all([gateway.stop(), registryLine.close(), connection.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type RealWorld = Awaited<ReturnType<typeof createRealWorld>>;

/** Queues and models of a test are its own: others use the same server at the same time. */
export async function ownNamespace(connection: Connection, namespace: string): Promise<void> {
  const workflowExecutionRetentionPeriod = msToTs(86_400_000);
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  await eventually(
    async () => bootstrapTemporal(connection, { namespace }).then(() => 'ready', String),
    (answer) => answer === 'ready',
    30_000,
  );
}
