import { CoreV1Api, KubeConfig, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import type { V1PolicyRule } from '@kubernetes/client-node';
import { shippedRoles } from '../../infra/shipped-roles.ts';
import { present } from '../present.ts';
import type { TestNamespace } from './cluster.ts';

/** Account of a suite that works under shipped Roles; by this name the audit log is searched for what was refused. */
export const SHIPPED_ACCOUNT = 'shipped-account';
export type RoleName = 'understudy-train' | 'understudy-rollout' | 'understudy-serving' | 'understudy-kserve';

/**
 * A configuration with the token of an account that has these Roles of `infra/kubernetes` in the suite's namespace, and
 * nothing else; the administrator's is for setting up. Names in the rules are left out, for a suite has many routes: that they
 * suffice is proven in `privileges/`.
 */
export async function shippedAccount(
  { config, name: namespace }: TestNamespace,
  roles: readonly RoleName[],
): Promise<KubeConfig> {
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: SHIPPED_ACCOUNT } } });
  const of = { account: SHIPPED_ACCOUNT, home: namespace };
  for (const role of roles) await bindRules(config, { name: role, namespace, of }, await rulesOf(role));
  return await asAccount(config, namespace, SHIPPED_ACCOUNT);
}

/**
 * A second account of the suite, bound to a Role that `shippedAccount` made there. The audit log is not searched for what
 * it was refused.
 */
export async function accountBeside(
  { config, name: namespace }: TestNamespace,
  name: string,
  role: RoleName,
): Promise<KubeConfig> {
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role };
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  await rbac.createNamespacedRoleBinding({ namespace, body: { metadata: { name }, roleRef, subjects } });
  return await asAccount(config, namespace, name);
}

/**
 * What a platform may grant an account of the suite beyond the shipped Roles: that which is in no namespace. Returns what
 * takes it away again.
 */
export async function grantBeyond(
  { config, name: namespace }: TestNamespace,
  account: string,
  rules: V1PolicyRule[],
): Promise<() => Promise<void>> {
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const name = `${namespace}-${account}`;
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
  await rbac.createClusterRole({ body: { metadata: { name }, rules } });
  await rbac.createClusterRoleBinding({ body: { metadata: { name }, roleRef, subjects } });
  return async () => {
    await rbac.deleteClusterRoleBinding({ name });
    await rbac.deleteClusterRole({ name });
  };
}

async function asAccount(config: KubeConfig, namespace: string, name: string): Promise<KubeConfig> {
  const body = { spec: { audiences: [], expirationSeconds: 7200 } };
  const core = config.makeApiClient(CoreV1Api);
  const { status } = await core.createNamespacedServiceAccountToken({ name, namespace, body });
  const own = new KubeConfig();
  own.loadFromClusterAndUser(present(config.getCurrentCluster()), { name, token: present(status).token });
  return own;
}

/** Gives the account of another namespace these Roles in this one too, as a worker has them that serves two teams. */
export async function admit(space: TestNamespace, of: string, roles: readonly RoleName[]): Promise<void> {
  for (const role of roles) {
    const place = { name: `${role}-${of}`, namespace: space.name, of: { account: SHIPPED_ACCOUNT, home: of } };
    await bindRules(space.config, place, await rulesOf(role));
  }
}

/** Lets an account of this namespace read the Gateway that all suites share. Returns what takes that away again. */
export async function allowGateway(
  space: Pick<TestNamespace, 'name' | 'config'>,
  gateways: string,
  role: RoleName = 'understudy-rollout',
  account = SHIPPED_ACCOUNT,
): Promise<() => Promise<void>> {
  const rules = (await rulesOf(role)).filter(({ resources }) => resources?.includes('gateways'));
  const at = { name: `gateway-${space.name}`, namespace: gateways };
  await bindRules(space.config, { ...at, of: { account, home: space.name } }, rules);
  const rbac = space.config.makeApiClient(RbacAuthorizationV1Api);
  return async () => {
    await rbac.deleteNamespacedRoleBinding(at);
    await rbac.deleteNamespacedRole(at);
  };
}

async function rulesOf(name: RoleName): Promise<V1PolicyRule[]> {
  return (await shippedRules(name)).map(({ resourceNames: _names, ...rule }) => rule);
}

/** The rules of a Role as the manifest has them, with their names. */
export async function shippedRules(name: RoleName): Promise<readonly V1PolicyRule[]> {
  const role = present((await shippedRoles()).find((one) => one.name === name));
  return structuredClone(role.rules) as V1PolicyRule[];
}

interface Place {
  readonly name: string;
  readonly namespace: string;
  /** Who may, and in which namespace the account is. */
  readonly of: { readonly account: string; readonly home: string };
}

async function bindRules(config: KubeConfig, { name, namespace, of }: Place, rules: V1PolicyRule[]): Promise<void> {
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  await rbac.createNamespacedRole({ namespace, body: { metadata: { name }, rules } });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', name: of.account, namespace: of.home }];
  await rbac.createNamespacedRoleBinding({ namespace, body: { metadata: { name }, roleRef, subjects } });
}
