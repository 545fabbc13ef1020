import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobState, TrainingJob } from '../../../activities/ports/training-backend.ts';
import { present } from '../../present.ts';
import { eventually } from '../../eventually.ts';
import { imageOf, until } from '../cluster.ts';
import { openTrainingPods, sha256 } from './pods-setup.ts';
import type { TrainingPods } from './pods-setup.ts';

const GIB = 1024 ** 3;
/** As the node's labels say it. */
const MODEL = 'NVIDIA-A100-SXM4-80GB';

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
  let pods: TrainingPods;
  beforeAll(async () => {
    pods = await openTrainingPods('pods');
    await writeFile(path.join(pods.home, 'rows.parquet'), 'rows');
  });
  afterAll(async () => {
    await pods.close();
  });

  const job = (name: string, script: string): TrainingJob => {
    const plain = pods.job(name);
    const file = { name: 'rows.parquet', path: path.join(pods.home, 'rows.parquet'), bytes: 4, sha256: sha256('rows') };
    return {
      ...plain,
      command: ['sh', '-c', script],
      spec: { ...plain.spec, files: [file] },
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

  /** The first state that mentions the word; a name that nobody resolves takes the kubelet most of a minute. */
  async function saying(name: string, word: string): Promise<JobState> {
    return await until(
      `${word} in the state of ${name}`,
      async () => {
        const state = await pods.backend.inspect(name);
        return JSON.stringify(state).includes(word) ? state : undefined;
      },
      100_000,
    );
  }

  test('TN2: gets its files by digest, resumes from its checkpoint in a second pod, and hands in its result', async () => {
    await pods.backend.submit(job('resumes', RESUMING));
    const end = await pods.ended('resumes');
    expect(end).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      result: { metrics: { auc: 0.7 }, resumedFrom: 3 },
      compute: { backend: 'kubernetes', gpuModel: MODEL },
      logTail: expect.stringContaining('trained'),
    });
    expect(end).not.toHaveProperty('compute.gpuDriver');
    // Who may read nodes knows the driver, too.
    const known = { compute: { gpuModel: MODEL, gpuDriver: '570.86.15' } };
    expect(await pods.seesNodes.inspect('resumes')).toMatchObject(known);
    await pods.backend.remove('resumes');
    // A Job that is over holds no device: nobody waits for its pods to go, and they do.
    const count = async () => (await pods.client.listPods('batch.kubernetes.io/job-name=resumes')).length;
    expect(await eventually(count, (left) => left === 0)).toBe(0);
  });

  test('TN3: an exit that refuses the data ends the Job at once, with the last words of the trainer', async () => {
    await pods.backend.submit(job('refuses', 'echo hour is negative; exit 65'));
    expect(await pods.ended('refuses')).toMatchObject({
      state: 'failed',
      code: 'trainer-data',
      exitCode: 65,
      attempts: 1,
      logTail: expect.stringContaining('hour is negative'),
    });
    await pods.backend.remove('refuses');
  });

  test('kubeflow/pipelines#12973: an image that is not there is never shown as running, and fails with its name', async () => {
    const image = `registry.invalid/none@sha256:${'a'.repeat(64)}`;
    const good = job('no-image', 'true');
    await pods.backend.submit({ ...good, placement: { ...present(good.placement), image } });
    const seen = await saying('no-image', 'registry.invalid');
    expect(seen.state).not.toBe('running');
    await pods.backend.remove('no-image');
  });

  test('CO2: a Job that asks for more GPUs than any node has waits with the words of the scheduler', async () => {
    const good = job('too-big', 'true');
    const gpu = { resource: 'nvidia.com/gpu', count: 9, nodeSelector: {}, spot: false };
    await pods.backend.submit({ ...good, placement: { ...present(good.placement), gpu } });
    const seen = await saying('too-big', 'nvidia.com/gpu');
    expect(seen).toMatchObject({ state: 'waiting', why: expect.stringContaining('Insufficient nvidia.com/gpu') });
    await pods.backend.remove('too-big');
  });
});
