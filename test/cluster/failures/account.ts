import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KubeConfig, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import type { V1PolicyRule } from '@kubernetes/client-node';
import { createKubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../activities/adapters/kubernetes/client.ts';
import { present } from '../../present.ts';
import type { Failures } from './world.ts';

/** A client with the token of a new ServiceAccount that may do what these rules say and nothing else. */
export async function clientWith(world: Failures, name: string, rules: V1PolicyRule[]): Promise<KubernetesClient> {
  const namespace = world.space.name;
  const rbac = world.space.config.makeApiClient(RbacAuthorizationV1Api);
  await world.core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
  await rbac.createNamespacedRole({ namespace, body: { metadata: { name }, rules } });
  await rbac.createNamespacedRoleBinding({
    namespace,
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  });
  const { status } = await world.core.createNamespacedServiceAccountToken({
    name,
    namespace,
    body: { spec: { audiences: [], expirationSeconds: 3600 } },
  });
  const own = new KubeConfig();
  const cluster = present(world.space.config.getCurrentCluster());
  own.loadFromClusterAndUser(cluster, { name, token: present(status).token });
  const kubeconfig = path.join(world.home, `${name}.kubeconfig`);
  await writeFile(kubeconfig, own.exportConfig());
  return createKubernetesClient({ kubeconfig, namespace });
}
