import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ApiextensionsV1Api,
  BatchV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { V1CustomResourceDefinition, V1Job } from '@kubernetes/client-node';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { TrainingBackend } from '../../../activities/ports/training-backend.ts';
import { eventually } from '../../eventually.ts';
import { present } from '../../present.ts';
import { found, until } from '../cluster.ts';
import { SHIPPED_ACCOUNT, accountBeside, grantBeyond } from '../shipped-account.ts';
import { SECRET, openClusterTraining, waitingPlatform } from './training-setup.ts';
import type { ClusterTraining } from './training-setup.ts';

const GROUP = 'kueue.x-k8s.io';
const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** As much of Kueue's definitions as we read; no controller of it runs here, so the test says what it would say. */
function definition(kind: string, scope: 'Namespaced' | 'Cluster', version: string): V1CustomResourceDefinition {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: 'object', x_kubernetes_preserve_unknown_fields: true } };
  const subresources = scope === 'Namespaced' ? { subresources: { status: {} } } : {};
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    // Without this a group of k8s.io is refused.
    metadata: { name: `${plural}.${GROUP}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' } },
    spec: {
      group: GROUP,
      scope,
      names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema, ...subresources }],
    },
  };
}

describe('a Job in a queue of Kueue', () => {
  let setup: ClusterTraining;
  let custom: CustomObjectsApi;
  let home: string;
  let made: string[] = [];

  /** A worker that has just begun: an older one knows for some minutes that a cluster had no Kueue. */
  const backendAs = (client: KubernetesClient): TrainingBackend => {
    const platform = waitingPlatform(setup.space.name);
    return createKubernetesTraining({ client, platform, root: setup.root, secret: SECRET, uploadMs: 0 });
  };

  /** A worker with the shipped Role alone: what it may not do is not looked for in the audit log. */
  async function curious(): Promise<KubernetesClient> {
    const kubeconfig = path.join(home, 'kubeconfig');
    await writeFile(kubeconfig, (await accountBeside(setup.space, 'curious', 'understudy-train')).exportConfig());
    return createKubernetesClient({ kubeconfig, namespace: setup.space.name });
  }

  let hideQuotas: () => Promise<void>;
  let stranger: KubernetesClient;
  beforeAll(async () => {
    setup = await openClusterTraining();
    home = await mkdtemp(path.join(tmpdir(), 'understudy-queue-'));
    custom = setup.space.config.makeApiClient(CustomObjectsApi);
    const quotas = { apiGroups: [GROUP], resources: ['clusterqueues'], verbs: ['get'] };
    hideQuotas = await grantBeyond(setup.space, SHIPPED_ACCOUNT, [quotas]);
    stranger = await curious();
  });
  afterAll(async () => {
    await hideQuotas();
    await setup.close();
    await rm(home, { recursive: true });
  });

  /** A cluster that has Kueue keeps its own definitions. */
  async function defineKueue(version: string): Promise<void> {
    const api = setup.space.config.makeApiClient(ApiextensionsV1Api);
    for (const body of [
      definition('Workload', 'Namespaced', version),
      definition('ClusterQueue', 'Cluster', version),
    ]) {
      const name = present(body.metadata?.name);
      const there = async () => await found(api.readCustomResourceDefinition({ name }));
      if ((await there()) === undefined) {
        await api.createCustomResourceDefinition({ body });
        made = [...made, name];
      }
      await until(`${name} is served`, async () =>
        (await there())?.status?.conditions?.find(({ type, status }) => type === 'Established' && status === 'True'),
      );
    }
    // Established is said before the storage answers; until then it is 404 or 429.
    const workloads = { group: GROUP, version, namespace: setup.space.name, plural: 'workloads' };
    const all = async (): Promise<unknown> => custom.listNamespacedCustomObject(workloads);
    await until(`Workloads of ${version} are answered`, async () => all().catch(() => undefined));
  }

  async function forgetKueue(): Promise<void> {
    const api = setup.space.config.makeApiClient(ApiextensionsV1Api);
    for (const name of made) await api.deleteCustomResourceDefinition({ name });
    for (const name of made) {
      const isGone = async () => (await found(api.readCustomResourceDefinition({ name }))) === undefined;
      await until(`${name} is gone`, async () => ((await isGone()) ? true : undefined));
    }
    made = [];
  }

  /** Kueue's webhook would suspend it at the creation. */
  async function queued(name: string, queue: string): Promise<V1Job> {
    const { backend, space } = setup;
    const plain = setup.job(name);
    await backend.submit({ ...plain, placement: { ...present(plain.placement), queue } });
    const batch = space.config.makeApiClient(BatchV1Api);
    return await batch.patchNamespacedJob({ name, namespace: space.name, body: { spec: { suspend: true } } }, MERGE);
  }

  const condition = (type: string, status: string, reason: string, message = '') => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: new Date().toISOString(),
  });

  test('issue 4, point 10: without Kueue it is said that the job is suspended', async () => {
    await queued('queued', 'gpu-a');
    expect(await setup.other.inspect('queued')).toMatchObject({
      state: 'waiting',
      why: expect.stringMatching(/^the job is suspended.*: it waits for its queue, or for somebody to resume it$/),
    });
  });

  // Both have the fields that we read; a cluster may serve only one of them.
  describe.each(['v1beta1', 'v1beta2'])('with Workloads of %s', (version) => {
    const [name, queue] = [`queued-${version}`, `gpu-${version}`];
    let worker: TrainingBackend;
    let job: V1Job;
    const workloads = () => ({ group: GROUP, version, namespace: setup.space.name, plural: 'workloads' });
    beforeAll(async () => {
      await defineKueue(version);
      worker = backendAs(setup.client);
      job = await queued(name, queue);
    });
    afterAll(forgetKueue);

    /** As Kueue's controller writes it. */
    async function workload(of: string, labels: Record<string, string>, status: object): Promise<void> {
      const body = {
        apiVersion: `${GROUP}/${version}`,
        kind: 'Workload',
        metadata: { name: of, labels },
        spec: { queueName: queue, priority: of === 'ours' ? 0 : 5 },
      };
      await custom.createNamespacedCustomObject({ ...workloads(), body });
      await custom.patchNamespacedCustomObjectStatus({ ...workloads(), name: of, body: { status } }, MERGE);
    }

    test('issue 4, point 10: says who is ahead and who holds the quota, and less without the right to see its size', async () => {
      const clusterQueue = `queue-of-${setup.space.name}`;
      const clusterQueues = { group: GROUP, version, plural: 'clusterqueues' };
      const flavors = [{ name: 'a100', resources: [{ name: 'nvidia.com/gpu', nominalQuota: 8 }] }];
      await custom.createClusterCustomObject({
        ...clusterQueues,
        body: {
          apiVersion: `${GROUP}/${version}`,
          kind: 'ClusterQueue',
          metadata: { name: clusterQueue },
          spec: { resourceGroups: [{ coveredResources: ['nvidia.com/gpu'], flavors }] },
        },
      });
      const waits = { conditions: [condition('QuotaReserved', 'False', 'WaitingForQuota')] };
      await workload('ours', { [`${GROUP}/job-uid`]: present(job.metadata?.uid) }, waits);
      await workload('first', {}, waits);
      await workload('second', {}, waits);
      const resourceUsage = { 'nvidia.com/gpu': '8' };
      await workload(
        'holder',
        { team: 'team-x' },
        {
          conditions: [condition('QuotaReserved', 'True', 'QuotaReserved'), condition('Admitted', 'True', 'Admitted')],
          admission: { clusterQueue, podSetAssignments: [{ name: 'main', resourceUsage }] },
        },
      );
      expect(await worker.inspect(name)).toMatchObject({
        state: 'waiting',
        why: `queue ${queue}: waits for quota, 2 ahead, quota 8/8 nvidia.com/gpu used by team-x`,
      });
      expect(await backendAs(stranger).inspect(name)).toMatchObject({
        state: 'waiting',
        why: `queue ${queue}: waits for quota, 2 ahead, quota 8 nvidia.com/gpu used by team-x`,
      });
      await custom.deleteClusterCustomObject({ ...clusterQueues, name: clusterQueue });
    });

    test('a queue that will never admit it ends the Job with what the queue says', async () => {
      const never = condition('QuotaReserved', 'False', 'ExceedsMaxQuota', 'request > maximum capacity (9 > 8)');
      const body = { status: { conditions: [never] } };
      await custom.patchNamespacedCustomObjectStatus({ ...workloads(), name: 'ours', body }, MERGE);
      const seen = await eventually(
        async () => worker.inspect(name),
        ({ state }) => state !== 'waiting',
        60_000,
      );
      expect(seen).toMatchObject({
        state: 'failed',
        code: 'quota-exceeded',
        message: `queue ${queue} will not admit the job (ExceedsMaxQuota): request > maximum capacity (9 > 8)`,
      });
    });
  });
});
