import { randomBytes } from 'node:crypto';
import { SchedulingV1Api } from '@kubernetes/client-node';
import type { V1Pod } from '@kubernetes/client-node';
import { present } from '../../present.ts';
import { imageOf } from '../cluster.ts';
import type { Failures } from './world.ts';
import { MERGE, isRunning } from './world.ts';

/** What `kubectl drain` asks for. Returns the pod that was running. */
export async function evict({ podThat, core, space }: Failures, job: string, other?: V1Pod): Promise<V1Pod> {
  const pod = await podThat(job, (one) => isRunning(one) && one.metadata?.uid !== other?.metadata?.uid);
  const name = present(pod.metadata?.name);
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: space.name } };
  await core.createNamespacedPodEviction({ name, namespace: space.name, body });
  return pod;
}

export interface Scarcity {
  /** An extended resource of which a real node offers exactly one. */
  readonly resource: string;
  /** A pod of a higher priority takes it from whoever has it. */
  readonly preempt: () => Promise<void>;
  /** That pod leaves. */
  readonly relent: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** One device that two want. It is nobody else's, so that the pods of other tests are left alone. */
export async function openScarcity({ core, space }: Failures): Promise<Scarcity> {
  const own = randomBytes(3).toString('hex');
  const resource = `example.com/gpu-${own}`;
  const scheduling = space.config.makeApiClient(SchedulingV1Api);
  const { items } = await core.listNode();
  const ready = items.find(
    ({ spec, status }) =>
      spec?.taints === undefined && status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
  );
  const node = present(ready?.metadata?.name);
  const offer = async (count: string | null): Promise<void> => {
    const body = { status: { capacity: { [resource]: count }, allocatable: { [resource]: count } } };
    await core.patchNodeStatus({ name: node, body }, MERGE);
  };
  const important = `important-${own}`;
  await offer('1');
  await scheduling.createPriorityClass({ body: { metadata: { name: important }, value: 1000 } });
  return {
    resource,
    preempt: async () => {
      const resources = { requests: { [resource]: '1' }, limits: { [resource]: '1' } };
      const body = { metadata: { name: important }, spec: pauseSpec(important, resources) };
      await core.createNamespacedPod({ namespace: space.name, body });
    },
    relent: async () => {
      await core.deleteNamespacedPod({ name: important, namespace: space.name, gracePeriodSeconds: 0 });
    },
    close: async () => {
      await scheduling.deletePriorityClass({ name: important });
      await offer(null);
    },
  };
}

function pauseSpec(priorityClassName: string, resources: object) {
  const securityContext = { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } };
  const locked = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const pause = { name: 'pause', image: imageOf('pause'), resources, securityContext: locked };
  return { priorityClassName, securityContext, containers: [pause] };
}
