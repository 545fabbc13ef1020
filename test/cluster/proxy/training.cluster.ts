import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BatchV1Api, CoreV1Api, Watch } from '@kubernetes/client-node';
import type { KubeConfig, V1Job } from '@kubernetes/client-node';
import { anchorName } from '../../../activities/adapters/kubernetes/anchor.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import type { TrainingBackend } from '../../../activities/ports/training-backend.ts';
import { kubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import type { KubernetesProxy, Where } from '../../faults/kubernetes-proxy.ts';
import { present } from '../../present.ts';
import { found, makeNamespace, until } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';
import { shippedAccount } from '../shipped-account.ts';
import { SECRET, trainingJob, waitingPlatform } from '../training/training-setup.ts';
import { FAULTS, READ_FAULTS, TIMEOUT_MS, WRITE_FAULTS, everywhere, inLanes, met, patiently } from './fault.ts';
import type { FaultName } from './fault.ts';

let space: TestNamespace;
let account: KubeConfig;
let home: string;
/** Uids of all Jobs that ever were, by name: seen past every proxy. */
const ever = new Map<string, Set<string>>();
let stopWitness: () => void;
let jobs = 0;
const jobNow = async (name: string): Promise<V1Job | undefined> =>
  await found(space.config.makeApiClient(BatchV1Api).readNamespacedJob({ name, namespace: space.name }));

/** A backend whose every request goes through a proxy of its own; the Job it is for is waiting for a node. */
interface Line {
  readonly proxy: KubernetesProxy;
  readonly backend: TrainingBackend;
  readonly job: ReturnType<typeof trainingJob>;
}

async function openLine(): Promise<Line> {
  const proxy = await kubernetesProxy(account);
  const job = trainingJob(`proxied-${(jobs += 1)}`, home);
  const kubeconfig = path.join(home, `${job.name}.kubeconfig`);
  await writeFile(kubeconfig, proxy.config.exportConfig());
  const client = createKubernetesClient({ kubeconfig, namespace: space.name, timeoutMs: TIMEOUT_MS });
  const platform = waitingPlatform(space.name);
  const root = path.join(home, 'exchange');
  return { proxy, job, backend: createKubernetesTraining({ client, platform, root, secret: SECRET, uploadMs: 0 }) };
}

async function throughLine(use: (line: Line) => Promise<void>): Promise<void> {
  const line = await openLine();
  try {
    await use(line);
  } finally {
    await line.proxy.close();
  }
}

async function witness(): Promise<() => void> {
  const watched = await new Watch(space.config).watch(
    `/apis/batch/v1/namespaces/${space.name}/jobs`,
    {},
    (_phase, { metadata }: V1Job) => {
      const name = present(metadata?.name);
      ever.set(name, (ever.get(name) ?? new Set()).add(present(metadata?.uid)));
    },
    () => undefined,
  );
  return () => {
    watched.abort();
  };
}

async function untilGone(name: string): Promise<void> {
  await until(`Job ${name} is gone`, async () => ((await jobNow(name)) === undefined ? true : undefined));
}

/** `sweep`: what whoever cleans up does again, while something is left. */
async function expectNothingLeft(name: string, sweep = async () => Promise.resolve()): Promise<void> {
  const core = space.config.makeApiClient(CoreV1Api);
  const anchor = { name: anchorName(name), namespace: space.name };
  await untilGone(name);
  const look = async (): Promise<true | undefined> => {
    if ((await found(core.readNamespacedConfigMap(anchor))) === undefined) return true;
    await sweep();
    return undefined;
  };
  await expect(until('its anchor is gone', look, 5000)).resolves.toBe(true);
}

/** The Job may be collected with its anchor before we come to delete it: then the fault meets nobody. */
const collected: Where = { verb: 'delete', resource: 'jobs' };
const writes: readonly Where[] = [
  { verb: 'create', resource: 'configmaps' },
  { verb: 'create', resource: 'jobs' },
  { verb: 'delete', resource: 'configmaps' },
  collected,
];
const reads: readonly Where[] = [
  { verb: 'get', resource: 'configmaps' },
  { verb: 'get', resource: 'jobs' },
  { verb: 'list', resource: 'pods' },
];
const cases = [...everywhere(writes, WRITE_FAULTS), ...everywhere(reads, READ_FAULTS)].map(([fault, where]) => ({
  fault,
  where,
}));
type Case = (typeof cases)[number];

async function wholeLife({ fault, where }: Case): Promise<void> {
  await throughLine(async ({ proxy, backend, job }) => {
    FAULTS[fault](proxy, where);
    await patiently(async () => backend.submit(job));
    const made = present(await jobNow(job.name)).metadata?.uid;
    expect(await patiently(async () => backend.inspect(job.name))).toMatchObject({ state: 'waiting' });
    await patiently(async () => backend.remove(job.name));
    expect(met(proxy, fault) || where === collected).toBe(true);
    // A creation that was held up may arrive after the removal. A Job's owner is gone, so it is collected before it trains;
    // an anchor owns nothing, and goes with the next removal.
    const isHeldUp = fault === 'delay' && where.verb === 'create';
    await expectNothingLeft(job.name, async () => (isHeldUp ? backend.remove(job.name) : undefined));
    const jobs = [...present(ever.get(job.name))];
    const late = isHeldUp && where.resource === 'jobs' ? 1 : 0;
    expect(jobs[0]).toBe(made);
    expect(jobs.length).toBeLessThanOrEqual(1 + late);
  });
}

describe('a training Job through a line that breaks', () => {
  let outcome: (row: Case) => Promise<void>;
  beforeAll(async () => {
    space = await makeNamespace('proxied');
    account = await shippedAccount(space, ['understudy-train']);
    home = await mkdtemp(path.join(tmpdir(), 'understudy-proxied-'));
    stopWitness = await witness();
    outcome = inLanes(6, cases, wholeLife);
  });
  afterAll(async () => {
    stopWitness();
    await space.remove();
    await rm(home, { recursive: true });
  });

  test.each(cases)('P5: $fault at $where.verb $where.resource: one Job ever, and nothing left of it', async (row) => {
    await expect(outcome(row)).resolves.toBeUndefined();
  });

  test.each<readonly [FaultName, RegExp]>([
    ['fail-503', /^create jobs proxied-\d+ in namespace \S+ was answered 503: ServiceUnavailable \(injected\)$/],
    ['fail-500', /^create jobs proxied-\d+ in namespace \S+ was answered 500: InternalError \(injected\)$/],
    ['gone', /^create jobs proxied-\d+ in namespace \S+ was answered 410: Expired \(injected\)$/],
    ['throttle', /^create jobs proxied-\d+ in namespace \S+ was answered 429: TooManyRequests \(injected\)$/],
    [
      'reset-before',
      /^create jobs proxied-\d+ in namespace \S+: the API server http:\S+ could not be reached: .*hang up/,
    ],
    ['delay', /^create jobs proxied-\d+ in namespace \S+ was not answered in time by http:/],
  ])('P5: %s without end is a clear error when patience ends, and loses nothing', async (fault, message) => {
    await throughLine(async ({ proxy, backend, job }) => {
      FAULTS[fault](proxy, { verb: 'create', resource: 'jobs', times: 1000 });
      const submitted = patiently(async () => backend.submit(job), 2);
      await expect(submitted).rejects.toMatchObject({ message: expect.stringMatching(message) });
      proxy.calm();
      await backend.submit(job);
      expect(await backend.inspect(job.name)).toMatchObject({ state: 'waiting' });
      expect(present(ever.get(job.name)).size).toBe(1);
      await backend.remove(job.name);
    });
  });

  test('P5: a Job that a slow request creates after its removal is collected, not run', async () => {
    await throughLine(async ({ proxy, backend, job }) => {
      proxy.delay(2 * TIMEOUT_MS, { verb: 'create', resource: 'jobs' });
      await expect(backend.submit(job)).rejects.toMatchObject({ code: 'timeout' });
      await backend.remove(job.name);
      await until('the late Job', async () => ever.get(job.name));
      await untilGone(job.name);
      await expectNothingLeft(job.name);
    });
  });

  test('P5: a stale answer about a Job that was deleted behind our back creates no second one', async () => {
    await throughLine(async ({ proxy, backend, job }) => {
      await backend.submit(job);
      expect(await backend.inspect(job.name)).toMatchObject({ state: 'waiting' });
      const batch = space.config.makeApiClient(BatchV1Api);
      await batch.deleteNamespacedJob({ name: job.name, namespace: space.name, propagationPolicy: 'Background' });
      await untilGone(job.name);
      proxy.stale(1, { resource: 'jobs', name: job.name });
      await backend.submit(job);
      expect([...proxy.fired]).toEqual([['stale', 1]]);
      expect(await backend.inspect(job.name)).toMatchObject({ state: 'vanished' });
      await backend.submit(job);
      expect(present(ever.get(job.name)).size).toBe(1);
    });
  });
});
