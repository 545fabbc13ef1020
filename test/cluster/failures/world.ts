import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BatchV1Api, CoreV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { createExchange } from '../../../activities/adapters/kubernetes-training/exchange.ts';
import { readPointers } from '../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import { platformSchema } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { ClassifyPolicy } from '../../../activities/adapters/kubernetes-training/observation.ts';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { JobState, Placement, TrainingBackend, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { present } from '../../present.ts';
import { imageOf, makeNamespace, testHost } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';
import { shippedAccount } from '../shipped-account.ts';
import { SECRET, trainingJob } from '../training/training-setup.ts';
import { createMoments, timed } from './moments.ts';

/** Polls of a dozen Jobs at once must leave the API server to others. */
const LOOK_EVERY_MS = 500;
/** A verdict comes within a minute of its cause; what a busy machine needs until there is a cause comes on top. */
const PATIENCE_MS = 170_000;
/** For tests that follow a job through several lives. */
export const WITHIN_MS = 200_000;

export interface BackendOptions {
  readonly policy?: Partial<ClassifyPolicy>;
  /** What the platform's admission makes of a Job on its way in. */
  readonly admit?: (job: V1Job) => V1Job;
  readonly client?: KubernetesClient;
  /** Fields of the platform template. */
  readonly platform?: object;
}

export interface Failures {
  readonly space: TestNamespace;
  /** A folder that goes with it. */
  readonly home: string;
  /** Where pods reach the exchange. */
  readonly exchange: string;
  /** By the shipped account. */
  readonly client: KubernetesClient;
  /** The shipped account in a namespace that is not its own. */
  readonly clientIn: (namespace: string) => KubernetesClient;
  readonly core: CoreV1Api;
  readonly batch: BatchV1Api;
  readonly backend: (options?: BackendOptions) => TrainingBackend;
  /** A job whose trainer is a shell script. It may not be repeated unless `retries` says so. */
  readonly job: (
    name: string,
    script: string,
    more?: Partial<TrainingJob>,
    placement?: Partial<Placement>,
  ) => TrainingJob;
  /** The newest checkpoint that reached this side. */
  readonly checkpoint: (name: string) => Promise<number | undefined>;
  readonly pods: (name: string) => Promise<V1Pod[]>;
  /** The first pod for which it holds. */
  readonly podThat: (name: string, holds: (pod: V1Pod) => boolean) => Promise<V1Pod>;
  /** What is done to the job next is the cause of what is told of it then. */
  readonly begin: (job: string) => void;
  readonly close: () => Promise<void>;
}

/** A namespace with real pods, and the exchange that they speak to. Jobs that pods run for a minute at most. */
export async function openFailures(prefix: string, labels: Readonly<Record<string, string>> = {}): Promise<Failures> {
  const space = await makeNamespace(prefix, labels);
  const home = await mkdtemp(path.join(tmpdir(), 'understudy-failures-'));
  const root = path.join(home, 'exchange');
  const exchange = createServer(createExchange({ root, secret: SECRET }));
  await new Promise<void>((resolve) => exchange.listen(0, testHost(), resolve));
  const url = `http://${testHost()}:${(exchange.address() as AddressInfo).port}`;
  const kubeconfig = path.join(home, 'worker.kubeconfig');
  await writeFile(kubeconfig, (await shippedAccount(space, ['understudy-train'])).exportConfig());
  const clientIn = (namespace: string): KubernetesClient => createKubernetesClient({ kubeconfig, namespace });
  const client = clientIn(space.name);
  const platform = {
    namespace: space.name,
    serviceAccountName: 'default',
    scratch: '16Mi',
    graceSeconds: 10,
    courier: { image: imageOf('worker'), exchange: url, cpu: 0.03, memory: '128Mi' },
  };
  const checkpoints = (name: string): string => path.join(home, 'checkpoints', name);
  const moments = createMoments();
  const pods = async (name: string) => await client.listPods(`batch.kubernetes.io/job-name=${name}`);
  return {
    space,
    home,
    exchange: url,
    client,
    clientIn,
    core: space.config.makeApiClient(CoreV1Api),
    batch: space.config.makeApiClient(BatchV1Api),
    pods,
    backend: ({ policy = {}, admit = (job: V1Job) => job, client: other = client, platform: more = {} } = {}) =>
      timed(
        createKubernetesTraining({
          client: moments.noting({ ...other, createJob: async (job: V1Job) => await other.createJob(admit(job)) }),
          platform: platformSchema.parse({ ...platform, ...more }),
          root,
          secret: SECRET,
          policy,
        }),
        moments,
      ),
    begin: moments.begin,
    job: (name, script, more = {}, placement = {}) => {
      const plain = trainingJob(name, home);
      const small = { cpu: 0.02, memory: 32 * 1024 ** 2, queueDeadlineMs: 600_000, ...placement };
      const command = ['sh', '-c', script];
      return {
        ...plain,
        command,
        checkpoints: checkpoints(name),
        placement: { ...present(plain.placement), ...small },
        ...more,
      };
    },
    checkpoint: async (name) => (await readPointers(checkpoints(name)))[0]?.step,
    podThat: async (name, holds) =>
      await look(`a pod of ${name}`, async () => (await pods(name)).find((pod) => holds(pod))),
    close: async () => {
      exchange.close();
      exchange.closeAllConnections();
      await space.remove();
      await rm(home, { recursive: true });
    },
  };
}

/** Looks twice a second; throws when patience is over. A look that got no answer is repeated, as a worker's activity is. */
export async function look<T>(what: string, ask: () => Promise<T | undefined>, withinMs = PATIENCE_MS): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask().catch(unansweredOnly);
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await pause(LOOK_EVERY_MS);
  }
}

function unansweredOnly(cause: unknown): undefined {
  const isPassing = cause instanceof PortFailure && (cause.code === 'timeout' || cause.code === 'unavailable');
  if (!isPassing) throw cause;
  return undefined;
}

/** The first state of the job that satisfies; what it said before is in the error when none does in time. */
export async function stateOf(
  backend: TrainingBackend,
  name: string,
  satisfies: (state: JobState) => boolean,
): Promise<JobState> {
  let last = '';
  const ask = async (): Promise<JobState | undefined> => {
    const state = await backend.inspect(name);
    last = JSON.stringify(state);
    return satisfies(state) ? state : undefined;
  };
  return await look(`job ${name}`, ask).catch((cause: unknown) => {
    throw new Error(`${String(cause)}; it is ${last}`, { cause });
  });
}

export async function ended(backend: TrainingBackend, name: string): Promise<JobState> {
  return await stateOf(backend, name, ({ state }) => state !== 'waiting' && state !== 'running');
}

/** The first state whose words include these. */
export async function saying(backend: TrainingBackend, name: string, words: string): Promise<JobState> {
  return await stateOf(backend, name, (state) => JSON.stringify(state).includes(words));
}

export function isRunning(pod: V1Pod): boolean {
  const trainer = pod.status?.containerStatuses?.find(({ name }) => name === 'trainer');
  return trainer?.state?.running !== undefined && pod.metadata?.deletionTimestamp === undefined;
}

export const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Shell: a checkpoint of this step, written as the contract of trainers asks. */
export function checkpointOf(step: number): string {
  const latest = JSON.stringify({ step, path: `${step}.bin`, sha256: sha256(String(step)) });
  return `(cd "$UNDERSTUDY_CHECKPOINTS" && printf ${step} > ${step}.bin && printf '${latest}' > new && mv new latest)`;
}

/** Shell: a result that names the checkpoint it went on from. */
export function resultFrom(step: number): string {
  const artifact = { path: 'model', files: [{ path: 'w', sha256: sha256('w') }] };
  const result = JSON.stringify({ mode: 'train', artifact, metrics: { auc: 0.7 }, resumedFrom: step });
  return `mkdir -p /understudy/output/model; printf w > /understudy/output/model/w; printf '${result}' > /understudy/output/result.json`;
}

/** Shell: until it is told to stop; `sleep` alone would not hear the signal. */
export const WAITING = 'while :; do sleep 0.2; done';

/** Shell: a text as one word. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
