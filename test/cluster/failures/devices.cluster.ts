import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placementsOf } from '../../../activities/placement.ts';
import type { JobState } from '../../../activities/ports/training-backend.ts';
import type { PolicyInput } from '../../../scorecards/policy/schema.ts';
import { applied } from '../../lifecycle/policies.ts';
import { present } from '../../present.ts';
import { imageOf } from '../cluster.ts';
import { LONELY, openLonelyNode } from './lonely-node.ts';
import type { LonelyNode } from './lonely-node.ts';
import { endOf, expectPromised, settled, startAll } from './row.ts';
import type { Row, Told } from './row.ts';
import { WITHIN_MS, openFailures, saying } from './world.ts';
import type { BackendOptions, Failures } from './world.ts';

type Resources = NonNullable<PolicyInput['spec']['training']['resources']>;
/** The kinds of accelerators in a policy. */
type Kind = Exclude<Resources['gpu'], number | undefined>['anyOf'][number];

const MIG = 'nvidia.com/mig-1g.10gb';
const PRODUCT = { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' };
/** As NVIDIA's feature discovery and operator write it, MIG strategy `mixed`. */
const LABELS = {
  ...PRODUCT,
  'nvidia.com/gpu.count': '3',
  'nvidia.com/gpu.memory': '81920',
  'nvidia.com/mig.capable': 'true',
  'nvidia.com/mig.strategy': 'mixed',
  [`${MIG}.count`]: '2',
  [`${MIG}.memory`]: '9728',
};
const TAINT = { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' };
const GPU = { 'nvidia.com/gpu': '1' };

/** How three clouds and their autoscaler mark nodes that they may take away. */
const SPOT = {
  'cloud.google.com/gke-spot': 'true',
  'kubernetes.azure.com/scalesetpriority': 'spot',
  'karpenter.sh/capacity-type': 'spot',
} as const;
type SpotKey = keyof typeof SPOT;
const clouds = Object.keys(SPOT) as SpotKey[];

interface Scene {
  readonly world: Failures;
  /** Two GPUs, and two slices of a third one. */
  readonly devices: LonelyNode;
  /** One GPU each. */
  readonly spot: ReadonlyMap<SpotKey, LonelyNode>;
}

interface Asked {
  readonly node: LonelyNode;
  /** Of a policy, but for the selector of the node; absent: no accelerator. */
  readonly gpu?: Kind;
  /** By whose label a platform says where spot nodes are. */
  readonly cloud?: SpotKey;
}

/** From the words of a policy to a job that may go to this node only, and the backend that submits it. */
function ask({ world }: Scene, name: string, { node, gpu, cloud }: Asked) {
  const pinned = { ...gpu, nodeSelector: { ...gpu?.nodeSelector, [LONELY]: node.name } };
  const resources = { cpu: 0.02, memory: '32Mi', gpu: gpu === undefined ? 0 : { anyOf: [pinned] } };
  const training = { backend: 'kubernetes' as const, image: imageOf('busybox'), command: ['true'], resources };
  const { policy } = applied(name, world.home, { training });
  const [placement] = placementsOf(policy, `retrain/${name}`);
  const spot = cloud === undefined ? {} : { spot: { nodeSelector: { [cloud]: SPOT[cloud] } } };
  // A job without accelerator has no selector in its policy.
  const place = gpu === undefined ? node.platform : { tolerations: [{ key: LONELY }], ...spot };
  const options: BackendOptions = { platform: place, policy: { unschedulableGraceMs: 1_000 } };
  return { backend: world.backend(options), job: world.job(name, 'true', {}, present(placement)) };
}

/** Where the scheduler put it, and what is said of it then. */
async function placed(scene: Scene, name: string, asked: Asked): Promise<readonly [string | undefined, JobState]> {
  const { backend, job } = ask(scene, name, asked);
  await backend.submit(job);
  const pod = await scene.world.podThat(name, ({ spec }) => spec?.nodeName !== undefined);
  return [pod.spec?.nodeName, await saying(backend, name, 'to be started')];
}

/** Nobody takes it, for this reason, and the next kind of accelerator is tried. */
const nobody = (title: string, job: string, why: string, asked: (scene: Scene) => Asked): Row<Scene> => ({
  name: `TN2: ${title}`,
  type: 'Unschedulable',
  sentence: new RegExp(String.raw`^no node takes the pod: 0/\d+ nodes are available: .*${why}.* \(for \d+ s\)$`),
  retry: /^again: Unschedulable: kind 2 of 2 accelerators/,
  produce: async (scene) => {
    const { backend, job: one } = ask(scene, job, asked(scene));
    return await endOf(backend, one);
  },
});

/** Kubernetes 1.34 does not say which one. */
const UNTOLERATED = String.raw`\d node\(s\) had untolerated taint`;
const UNSELECTED = String.raw`node\(s\) didn't match Pod's node affinity/selector`;

const rows: readonly Row<Scene>[] = [
  nobody('more slices of a GPU than there are', 'slices-3', `1 Insufficient ${MIG}`, ({ devices }) => ({
    node: devices,
    gpu: { resource: MIG, count: 3 },
  })),
  nobody('a node with GPUs, and none asked for', 'no-gpu', UNTOLERATED, ({ devices }) => ({
    node: devices,
  })),
  nobody('a node that stays, and spot asked for', 'stays', UNSELECTED, ({ devices }) => ({
    node: devices,
    gpu: { spot: true },
    cloud: 'karpenter.sh/capacity-type',
  })),
  ...clouds.map((cloud, index) =>
    nobody(`a node that leaves (${cloud}), and spot not asked for`, `leaves-${index}`, UNTOLERATED, ({ spot }) => ({
      node: present(spot.get(cloud)),
      gpu: {},
    })),
  ),
];

const placements: readonly (readonly [title: string, job: string, asked: (scene: Scene) => Asked])[] = [
  ['two slices of a GPU', 'slices-2', ({ devices }) => ({ node: devices, gpu: { resource: MIG, count: 2 } })],
  ['a GPU by its product', 'product', ({ devices }) => ({ node: devices, gpu: { nodeSelector: PRODUCT } })],
  ...clouds.map(
    (cloud, index) =>
      [
        `a GPU of a node that leaves (${cloud})`,
        `spot-${index}`,
        ({ spot }: Scene) => ({ node: present(spot.get(cloud)), gpu: { spot: true }, cloud }),
      ] as const,
  ),
];

async function openScene(): Promise<Scene> {
  const world = await openFailures('devices', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const spot = clouds.map(async (key) => {
    const taints = [TAINT, { key, value: SPOT[key], effect: 'NoSchedule' }];
    const labels = { ...PRODUCT, [key]: SPOT[key] };
    return [key, await openLonelyNode(world, { labels, taints, devices: GPU })] as const;
  });
  const devices = openLonelyNode(world, {
    labels: LABELS,
    taints: [TAINT],
    devices: { 'nvidia.com/gpu': '2', [MIG]: '2' },
  });
  return { world, devices: await devices, spot: new Map(await Promise.all(spot)) };
}

describe('accelerators of a policy, and nodes as operators and clouds mark them', () => {
  let scene: Scene;
  let told: (row: Row<Scene>) => Promise<Told>;
  let places: ReadonlyMap<string, () => ReturnType<typeof placed>>;
  beforeAll(async () => {
    scene = await openScene();
    told = startAll(rows, scene);
    places = new Map(placements.map(([, job, asked]) => [job, settled(placed(scene, job, asked(scene)))]));
  });
  afterAll(async () => {
    await Promise.all([scene.devices, ...scene.spot.values()].map(async (node) => node.close()));
    await scene.world.close();
  });

  test.each(placements)(
    'TN2: %s: the scheduler places it there',
    async (_, job, asked) => {
      const { name } = asked(scene).node;
      const why = expect.stringMatching(`^${job}-0-\\S+ waits to be started by ${name}$`);
      expect(await present(places.get(job))()).toEqual([name, expect.objectContaining({ state: 'waiting', why })]);
    },
    WITHIN_MS,
  );

  expectPromised(rows, async (row) => told(row));
});
