import { readFile } from 'node:fs/promises';
import { CoreV1Api, KubeConfig, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import type { V1PolicyRule, V1Role } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';

const MANIFEST = new URL('../../../infra/kubernetes/kserve/role.yaml', import.meta.url);

/**
 * An account of this namespace that has the shipped Role and nothing else, so that every suite proves that it is enough. The
 * names in it are left out, for a suite has many services; the Gateway of all suites lies in a namespace of its own.
 */
export async function bindRoles(
  config: KubeConfig,
  namespace: string,
  gateways: string,
): Promise<{ readonly asWorker: KubeConfig; readonly unbind: () => Promise<void> }> {
  const [role] = parseAllDocuments(await readFile(MANIFEST, 'utf8')).map((document) => document.toJS() as V1Role);
  const rules = (role?.rules ?? []).map(({ resourceNames: _names, ...rule }): V1PolicyRule => rule);
  const account = { name: 'understudy-worker', namespace };
  await config.makeApiClient(CoreV1Api).createNamespacedServiceAccount({ namespace, body: { metadata: account } });
  const here = await bind(config, { name: 'understudy-kserve', namespace }, rules, account);
  const reading = rules.filter(({ resources }) => resources?.includes('gateways'));
  const there = await bind(config, { name: namespace, namespace: gateways }, reading, account);
  return {
    asWorker: await withToken(config, account),
    unbind: async () => {
      await here();
      await there();
    },
  };
}

interface Named {
  readonly name: string;
  readonly namespace: string;
}

async function bind(
  config: KubeConfig,
  at: Named,
  rules: V1PolicyRule[],
  account: Named,
): Promise<() => Promise<void>> {
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const { name, namespace } = at;
  await rbac.createNamespacedRole({ namespace, body: { metadata: { name }, rules } });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', ...account }];
  await rbac.createNamespacedRoleBinding({ namespace, body: { metadata: { name }, roleRef, subjects } });
  return async () => {
    await rbac.deleteNamespacedRoleBinding({ namespace, name });
    await rbac.deleteNamespacedRole({ namespace, name });
  };
}

async function withToken(config: KubeConfig, { name, namespace }: Named): Promise<KubeConfig> {
  const body = { spec: { audiences: [], expirationSeconds: 3600 } };
  const core = config.makeApiClient(CoreV1Api);
  const { status } = await core.createNamespacedServiceAccountToken({ name, namespace, body });
  const cluster = config.getCurrentCluster();
  if (cluster === null || status === undefined) throw new Error(`no token for ${name} in ${namespace}`);
  const own = new KubeConfig();
  own.loadFromClusterAndUser(cluster, { name, token: status.token });
  return own;
}
