import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ApiextensionsV1Api,
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { platformSchema } from '../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import { createKubernetesTraining } from '../../../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { TrainingBackend } from '../../../activities/ports/training-backend.ts';
import { eventually } from '../../eventually.ts';
import { present } from '../../present.ts';
import { found, imageOf, until } from '../cluster.ts';
import { SECRET, openClusterTraining } from './training-setup.ts';
import type { ClusterTraining } from './training-setup.ts';

const GROUP = 'kueue.x-k8s.io';
const VERSION = 'v1beta1';

/** As much of Kueue's definitions as we read; no controller of it runs here, so the test says what it would say. */
function definition(kind: string, scope: 'Namespaced' | 'Cluster'): V1CustomResourceDefinition {
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
      versions: [{ name: VERSION, served: true, storage: true, schema, ...subresources }],
    },
  };
}

describe('a Job in a queue of Kueue', () => {
  let setup: ClusterTraining;
  let custom: CustomObjectsApi;
  let administrator: TrainingBackend;
  let made: string[] = [];
  let homes: string[] = [];
  /** Whoever administers the cluster, or a worker with the Role of `openClusterTraining` under another name. */
  async function backendAs(config: KubeConfig): Promise<TrainingBackend> {
    const home = await mkdtemp(path.join(tmpdir(), 'understudy-queue-'));
    homes = [...homes, home];
    const kubeconfig = path.join(home, 'kubeconfig');
    await writeFile(kubeconfig, config.exportConfig());
    const platform = platformSchema.parse({
      namespace: setup.space.name,
      courier: { image: imageOf('busybox'), exchange: 'http://127.0.0.1:1' },
    });
    const client = createKubernetesClient({ kubeconfig, namespace: setup.space.name });
    return createKubernetesTraining({ client, platform, root: setup.root, secret: SECRET, uploadMs: 0 });
  }

  /** What it may not do is not looked for in the audit log. */
  async function withTheRole(): Promise<KubeConfig> {
    const { config, name: namespace } = setup.space;
    const [core, rbac] = [config.makeApiClient(CoreV1Api), config.makeApiClient(RbacAuthorizationV1Api)];
    const metadata = { name: 'curious' };
    await core.createNamespacedServiceAccount({ namespace, body: { metadata } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'understudy-train' };
    const subjects = [{ kind: 'ServiceAccount', name: 'curious', namespace }];
    await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
    const body = { spec: { audiences: [], expirationSeconds: 3600 } };
    const { status } = await core.createNamespacedServiceAccountToken({ name: 'curious', namespace, body });
    const own = new KubeConfig();
    own.loadFromClusterAndUser(present(config.getCurrentCluster()), { name: 'curious', token: present(status).token });
    return own;
  }

  const queued = () => {
    const plain = setup.job('queued');
    return { ...plain, placement: { ...present(plain.placement), queue: 'gpu-a' } };
  };

  beforeAll(async () => {
    setup = await openClusterTraining();
    custom = setup.space.config.makeApiClient(CustomObjectsApi);
    administrator = await backendAs(setup.space.config);
  });
  afterAll(async () => {
    await setup.close();
    const api = setup.space.config.makeApiClient(ApiextensionsV1Api);
    for (const home of homes) await rm(home, { recursive: true });
    for (const name of made) await api.deleteCustomResourceDefinition({ name });
  });

  /** A cluster that has Kueue keeps its own definitions. */
  async function defineKueue(): Promise<void> {
    const api = setup.space.config.makeApiClient(ApiextensionsV1Api);
    for (const body of [definition('Workload', 'Namespaced'), definition('ClusterQueue', 'Cluster')]) {
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
  }

  /** As Kueue's controller writes it. */
  async function workload(name: string, labels: Record<string, string>, status: object): Promise<void> {
    const where = { group: GROUP, version: VERSION, namespace: setup.space.name, plural: 'workloads' };
    const body = {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: 'Workload',
      metadata: { name, labels },
      spec: { queueName: 'gpu-a', priority: name === 'ours' ? 0 : 5 },
    };
    await custom.createNamespacedCustomObject({ ...where, body });
    const as = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    await custom.patchNamespacedCustomObjectStatus({ ...where, name, body: { status } }, as);
  }

  const condition = (type: string, status: string, reason: string, message = '') => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: new Date().toISOString(),
  });

  test('issue 4, point 10: says who is ahead and who holds the quota; without Kueue, or without a right, it says less', async () => {
    const { space } = setup;
    const batch = space.config.makeApiClient(BatchV1Api);
    await setup.backend.submit(queued());
    // Kueue's webhook would do it at the creation.
    const body = { spec: { suspend: true } };
    const as = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    const job = await batch.patchNamespacedJob({ name: 'queued', namespace: space.name, body }, as);
    expect(await setup.other.inspect('queued')).toMatchObject({
      state: 'waiting',
      why: expect.stringMatching(/^the job is suspended.*: it waits for its queue, or for somebody to resume it$/),
    });

    await defineKueue();
    const queue = `queue-of-${space.name}`;
    const clusterQueues = { group: GROUP, version: VERSION, plural: 'clusterqueues' };
    const flavors = [{ name: 'a100', resources: [{ name: 'nvidia.com/gpu', nominalQuota: 8 }] }];
    await custom.createClusterCustomObject({
      ...clusterQueues,
      body: {
        apiVersion: `${GROUP}/${VERSION}`,
        kind: 'ClusterQueue',
        metadata: { name: queue },
        spec: { resourceGroups: [{ coveredResources: ['nvidia.com/gpu'], flavors }] },
      },
    });
    const waits = { conditions: [condition('QuotaReserved', 'False', 'WaitingForQuota')] };
    await workload('ours', { [`${GROUP}/job-uid`]: present(job.metadata?.uid) }, waits);
    await workload('first', {}, waits);
    await workload('second', {}, waits);
    await workload(
      'holder',
      { team: 'team-x' },
      {
        conditions: [condition('QuotaReserved', 'True', 'QuotaReserved'), condition('Admitted', 'True', 'Admitted')],
        admission: {
          clusterQueue: queue,
          podSetAssignments: [{ name: 'main', resourceUsage: { 'nvidia.com/gpu': '8' } }],
        },
      },
    );
    expect(await administrator.inspect('queued')).toMatchObject({
      state: 'waiting',
      why: 'queue gpu-a: waits for quota, 2 ahead, quota 8/8 nvidia.com/gpu used by team-x',
    });
    const curious = await backendAs(await withTheRole());
    expect(await curious.inspect('queued')).toMatchObject({
      state: 'waiting',
      why: 'queue gpu-a: waits for quota, 2 ahead, quota 8 nvidia.com/gpu used by team-x',
    });
    await custom.deleteClusterCustomObject({ ...clusterQueues, name: queue });
  });

  test('a queue that will never admit it ends the Job with what the queue says', async () => {
    const where = { group: GROUP, version: VERSION, namespace: setup.space.name, plural: 'workloads', name: 'ours' };
    const as = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    const never = condition('QuotaReserved', 'False', 'ExceedsMaxQuota', 'request > maximum capacity (9 > 8)');
    await custom.patchNamespacedCustomObjectStatus({ ...where, body: { status: { conditions: [never] } } }, as);
    const seen = await eventually(
      async () => administrator.inspect('queued'),
      ({ state }) => state !== 'waiting',
      60_000,
    );
    expect(seen).toMatchObject({
      state: 'failed',
      code: 'quota-exceeded',
      message: 'queue gpu-a will not admit the job (ExceedsMaxQuota): request > maximum capacity (9 > 8)',
    });
  });
});
