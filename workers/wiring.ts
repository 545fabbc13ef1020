import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createMlflowRegistry } from '../activities/adapters/mlflow/registry.ts';
import { createOpenLoopLoad } from '../activities/adapters/open-loop-load.ts';
import { createProcessServing } from '../activities/adapters/process-serving.ts';
import { allStates } from '../activities/adapters/process-serving/server-folder.ts';
import { createProcessTraining } from '../activities/adapters/process-training/training-backend.ts';
import { severalGateways } from '../activities/adapters/several-gateways.ts';
import { severalServingBackends } from '../activities/adapters/several-serving.ts';
import { severalTrainingBackends } from '../activities/adapters/several-training.ts';
import { createTraefikEvidence } from '../activities/adapters/traefik-file/evidence.ts';
import { createTraefikRouter } from '../activities/adapters/traefik-file/router.ts';
import { createNotifier } from '../activities/adapters/webhook-notifier.ts';
import type { ActivitySettings, Ports } from '../activities/context.ts';
import { pythonPath } from '../infra/python.ts';
import { createFileData } from './file-data.ts';
import { findAddresses } from './addresses.ts';
import { clusterPreflight } from './cluster-preflight.ts';
import { clusterTraffic } from './cluster-traffic.ts';
import { clusterKserve } from './cluster-kserve.ts';
import { clusterServing } from './cluster-serving.ts';
import { clusterTraining, platformOf } from './cluster-training.ts';
import { wireEvidence } from './evidence.ts';
import { wireMetrics } from './metrics.ts';
import { objectsPreflight, withObjects } from './remote-data.ts';
import type { SettingsFile } from './settings-file.ts';

export { clusterPreflight, objectsPreflight, wireMetrics };

/** The adapters that the settings name, one for each port. Nothing is started or connected yet. */
export function wirePorts(
  file: SettingsFile,
  log: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Ports {
  const { settings, stateDir } = file;
  const addresses = findAddresses(file);
  const trained = clusterTraining(file);
  const served = clusterServing(file);
  const httproute = clusterTraffic(file);
  const kserve = clusterKserve(file);
  const below = (name: string) => path.join(stateDir, name);
  // The embedded Python comes first, so that `python` in a policy's command is the one with the trainer's libraries.
  const hostEnvironment = {
    ...environment,
    PATH: [pythonPath(), environment['PATH']].filter(Boolean).join(path.delimiter),
  };
  return {
    data: withObjects(file, createFileData(below('tmp'))),
    evidence: wireEvidence(file),
    training: severalTrainingBackends({
      process: createProcessTraining({ root: below('jobs'), hostEnvironment }),
      ...(trained ? { kubernetes: trained } : {}),
    }),
    registry: createMlflowRegistry({ uri: addresses.mlflow, experiment: settings.mlflow.experiment }),
    serving: severalServingBackends({
      process: createProcessServing({ root: below('servers'), hostEnvironment }),
      ...(served ? { kubernetes: served } : {}),
      ...(kserve ? { kserve: kserve.serving } : {}),
    }),
    gateway: severalGateways({
      'traefik-file': {
        router: createTraefikRouter({
          routesDir: addresses.routes.watched,
          stagingDir: addresses.routes.staging,
          address: addresses.gateway,
        }),
        evidence: createTraefikEvidence({ metricsUrl: addresses.gatewayMetrics }),
      },
      ...(httproute ? { httproute } : {}),
      ...(kserve ? { kserve: kserve.gateways } : {}),
    }),
    load: createOpenLoopLoad({ maxRatePerSecond: settings.load.maxRate, maxDurationMs: settings.load.maxFor }),
    notifier: createNotifier({
      log,
      ...(settings.notify.webhook === undefined ? {} : { webhook: settings.notify.webhook }),
    }),
    ...wireMetrics(file),
    preflight: clusterPreflight(file),
  };
}

/** What of the operator's settings the activities need. */
export function activitySettings(file: SettingsFile): ActivitySettings {
  const { settings, stateDir } = file;
  return {
    datasets: path.join(stateDir, 'datasets'),
    checkpoints: path.join(stateDir, 'checkpoints'),
    groups: settings.groups,
    trust: settings.approval.trust,
    links: { MLflow: `${findAddresses(file).mlflow}/#/models/{model}`, ...settings.links },
    maxLoad: { rate: settings.load.maxRate, forMs: settings.load.maxFor },
    testCommands: settings.worker.testCommands,
    ...(settings.prices === undefined ? {} : { prices: settings.prices }),
    ...(settings.kubernetes === undefined ? {} : { memorySteps: platformOf(file).memorySteps }),
  };
}

/** Ends model servers and trainers of this state directory that outlived the stack; how many servers and jobs there were. */
export async function stopLeftovers(stateDir: string): Promise<{ readonly servers: number; readonly jobs: number }> {
  const roots = { servers: path.join(stateDir, 'servers'), jobs: path.join(stateDir, 'jobs') };
  const serving = createProcessServing({ root: roots.servers, hostEnvironment: {} });
  const training = createProcessTraining({ root: roots.jobs, hostEnvironment: {} });
  const servers = await allStates(roots.servers).catch(() => []);
  await Promise.all(servers.map(({ model, version }) => serving.stop(model, version)));
  const jobs = await readdir(roots.jobs).catch(() => []);
  await Promise.all(jobs.map((job) => training.remove(job)));
  return { servers: servers.length, jobs: jobs.length };
}
