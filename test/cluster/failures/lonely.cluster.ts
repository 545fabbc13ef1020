import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { V1PodStatus } from '@kubernetes/client-node';
import { openLonelyNode } from './lonely-node.ts';
import type { LonelyNode } from './lonely-node.ts';
import { expectPromised, startAll, tell } from './row.ts';
import type { Row, Told } from './row.ts';
import { ended, openFailures, saying } from './world.ts';
import type { Failures } from './world.ts';

interface Scene {
  readonly world: Failures;
  readonly lonely: LonelyNode;
  /** Another one, which takes its pods along when it goes. */
  readonly leaving: LonelyNode;
}

/** What a kubelet says of a pod that it took, and then did not run or did not keep. */
async function reported({ world, lonely }: Scene, name: string, status: V1PodStatus): Promise<Told> {
  await world.backend({ platform: lonely.platform }).submit(world.job(name, 'true'));
  world.begin(name);
  await lonely.report(name, status);
  return tell(await ended(world.backend(), name));
}

const rows: readonly Row<Scene>[] = [
  {
    name: 'DisruptionTarget: the node is gone',
    type: 'Preempted',
    sentence:
      /^the job was disrupted 1 times, more than the 0 allowed: node-gone-0-\S+ was taken off node lonely-\S+ \(DeletionByTaintManager.*\), no checkpoint is known$/,
    retry: /^again: preempted without any checkpoint/,
    produce: async ({ leaving, world: { backend, job, podThat } }) => {
      await backend({ platform: leaving.platform }).submit(job('node-gone', 'true'));
      const state = { running: { startedAt: new Date() } };
      const trainer = { name: 'trainer', image: 'x', imageID: 'x', ready: true, restartCount: 0, state };
      const pod = await leaving.report('node-gone', { phase: 'Running', containerStatuses: [trainer] });
      await leaving.fallSilent();
      const told = await saying(backend(), 'node-gone', 'free of charge');
      expect(told).toMatchObject({ why: expect.stringContaining('DeletionByTaintManager') });
      await leaving.writeOff();
      await podThat('node-gone', (other) => other.metadata?.uid !== pod.metadata?.uid);
      return tell(await ended(backend({ policy: { evictions: 0 } }), 'node-gone'));
    },
  },
  {
    name: 'UnexpectedAdmissionError of a device plugin',
    type: 'NodeDeviceError',
    sentence:
      /^node lonely-\S+ refused device-0-\S+: Allocate failed due to no healthy devices present.* · BackoffLimitExceeded: /,
    retry: /^again: NodeDeviceError: 1 failed attempts, 2 may be repeated/,
    produce: async (scene) =>
      await reported(scene, 'device', {
        phase: 'Failed',
        reason: 'UnexpectedAdmissionError',
        message: 'Allocate failed due to no healthy devices present; cannot allocate unhealthy devices nvidia.com/gpu',
      }),
  },
  {
    name: 'Evicted over its own limit',
    type: 'EvictedOwnLimit',
    sentence:
      /^full-0-\S+ was evicted over its own limit: Pod ephemeral local storage usage exceeds the total limit of containers 1Gi\./,
    retry: /^no: EvictedOwnLimit is final/,
    produce: async (scene) =>
      await reported(scene, 'full', {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ',
      }),
  },
];

describe('training-and-registry 4.10: a node whose kubelet is played by this test, all else being real', () => {
  let scene: Scene;
  let told: (row: Row<Scene>) => Promise<Told>;
  beforeAll(async () => {
    const world = await openFailures('lonely', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    scene = { world, lonely: await openLonelyNode(world), leaving: await openLonelyNode(world) };
    told = startAll(rows, scene);
  });
  afterAll(async () => {
    await scene.lonely.close();
    await scene.leaving.close();
    await scene.world.close();
  });

  expectPromised(rows, async (row) => told(row));
});
