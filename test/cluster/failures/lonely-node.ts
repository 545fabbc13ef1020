import { randomBytes } from 'node:crypto';
import type { V1Pod, V1PodStatus, V1Taint } from '@kubernetes/client-node';
import { present } from '../../present.ts';
import { found } from '../cluster.ts';
import type { Failures } from './world.ts';
import { MERGE } from './world.ts';

/** Its value is the name of the node; nothing is placed there that does not tolerate a taint of this key. */
export const LONELY = 'example.com/lonely';

/**
 * A Node without a machine: scheduler and controllers take it for real, and the test plays its kubelet. It takes only
 * pods that ask for it.
 */
export interface LonelyNode {
  readonly name: string;
  /** Fields of a platform template whose pods run there, and leave a second after it is unreachable. */
  readonly platform: object;
  /** The pod of the job says this of itself from now on. */
  readonly report: (job: string, status: V1PodStatus) => Promise<V1Pod>;
  /** Nobody hears of it any more. */
  readonly fallSilent: () => Promise<void>;
  /** An operator declares that it will not come back, so that its pods may be forgotten. */
  readonly writeOff: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What others write on a node: clouds, operators of devices, device plugins. */
export interface Furnished {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly V1Taint[];
  /** Extended resources, and how many. */
  readonly devices?: Readonly<Record<string, string>>;
}

export async function openLonelyNode(
  { core, podThat, space }: Failures,
  { labels = {}, taints = [], devices = {} }: Furnished = {},
): Promise<LonelyNode> {
  const name = `lonely-${randomBytes(3).toString('hex')}`;
  const label = LONELY;
  const guard = { key: label, effect: 'NoSchedule' };
  const size = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '64Gi', pods: '10', ...devices };
  const metadata = { name, labels: { ...labels, [label]: name, 'kubernetes.io/hostname': name } };
  const ready = (status: string, reason: string) => ({
    conditions: [{ type: 'Ready', status, reason, message: reason, lastHeartbeatTime: new Date().toISOString() }],
  });
  const spec = { taints: [guard, ...taints] };
  await core.createNode({ body: { metadata, spec, status: { capacity: size, allocatable: size } } });
  const say = async (status: object): Promise<void> => {
    await core.patchNodeStatus({ name, body: { status } }, MERGE);
  };
  await say(ready('True', 'KubeletReady'));
  return {
    name,
    platform: {
      nodeSelector: { [label]: name },
      tolerations: [
        { key: label },
        { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', tolerationSeconds: 1 },
      ],
    },
    report: async (job, status) => {
      const pod = await podThat(job, (one) => one.spec?.nodeName === name);
      const at = { name: present(pod.metadata?.name), namespace: space.name };
      return await core.patchNamespacedPodStatus({ ...at, body: { status } }, MERGE);
    },
    fallSilent: async () => say(ready('Unknown', 'NodeStatusUnknown')),
    writeOff: async () => {
      const gone = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
      const { spec: now } = await core.readNode({ name });
      await core.patchNode({ name, body: { spec: { taints: [...(now?.taints ?? []), gone] } } }, MERGE);
    },
    close: async () => {
      await core.deleteNode({ name });
      const { items } = await core.listNamespacedPod({ namespace: space.name, fieldSelector: `spec.nodeName=${name}` });
      const leave = items.map(async ({ metadata: pod }) => {
        const at = { name: present(pod?.name), namespace: space.name };
        // Without a kubelet nobody says that the pod has ended, for which its Job's controller waits.
        await found(core.patchNamespacedPod({ ...at, body: { metadata: { finalizers: null } } }, MERGE));
        await found(core.deleteNamespacedPod({ ...at, gracePeriodSeconds: 0 }));
      });
      await Promise.all(leave);
    },
  };
}
