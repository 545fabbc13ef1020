import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createExchange } from '../../../activities/adapters/kubernetes-training/exchange.ts';
import { platformSchema } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { JobState, TrainingBackend, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { network } from '../../../infra/cluster/places.ts';
import { present } from '../../present.ts';
import { imageOf, makeNamespace, until } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';
import { SECRET, trainingJob } from './training-setup.ts';

const GIB = 1024 ** 3;
/** As the node's labels say it. */
const MODEL = 'NVIDIA-A100-SXM4-80GB';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A trainer as a shell script: reads its file, leaves a checkpoint at the first attempt, goes on from it at the second. */
const RESUMING = `set -e
grep -q '"mode":"train"' "$UNDERSTUDY_SPEC"
test "$(cat /understudy/data/rows.parquet)" = rows
if [ ! -f "$UNDERSTUDY_CHECKPOINTS/latest" ]; then
  printf w > "$UNDERSTUDY_CHECKPOINTS/w.bin"
  printf '{"step":3,"path":"w.bin","sha256":"${sha256('w')}"}' > "$UNDERSTUDY_CHECKPOINTS/latest"
  echo '{"step":3,"of":10}' >> "$UNDERSTUDY_PROGRESS"
  sleep 3
  exit 75
fi
mkdir -p /understudy/output/model
cat "$UNDERSTUDY_CHECKPOINTS/w.bin" > /understudy/output/model/w
echo trained
printf '{"mode":"train","artifact":{"path":"model","files":[{"path":"w","sha256":"${sha256('w')}"}]},"metrics":{"auc":0.7},"resumedFrom":3}' > /understudy/output/result.json`;

describe('a trainer in a pod of a real node', () => {
  let space: TestNamespace;
  let home: string;
  let client: KubernetesClient;
  let backend: TrainingBackend;
  let exchange: ReturnType<typeof createServer>;

  beforeAll(async () => {
    space = await makeNamespace('pods', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    home = await mkdtemp(path.join(tmpdir(), 'understudy-pods-'));
    const root = path.join(home, 'exchange');
    exchange = createServer(createExchange({ root, secret: SECRET }));
    await new Promise<void>((resolve) => exchange.listen(0, network.host, resolve));
    const { port } = exchange.address() as AddressInfo;
    const kubeconfig = path.join(home, 'kubeconfig');
    await writeFile(kubeconfig, space.config.exportConfig());
    client = createKubernetesClient({ kubeconfig, namespace: space.name });
    const platform = platformSchema.parse({
      namespace: space.name,
      serviceAccountName: 'default',
      scratch: '64Mi',
      graceSeconds: 20,
      courier: { image: imageOf('worker'), exchange: `http://${network.host}:${port}` },
    });
    backend = createKubernetesTraining({ client, platform, root, secret: SECRET });
    await writeFile(path.join(home, 'rows.parquet'), 'rows');
  });
  afterAll(async () => {
    exchange.close();
    exchange.closeAllConnections();
    await space.remove();
    await rm(home, { recursive: true });
  });

  const job = (name: string, script: string): TrainingJob => {
    const plain = trainingJob(name, home);
    const file = { name: 'rows.parquet', path: path.join(home, 'rows.parquet'), bytes: 4, sha256: sha256('rows') };
    return {
      ...plain,
      command: ['sh', '-c', script],
      spec: { ...plain.spec, files: [file] },
      deadlineMs: 120_000,
      retries: 1,
      placement: {
        ...present(plain.placement),
        image: imageOf('trainer'),
        memory: GIB / 8,
        gpu: { resource: 'nvidia.com/gpu', count: 1, nodeSelector: { 'nvidia.com/gpu.product': MODEL }, spot: false },
        queueDeadlineMs: 60_000,
      },
    };
  };

  async function ended(name: string): Promise<JobState> {
    return await until(
      `the end of ${name}`,
      async () => {
        const state = await backend.inspect(name);
        return state.state === 'waiting' || state.state === 'running' ? undefined : state;
      },
      100_000,
    );
  }

  /** The first state that mentions the word; a name that nobody resolves takes the kubelet most of a minute. */
  async function saying(name: string, word: string): Promise<JobState> {
    return await until(
      `${word} in the state of ${name}`,
      async () => {
        const state = await backend.inspect(name);
        return JSON.stringify(state).includes(word) ? state : undefined;
      },
      100_000,
    );
  }

  test('TN2: gets its files by digest, resumes from its checkpoint in a second pod, and hands in its result', async () => {
    await backend.submit(job('resumes', RESUMING));
    const end = await ended('resumes');
    expect(end).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      result: { metrics: { auc: 0.7 }, resumedFrom: 3 },
      compute: { backend: 'kubernetes', gpuModel: MODEL },
      logTail: expect.stringContaining('trained'),
    });
    await backend.remove('resumes');
    expect(await client.listPods('batch.kubernetes.io/job-name=resumes')).toEqual([]);
  });

  test('TN3: an exit that refuses the data ends the Job at once, with the last words of the trainer', async () => {
    await backend.submit(job('refuses', 'echo hour is negative; exit 65'));
    expect(await ended('refuses')).toMatchObject({
      state: 'failed',
      code: 'trainer-data',
      exitCode: 65,
      attempts: 1,
      logTail: expect.stringContaining('hour is negative'),
    });
    await backend.remove('refuses');
  });

  test('kubeflow/pipelines#13401: an image that is not there is never shown as running, and fails with its name', async () => {
    const image = `registry.invalid/none@sha256:${'a'.repeat(64)}`;
    const good = job('no-image', 'true');
    await backend.submit({ ...good, placement: { ...present(good.placement), image } });
    const seen = await saying('no-image', 'registry.invalid');
    expect(seen.state).not.toBe('running');
    await backend.remove('no-image');
  });

  test('CO2: a Job that asks for more GPUs than any node has waits with the words of the scheduler', async () => {
    const good = job('too-big', 'true');
    const gpu = { resource: 'nvidia.com/gpu', count: 9, nodeSelector: {}, spot: false };
    await backend.submit({ ...good, placement: { ...present(good.placement), gpu } });
    const seen = await saying('too-big', 'nvidia.com/gpu');
    expect(seen).toMatchObject({ state: 'waiting', why: expect.stringContaining('Insufficient nvidia.com/gpu') });
    await backend.remove('too-big');
  });
});
