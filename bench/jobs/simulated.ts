import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchV1Api, CoreV1Api } from '@kubernetes/client-node';
import { platformSchema } from '../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { buildJob } from '../../activities/adapters/kubernetes-training/manifest.ts';
import { clientOf } from '../../infra/cluster/api.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { createdBy, requestsOf, type Requests } from './audit.ts';
import { startControlPlane, type BenchUser, type ControlPlane } from './control-plane.ts';
import { OURS, playCouriers, type Couriers } from './couriers.ts';
import { polling, runPeer, watching, type Follow } from './peers.ts';
import { followAll, sampleMemory, startWorker, trainingJob } from './runs.ts';
import { startTemporal, type Servers } from './servers.ts';
import { SIMULATED } from './simulated-nodes.ts';
import { growthPerMinute } from './statistics.ts';

const SECRET = 'a secret that is only good for this bench';
const IMAGE = `registry.example/trainer@sha256:${'a'.repeat(64)}`;
const GPUS_OF_A_NODE = 8;
export const POLL_MS = 5_000;

export interface SimulatedLoad {
  readonly jobs: number;
  /** How long each simulated training takes. */
  readonly runMs: number;
}

interface Side {
  readonly completed: number;
  readonly seconds: number;
  readonly requests: Requests;
}

export interface SimulatedResult {
  readonly ours: Side & {
    readonly doubledJobs: number;
    readonly doubledPods: number;
    readonly leftBehind: number;
    /** MB before the first Job, at most, after the last one, and after as many once more; growth per minute while all Jobs run. */
    readonly memory: {
      readonly before: number;
      readonly peak: number;
      readonly after: number;
      readonly afterAnother: number;
      readonly growth: number;
    };
  };
  readonly polling: Side;
  readonly watching: Side;
}

/** One worker follows all Jobs at once; then the peers follow as many of the same kind, on the same control plane. */
export async function runSimulated(servers: Servers, load: SimulatedLoad): Promise<SimulatedResult> {
  const plane = await startControlPlane(servers, Math.ceil(load.jobs / GPUS_OF_A_NODE) + 1);
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const errand = { url, secret: SECRET, folder: servers.folder, afterMs: load.runMs };
  const couriers = await playCouriers(clientOf(plane.kubeconfig('admin')), errand);
  const ours = await runOurs(servers, { plane, couriers, port }, load);
  const peers = {
    polling: await runSide(plane, load, 'polling', polling(POLL_MS)),
    watching: await runSide(plane, load, 'watching', watching),
  };
  couriers.close();
  return { ours, ...peers };
}

interface Stage {
  readonly plane: ControlPlane;
  readonly couriers: Couriers;
  readonly port: number;
}

async function runOurs(
  servers: Servers,
  { plane, couriers, port }: Stage,
  { jobs, runMs }: SimulatedLoad,
): Promise<SimulatedResult['ours']> {
  const temporal = await startTemporal(servers);
  const { folder } = servers;
  const job = trainingJob(folder, IMAGE, ['train']);
  const exchange = { host: '127.0.0.1', port };
  const template = platform(`http://127.0.0.1:${port}`);
  const config = { temporal, kubeconfig: plane.kubeconfig('worker'), namespace: 'default', platform: template };
  const worker = await startWorker(servers, { ...config, folder, secret: SECRET, exchange, job });
  const admin = clientOf(plane.kubeconfig('admin'));
  const names = Array.from({ length: jobs }, (_, index) => `${OURS}${index}`);
  // Everything is loaded and compiled once before anything is measured.
  await followAll(
    temporal,
    ['a', 'b', 'c'].map((name) => `${OURS}${name}`),
  );
  const already = readFileSync(plane.auditLog, 'utf8').length;
  const memory = sampleMemory(worker);
  await sleep(3_000);
  const begin = Date.now();
  const completed = await followAll(temporal, names);
  const end = Date.now();
  await sleep(10_000);
  memory.stop();
  const log = readFileSync(plane.auditLog, 'utf8').slice(already);
  const left = await leftBehind(admin, folder);
  const afterAnother = await memoryAfterAnother(temporal, worker, names);
  const made = createdBy(log, 'jobs', 'worker');
  const running = memory.samples.filter(({ at }) => at > begin + 20_000 && at < begin + runMs);
  const values = memory.samples.map(({ value }) => value);
  return {
    completed: new Set(completed.map((one) => one.job)).size,
    seconds: (end - begin) / 1000,
    requests: requestsOf(log, 'worker'),
    doubledJobs: Object.values(made).filter((times) => times > 1).length,
    doubledPods: [...couriers.pods.values()].filter((pods) => pods.size > 1).length,
    leftBehind: left,
    memory: {
      before: values[0] ?? Number.NaN,
      peak: Math.max(...values),
      after: values.at(-1) ?? Number.NaN,
      afterAnother,
      growth: growthPerMinute(running),
    },
  };
}

/** What a worker keeps of trainings that are over shows when as many come again. */
async function memoryAfterAnother(
  temporal: string,
  worker: Parameters<typeof sampleMemory>[0],
  names: readonly string[],
): Promise<number> {
  await followAll(
    temporal,
    names.map((name) => `${name}-again`),
  );
  await sleep(10_000);
  const { samples, stop } = sampleMemory(worker);
  stop();
  return samples.at(-1)?.value ?? Number.NaN;
}

async function runSide(plane: ControlPlane, { jobs }: SimulatedLoad, user: BenchUser, follow: Follow): Promise<Side> {
  const template = platformSchema.parse(platform('http://127.0.0.1:1'));
  const plain = trainingJob('/', IMAGE, ['train']);
  const manifests = Array.from(
    { length: jobs },
    (_, index) => buildJob({ ...plain, name: `${user}-${index}` }, template).job,
  );
  const already = readFileSync(plane.auditLog, 'utf8').length;
  const begin = Date.now();
  const completed = await runPeer(clientOf(plane.kubeconfig(user)), manifests, follow);
  const seconds = (Date.now() - begin) / 1000;
  return { completed, seconds, requests: requestsOf(readFileSync(plane.auditLog, 'utf8').slice(already), user) };
}

/** Jobs, pods and anchors in the cluster, folders in the exchange. */
async function leftBehind(admin: ReturnType<typeof clientOf>, folder: string): Promise<number> {
  const [batch, core] = [admin.makeApiClient(BatchV1Api), admin.makeApiClient(CoreV1Api)];
  const of = { namespace: 'default' };
  const lists = [
    (await batch.listNamespacedJob(of)).items,
    (await core.listNamespacedPod(of)).items,
    (await core.listNamespacedConfigMap(of)).items.filter(({ metadata }) => metadata?.name !== 'kube-root-ca.crt'),
    readdirSync(path.join(folder, 'exchange')),
  ];
  return lists.flat().length;
}

function platform(exchange: string): unknown {
  return {
    namespace: 'default',
    serviceAccountName: 'default',
    tolerations: [{ ...SIMULATED, operator: 'Exists' }],
    courier: { image: IMAGE, exchange },
    graceSeconds: 1,
  };
}
