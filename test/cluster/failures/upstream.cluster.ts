import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobState } from '../../../activities/ports/training-backend.ts';
import { endOf, settled, tell } from './row.ts';
import type { Told } from './row.ts';
import { found } from '../cluster.ts';
import {
  MERGE,
  WAITING,
  WITHIN_MS,
  checkpointOf,
  ended,
  look,
  openFailures,
  resultFrom,
  saying,
  stateOf,
} from './world.ts';
import type { Failures } from './world.ts';

const MISSING = `127.0.0.1:1/flights@sha256:${'a'.repeat(64)}`;
/** Each life saves one step more; the third has nothing left to do. */
const SUSPENDED = `last="$UNDERSTUDY_CHECKPOINTS/latest"; trap 'exit 75' TERM
grep -q '"step":2' "$last" && { ${resultFrom(2)}; exit 0; }
if grep -q '"step":1' "$last"; then ${checkpointOf(2)}; else ${checkpointOf(1)}; fi
${WAITING}`;

let world: Failures;

/** What is said within the grace, and after it. */
async function before(name: string, words: string): Promise<readonly [JobState, Told]> {
  const first = await saying(world.backend(), name, words);
  const patience = { unschedulableGraceMs: 1_000, imagePullGraceMs: 1_000 };
  return [first, tell(await ended(world.backend({ policy: patience }), name))];
}

async function unschedulable(): Promise<readonly [JobState, Told]> {
  const gpu = { resource: 'nvidia.com/gpu', count: 9, nodeSelector: {}, spot: false };
  await world.backend().submit(world.job('no-room', 'true', {}, { gpu }));
  return await before('no-room', 'Insufficient');
}

async function withoutImage(): Promise<readonly [JobState, Told]> {
  await world.backend().submit(world.job('no-image', 'true', {}, { image: MISSING }));
  return await before('no-image', 'cannot start');
}

/** Fails for good; then Kubernetes' own clean-up takes it, and the same is submitted again. */
async function takenByTtl(): Promise<readonly [Told, JobState, boolean]> {
  const { batch, space } = world;
  const job = world.job('burned', 'echo hour is negative; exit 65');
  const backend = world.backend();
  const told = await endOf(backend, job);
  const at = { name: job.name, namespace: space.name };
  await batch.patchNamespacedJob({ ...at, body: { spec: { ttlSecondsAfterFinished: 0 } } }, MERGE);
  const isThere = async (): Promise<boolean> => (await found(batch.readNamespacedJob(at))) !== undefined;
  await look('the clean-up', async () => ((await isThere()) ? undefined : true));
  await backend.submit(job);
  return [told, await backend.inspect(job.name), await isThere()];
}

/** What Kueue does to a Job when it takes its quota away and gives it back: twice, at two checkpoints. */
async function suspendedTwice(): Promise<JobState> {
  const backend = world.backend();
  await backend.submit(world.job('queued', SUSPENDED));
  for (const step of [1, 2]) {
    await look(`checkpoint ${step}`, async () => ((await world.checkpoint('queued')) === step ? true : undefined));
    await stateOf(backend, 'queued', ({ state }) => state === 'running');
    await suspend(true);
    await saying(backend, 'queued', 'suspended after it ran');
    await look('its pods are gone', async () => ((await world.pods('queued')).length === 0 ? true : undefined));
    await suspend(false);
  }
  return await ended(backend, 'queued');
}

async function suspend(value: boolean): Promise<void> {
  const at = { name: 'queued', namespace: world.space.name };
  await world.batch.patchNamespacedJob({ ...at, body: { spec: { suspend: value } } }, MERGE);
}

describe('what users of other orchestrators reported', () => {
  let noRoom: () => ReturnType<typeof unschedulable>;
  let noImage: () => ReturnType<typeof withoutImage>;
  let burned: () => ReturnType<typeof takenByTtl>;
  let queued: () => Promise<JobState>;
  beforeAll(async () => {
    world = await openFailures('upstream', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    noRoom = settled(unschedulable());
    noImage = settled(withoutImage());
    burned = settled(takenByTtl());
    queued = settled(suspendedTwice());
  });
  afterAll(async () => world.close());

  test(
    'kubeflow/pipelines#13401: an unschedulable pod is waiting in the words of the scheduler, then has failed, and never runs',
    async () => {
      const [first, told] = await noRoom();
      expect(first).toMatchObject({ state: 'waiting', why: expect.stringContaining('Insufficient nvidia.com/gpu') });
      expect(told).toMatchObject({
        type: 'Unschedulable',
        sentence: expect.stringMatching(/^no node takes the pod: 0\/\d+ nodes are available: .* \(for \d+ s\)$/),
      });
    },
    WITHIN_MS,
  );

  test(
    'kubeflow/pipelines#12973: an image that cannot be pulled is waiting with its name, then has failed, and never runs',
    async () => {
      const [first, told] = await noImage();
      expect(first).toMatchObject({ state: 'waiting', why: expect.stringContaining(MISSING) });
      expect(told).toMatchObject({ type: 'ImagePullFailed', sentence: expect.stringContaining('connection refused') });
    },
    WITHIN_MS,
  );

  test(
    'kubeflow/trainer#3737: a failed Job that the TTL removed is not run again',
    async () => {
      const [told, state, isThere] = await burned();
      expect(told).toMatchObject({ type: 'TrainerData', retry: expect.stringMatching(/^no: /) });
      expect(state).toMatchObject({ state: 'vanished' });
      expect(isThere).toBe(false);
    },
    WITHIN_MS,
  );

  test(
    'kubernetes-sigs/jobset#1117: a Job that its queue suspends is charged no failure and goes on from its checkpoint',
    async () => {
      expect(await queued()).toMatchObject({
        state: 'succeeded',
        attempts: 1,
        result: { resumedFrom: 2 },
        compute: { suspensions: 2, evictions: 0 },
      });
    },
    WITHIN_MS,
  );
});
