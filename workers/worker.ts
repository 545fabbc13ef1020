import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Server } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Worker } from '@temporalio/worker';
import type { Ports } from '../activities/context.ts';
import { createAlertReceiver } from '../clients/alert-receiver.ts';
import { findAddresses } from './addresses.ts';
import { clusterExchange } from './cluster-training.ts';
import { readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { createWorkers } from './queues.ts';
import { keepReconciling, reconcileRollbacks } from './reconcile-rollbacks.ts';
import { patiently, reEnsureChampions } from './re-ensure.ts';
import { loadSettings } from './settings-file.ts';
import type { SettingsFile } from './settings-file.ts';
import { createTelemetry } from './telemetry.ts';
import type { Meters } from './telemetry.ts';
import { readToken } from './webhook-token.ts';
import { activitySettings, wirePorts } from './wiring.ts';

const RECONCILE_EVERY_MS = 60_000;

/** The worker process: all queues, `/metrics`, `/healthz`, `/readyz`, and the alert receiver. Ends on SIGTERM. */
async function main(): Promise<void> {
  const environment = readEnvironment();
  const file = withEnvironment(await loadSettings(environment.UNDERSTUDY_CONFIG), environment);
  installRuntime(environment);
  const addresses = findAddresses(file);
  const { address, namespace, config } = addresses.temporal;
  const options = { ...config.connectionOptions, address };
  const connection = await whenReachable(() => NativeConnection.connect(options));
  const client = new Client({ connection: await Connection.connect(options), namespace });
  const ports = wirePorts(file, (line) => console.log(line));
  const telemetry = createTelemetry();
  const settings = activitySettings(file);
  const workers = await createWorkers({ connection, namespace, ports, settings, telemetry });
  const running = Promise.all(Object.values(workers).map((worker) => worker.run()));
  const listeners = [
    await openReceiver(file, environment, client),
    ...(await openExchange(file)),
    // Last: who asks whether the worker is ready may knock at the other doors next.
    await openStatus(file, telemetry, workers),
  ];
  // Servers and routes of the champions come back with the worker; nobody waits for them to be polled.
  void comeBack(ports, client, (line) => console.log(line));
  await running.finally(() => listeners.forEach((listener) => listener.close()));
  await connection.close();
}

/** What was rolled back while nobody was here comes first: the pointer says who is served. */
async function comeBack(ports: Ports, client: Client, log: (line: string) => void): Promise<void> {
  await patiently(async () => reconcileRollbacks(ports, client, log)).catch((error: unknown) => {
    log(`rollbacks are still to be reconciled: ${String(error)}`);
  });
  await reEnsureChampions(ports, client, log).catch((error: unknown) =>
    log(`champions are not served: ${String(error)}`),
  );
  await keepReconciling(async () => reconcileRollbacks(ports, client, log), log, { everyMs: RECONCILE_EVERY_MS });
}

/** The embedded stack starts its parts side by side, so Temporal may need a moment more than this process. */
async function whenReachable<T>(connect: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await setTimeout(300);
    }
  }
}

/** What the embedded stack chose wins: it knows the ports that it found free. */
function withEnvironment(file: SettingsFile, environment: Environment): SettingsFile {
  const { UNDERSTUDY_STATE: state, UNDERSTUDY_METRICS_PORT: metrics, UNDERSTUDY_WEBHOOK_PORT: webhook } = environment;
  const worker = {
    ...file.settings.worker,
    ...(metrics === undefined ? {} : { metricsPort: metrics }),
    ...(webhook === undefined ? {} : { webhookPort: webhook }),
  };
  return {
    ...file,
    settings: { ...file.settings, worker },
    ...(state === undefined ? {} : { stateDir: path.resolve(state) }),
  };
}

function installRuntime({ UNDERSTUDY_LOG_LEVEL: level }: Environment): void {
  Runtime.install({
    logger: new DefaultLogger(level, ({ level: name, timestampNanos, message, meta }) => {
      console.log(
        JSON.stringify({
          ts: new Date(Number(timestampNanos / 1_000_000n)).toISOString(),
          level: name,
          msg: message,
          ...meta,
        }),
      );
    }),
    telemetryOptions: { logging: { forward: {}, filter: { core: level, other: 'WARN' } } },
  });
}

/** What Prometheus, Kubernetes and `understudy stack` ask. 503 says no; a body alone never does. */
async function openStatus(
  file: SettingsFile,
  meters: Meters,
  workers: Readonly<Record<string, Worker>>,
): Promise<Server> {
  const isPolling = (worker: Worker) => worker.getState() === 'RUNNING';
  const server = createServer((request, response) => {
    const all = Object.entries(workers);
    for (const [queue, worker] of all) meters.polling.labels(queue).set(isPolling(worker) ? 1 : 0);
    if (request.url === '/metrics') {
      void meters.registry
        .metrics()
        .then((text) => response.setHeader('content-type', meters.registry.contentType).end(text));
      return;
    }
    const known = request.url === '/readyz' || request.url === '/healthz';
    const well =
      request.url === '/readyz'
        ? all.every(([, worker]) => isPolling(worker))
        : all.every(([, worker]) => worker.getState() !== 'FAILED');
    response.statusCode = known ? (well ? 200 : 503) : 404;
    response.end(known ? (well ? 'ok\n' : 'not ready\n') : 'try /metrics, /readyz or /healthz\n');
  });
  return listen(server, file, 'metricsPort');
}

async function openReceiver(file: SettingsFile, environment: Environment, client: Client): Promise<Server> {
  const token = await readToken(file, environment.UNDERSTUDY_WEBHOOK_TOKEN);
  return listen(createAlertReceiver({ client, token }), file, 'webhookPort');
}

/** Pods reach their files through it; a worker without a cluster opens none. */
async function openExchange(file: SettingsFile): Promise<Server[]> {
  const exchange = clusterExchange(file);
  return exchange ? [await listen(createServer(exchange), file, 'exchangePort')] : [];
}

async function listen(
  server: Server,
  { settings: { worker } }: SettingsFile,
  port: 'metricsPort' | 'webhookPort' | 'exchangePort',
): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(worker[port], worker.bind, resolve);
  });
  return server;
}

const code = await main().then(
  () => 0,
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 69;
  },
);
// Nothing that still hangs on keeps a stopped worker alive: a champion not yet served again is the next worker's to serve.
process.exit(code);
