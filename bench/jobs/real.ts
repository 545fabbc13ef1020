import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchV1Api, CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import { clientOf } from '../../infra/cluster/api.ts';
import { inState, kubeconfigFile, network } from '../../infra/cluster/places.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { polling, watching, type Follow } from './peers.ts';
import { followAll, startWorker, trainingJob } from './runs.ts';
import { startTemporal, type Servers } from './servers.ts';
import { POLL_MS } from './simulated.ts';

/** Milliseconds, one number for each Job. */
export interface RealResult {
  readonly jobs: number;
  readonly toRunning: readonly number[];
  /** From the trainer's last act to the moment at which the next step of the workflow begins. */
  readonly toNext: readonly number[];
  /** From there to the moment at which somebody else knows that the Job is complete. */
  readonly watching: readonly number[];
  readonly polling: readonly number[];
}

/** Long enough for the slowest of those who watch. */
const KEEP_MS = POLL_MS + 10_000;
const NODE_HOST = network.host;
const digest = createHash('sha256').update('w').digest('hex');
/** Says in its result when it ran; pods and this machine have one clock. */
const TRAINER = `began=$(date +%s%3N)
mkdir -p /understudy/output/model && printf w > /understudy/output/model/w && sleep 1
printf '{"mode":"train","artifact":{"path":"model","files":[{"path":"w","sha256":"${digest}"}]},"metrics":{"began":%s,"ended":%s}}' \\
  "$began" "$(date +%s%3N)" > /understudy/output/result.json`;

/** One Job after the other in pods of the test cluster, followed by our worker and by two peers at the same time. */
export async function runReal(servers: Servers, jobs: number): Promise<RealResult> {
  const admin = clientOf(kubeconfigFile);
  const core = admin.makeApiClient(CoreV1Api);
  const images: Readonly<Record<string, string>> = JSON.parse(readFileSync(inState('images.json'), 'utf8'));
  const made = await core.createNamespace({ body: { metadata: { generateName: 'bench-' } } });
  const namespace = made.metadata?.name ?? '';
  try {
    const temporal = await startTemporal(servers);
    const [port = 0] = await freePorts(1, NODE_HOST);
    const { folder } = servers;
    const image = images['trainer'] ?? '';
    const kubeconfig = path.join(folder, 'kubeconfig');
    const config = inNamespace(namespace);
    await writeFile(kubeconfig, config.exportConfig(), { mode: 0o600 });
    await startWorker(servers, {
      temporal,
      kubeconfig,
      namespace,
      platform: {
        namespace,
        serviceAccountName: 'default',
        scratch: '64Mi',
        courier: { image: images['worker'] ?? '', exchange: `http://${NODE_HOST}:${port}`, cpu: 0.5 },
        graceSeconds: 10,
      },
      folder,
      secret: 'a secret that is only good for this bench',
      exchange: { host: NODE_HOST, port },
      job: trainingJob(folder, image, ['sh', '-c', TRAINER]),
    });
    const looks = [];
    for (let nth = -1; nth < jobs; nth += 1) {
      const one = await lookAtOne(temporal, config, `job-${nth + 1}`);
      // The first one loads and compiles everything.
      if (nth >= 0) looks.push(one);
    }
    return {
      jobs,
      toRunning: looks.map((one) => one.toRunning),
      toNext: looks.map((one) => one.toNext),
      watching: looks.map((one) => one.watching),
      polling: looks.map((one) => one.polling),
    };
  } finally {
    await core.deleteNamespace({ name: namespace });
  }
}

async function lookAtOne(temporal: string, config: KubeConfig, name: string) {
  const over = new AbortController();
  // What goes wrong there is told after ours: a rejection that nobody awaits yet would end the bench with all it started.
  const others = Promise.allSettled([
    knownAt(config, name, watching, over.signal),
    knownAt(config, name, polling(POLL_MS), over.signal),
  ]);
  const [run] = await followAll(temporal, [name], KEEP_MS);
  over.abort();
  if (run === undefined) throw new Error(`${name} did not complete`);
  const [watched = Number.NaN, polled = Number.NaN] = (await others).map((one) => {
    if (one.status === 'rejected') throw new Error(`a peer lost sight of ${name}`, { cause: one.reason });
    return one.value;
  });
  const { began = Number.NaN, ended = Number.NaN } = run.metrics;
  return {
    toRunning: began - run.submittedAt,
    toNext: run.nextAt - ended,
    watching: watched - ended,
    polling: polled - ended,
  };
}

/** When this follower knew that the Job was complete. */
async function knownAt(config: KubeConfig, name: string, follow: Follow, signal: AbortSignal): Promise<number> {
  const batch = config.makeApiClient(BatchV1Api);
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? '';
  const isThere = async (): Promise<boolean> =>
    await batch.readNamespacedJob({ name, namespace }).then(
      () => true,
      () => false,
    );
  while (!(await isThere())) await sleep(200, undefined, { signal });
  await follow(config, name, signal);
  return Date.now();
}

/** The administrator's configuration, at home in this namespace. */
function inNamespace(namespace: string): KubeConfig {
  const config = clientOf(kubeconfigFile);
  config.contexts = config.getContexts().map((context) => ({ ...context, namespace }));
  return config;
}
