import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { found } from '../cluster.ts';
import { SHIPPED_ACCOUNT, admit, grantBeyond } from '../shipped-account.ts';
import { evict, openScarcity } from './disrupt.ts';
import type { Scarcity } from './disrupt.ts';
import type { JobState } from '../../../activities/ports/training-backend.ts';
import { expectPromised, settled, startAll, tell } from './row.ts';
import type { Row, Told } from './row.ts';
import {
  WAITING,
  WITHIN_MS,
  checkpointOf,
  ended,
  isRunning,
  look,
  openFailures,
  quoted,
  resultFrom,
  saying,
  stateOf,
} from './world.ts';
import type { Failures } from './world.ts';

const SAVED = 'test -f "$UNDERSTUDY_CHECKPOINTS/latest"';
/** Waits at step 3, saves step 7 when it is told to leave, and goes on from there in its second life. */
const RESUMES = `if ${SAVED}; then ${resultFrom(7)}; exit 0; fi
${checkpointOf(3)}
trap ${quoted(`${checkpointOf(7)}; exit 75`)} TERM
${WAITING}`;
/** Whatever happens, it never comes further than step 3. */
const STUCK = `${checkpointOf(3)}; trap 'exit 75' TERM; ${WAITING}`;
/** Every life comes one step further; the third one is the last. */
const ADVANCES = `last="$UNDERSTUDY_CHECKPOINTS/latest"; trap 'exit 75' TERM
grep -q '"step":2' "$last" && { ${resultFrom(2)}; exit 0; }
if grep -q '"step":1' "$last"; then ${checkpointOf(2)}; else ${checkpointOf(1)}; fi
${WAITING}`;
/** First life: evicted. Second: fails by itself. Third: ends well. */
const UNLUCKY = `last="$UNDERSTUDY_CHECKPOINTS/latest"; trap 'exit 75' TERM
grep -q '"step":2' "$last" && { ${resultFrom(2)}; exit 0; }
grep -q '"step":1' "$last" && { ${checkpointOf(2)}; sleep 3; exit 75; }
${checkpointOf(1)}; ${WAITING}`;

/** Whoever takes a pod away is watched by then, as every Job is by its worker: a pod that nobody ever saw is no eviction. */
interface Scene {
  readonly world: Failures;
  readonly scarce: Scarcity;
}

async function saved({ world }: Scene, name: string, step: number): Promise<void> {
  await look(`checkpoint ${step} of ${name}`, async () => ((await world.checkpoint(name)) === step ? true : undefined));
}

async function evictTwice(scene: Scene, name: string, steps: readonly [number, number]): Promise<void> {
  await saved(scene, name, steps[0]);
  const first = await evict(scene.world, name);
  await scene.world.podThat(name, (pod) => isRunning(pod) && pod.metadata?.uid !== first.metadata?.uid);
  await saved(scene, name, steps[1]);
  await evict(scene.world, name, first);
}

const rows: readonly Row<Scene>[] = [
  {
    name: 'DisruptionTarget: preempted by a higher priority, while the Job may still be disrupted',
    type: 'waiting',
    sentence:
      /^preempted-0-\S+ was taken off node \S+ \(PreemptionByScheduler: .*\), newest checkpoint at step \d; another pod follows, free of charge$/,
    retry: /this job goes on/,
    produce: async (scene) => {
      const { backend, job } = scene.world;
      const gpu = { resource: scene.scarce.resource, count: 1, nodeSelector: {}, spot: false };
      await backend().submit(job('preempted', RESUMES, {}, { gpu }));
      await saved(scene, 'preempted', 3);
      const [state] = await Promise.all([saying(backend(), 'preempted', 'free of charge'), scene.scarce.preempt()]);
      return tell(state);
    },
  },
  {
    name: 'DisruptionTarget: evicted through the API, and no disruption is left',
    type: 'Preempted',
    sentence:
      /^the job was disrupted 1 times, more than the 0 allowed: evicted-0-\S+ was taken off node \S+ \(EvictionByEvictionAPI: .*\), newest checkpoint at step 3$/,
    retry: /^again: preempted at step 3 \(1 of 20 evictions\), free of charge: job 2 of this run starts/,
    produce: async (scene) => {
      const { world } = scene;
      const backend = world.backend({ policy: { evictions: 0 } });
      await backend.submit(world.job('evicted', STUCK));
      await saved(scene, 'evicted', 3);
      const [end] = await Promise.all([ended(backend, 'evicted'), evict(world, 'evicted')]);
      return tell(end);
    },
  },
  {
    name: 'DisruptionTarget: twice at the same checkpoint, so there is no progress in between',
    type: 'Preempted',
    sentence:
      /^the job was disrupted 2 times in a row at step 3: it makes no progress in between: stuck-0-\S+ was taken/,
    retry: /^again: preempted at step 3 \(2 of 20 evictions\), free of charge/,
    produce: async (scene) => {
      const backend = scene.world.backend({ policy: { sameStep: 2 } });
      await backend.submit(scene.world.job('stuck', STUCK));
      const [end] = await Promise.all([ended(backend, 'stuck'), evictTwice(scene, 'stuck', [3, 3])]);
      return tell(end);
    },
  },
  {
    name: 'Job gone: somebody deleted it',
    type: 'JobVanished',
    sentence: /^the job \(uid \S+\) is gone: somebody deleted it, the last event is \w+: /,
    retry: /^no: somebody deleted the job, and the policy allows no other one/,
    produce: async ({ world: { backend, job, batch, space, begin } }) => {
      const again = job('deleted', WAITING);
      await backend().submit(again);
      await stateOf(backend(), 'deleted', ({ state }) => state === 'running');
      const body = { propagationPolicy: 'Background' };
      begin('deleted');
      await batch.deleteNamespacedJob({ name: 'deleted', namespace: space.name, body });
      const told = tell(await ended(backend(), 'deleted'));
      await backend().submit(again);
      expect(await found(batch.readNamespacedJob({ name: 'deleted', namespace: space.name }))).toBeUndefined();
      return told;
    },
  },
  {
    name: 'Job gone: its namespace was deleted',
    type: 'JobVanished',
    sentence: /^the job \(uid \S+\) is gone: its namespace was deleted, /,
    retry: /^no: somebody deleted the job, and the policy allows no other one/,
    produce: async ({ world }) => {
      const leaving = await openFailures('leaving');
      // The worker lives elsewhere. Its rights here go with the namespace, and may go before the Job: what is beyond all
      // namespaces stays, so that there is one answer whichever goes first.
      await admit(leaving.space, world.space.name, ['understudy-train']);
      const trial = { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] };
      const withdraw = await grantBeyond(world.space, SHIPPED_ACCOUNT, [trial]);
      const again = leaving.job('homeless', WAITING);
      const backend = leaving.backend({ client: world.clientIn(leaving.space.name) });
      await backend.submit(again);
      await stateOf(backend, 'homeless', ({ state }) => state === 'running');
      leaving.begin('homeless');
      const [, state] = await Promise.all([leaving.space.remove(), ended(backend, 'homeless')]);
      await leaving.close();
      await withdraw();
      return tell(state);
    },
  },
];

/** Taken away twice, with a step gained in between: three lives of one Job that may not fail once. */
async function advance(scene: Scene): Promise<JobState> {
  const backend = scene.world.backend({ policy: { sameStep: 2 } });
  await backend.submit(scene.world.job('advances', ADVANCES));
  const [state] = await Promise.all([ended(backend, 'advances'), evictTwice(scene, 'advances', [1, 2])]);
  return state;
}

/** Taken away once, failed once: each is charged to its own budget, and both budgets hold exactly one. */
async function failOnce(scene: Scene): Promise<JobState> {
  const backend = scene.world.backend({ policy: { evictions: 1 } });
  await backend.submit(scene.world.job('unlucky', UNLUCKY, { retries: 1 }));
  await saved(scene, 'unlucky', 1);
  const [state] = await Promise.all([ended(backend, 'unlucky'), evict(scene.world, 'unlucky')]);
  return state;
}

describe('training-and-registry 4.10: a trainer that was taken away', () => {
  let scene: Scene;
  let told: (row: Row<Scene>) => Promise<Told>;
  let advanced: () => Promise<JobState>;
  let failedOnce: () => Promise<JobState>;
  beforeAll(async () => {
    const world = await openFailures('disrupted', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    scene = { world, scarce: await openScarcity(world) };
    told = startAll(rows, scene);
    advanced = settled(advance(scene));
    failedOnce = settled(failOnce(scene));
  });
  afterAll(async () => {
    await scene.world.close();
    await scene.scarce.close();
  });

  expectPromised(rows, async (row) => told(row));

  test(
    'TN3: a preempted trainer goes on from its last checkpoint when there is room again, and is charged nothing',
    async () => {
      await scene.scarce.relent();
      expect(await ended(scene.world.backend(), 'preempted')).toMatchObject({
        state: 'succeeded',
        attempts: 1,
        result: { resumedFrom: 7 },
        compute: { evictions: 1 },
      });
    },
    WITHIN_MS,
  );

  test(
    'TN3: two evictions with a step in between end nothing, though only one may happen at the same step',
    async () => {
      expect(await advanced()).toMatchObject({ state: 'succeeded', attempts: 1, compute: { evictions: 2 } });
    },
    WITHIN_MS,
  );

  test(
    'TN3: an eviction and a failure are charged to budgets of their own',
    async () => {
      expect(await failedOnce()).toMatchObject({ state: 'succeeded', attempts: 2, compute: { evictions: 1 } });
    },
    WITHIN_MS,
  );
});
