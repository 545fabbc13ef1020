import { stringify } from 'yaml';
import { digestOf } from '../../artifact.ts';
import type { PreflightFinding } from '../../ports/preflight.ts';
import type { PreflightApi, Right } from './api.ts';

/** A Role as it is shipped: the one table of what the worker may do. */
export interface ShippedRole {
  readonly name: string;
  /** The manifest that it stands in, as a person finds it. */
  readonly file: string;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

export interface RightsQuestion {
  /** Absent where an installation left the manifests out. */
  readonly role: ShippedRole | undefined;
  readonly namespace: string;
  /** As whom the server knows us. */
  readonly user: string;
  /** What a name in a rule is called here (the manifests speak of an example); absent: rules that go by name are left out. */
  readonly named?: (shipped: string) => string;
  /** What a right is for that not everybody needs; `undefined` when everybody does. */
  readonly optional?: (right: Right) => { readonly needed: boolean; readonly for: string } | undefined;
}

/** Asks for every verb of a shipped Role whether we have it. Throws PortFailure when the server does not answer. */
export async function lookAtRights(api: PreflightApi, question: RightsQuestion): Promise<PreflightFinding> {
  const { namespace, optional = () => undefined, role } = question;
  const name = `rights in ${namespace}`;
  if (role === undefined) {
    const text = 'not checked: this installation holds no manifests with Roles (infra/kubernetes)';
    return { name, state: 'warning', text, next: 'install the package anew' };
  }
  const all = rightsOf(role, question);
  const answers = await Promise.all(all.map(async (right) => ({ right, allowed: await api.may(right) })));
  const denied = answers.filter(({ allowed }) => !allowed).map(({ right }) => right);
  const needed = denied.filter((right) => optional(right)?.needed !== false);
  if (needed.length === 0) return { name, state: 'ok', text: granted(all, denied, question) };
  const lines = manifestLines(role.name, question, needed);
  const next = `apply infra/kubernetes/${role.file}, or at least:\n${lines}`;
  if (denied.length === all.length) {
    const text =
      `${question.user} may do nothing in namespace ${namespace} that the Role ${role.name} grants; expected ` +
      'the namespace to be there and the Role to be bound in it';
    return { name, state: 'problem', text, next };
  }
  const text = `${question.user} cannot ${needed.map(sayRight).join(', ')} in namespace ${namespace}`;
  return { name, state: 'problem', text, next };
}

/** Every verb on every resource of a Role, in the question's namespace. */
export function rightsOf(
  role: ShippedRole,
  { namespace, named }: Pick<RightsQuestion, 'namespace' | 'named'>,
): Right[] {
  return role.rules.flatMap(({ apiGroups, resources, resourceNames, verbs }) => {
    if (resourceNames !== undefined && named === undefined) return [];
    const names = resourceNames?.map((name) => ({ name: named?.(name) ?? name })) ?? [{}];
    return apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) => names.map((name): Right => ({ group, resource, verb, namespace, ...name }))),
      ),
    );
  });
}

function granted(all: readonly Right[], denied: readonly Right[], { optional, user }: RightsQuestion): string {
  const without = new Set(denied.flatMap((right) => optional?.(right)?.for ?? []));
  const lack = without.size === 0 ? '' : `; none for ${[...without].join(', ')}`;
  return `${all.length - denied.length} of ${all.length} as ${user}${lack}`;
}

function sayRight({ verb, resource, name }: Right): string {
  return name === undefined ? `${verb} ${resource}` : `${verb} ${resource}/${name}`;
}

/** A Role of its own with just what is missing, so that applying it takes nothing away, and what binds it to us. */
export function manifestLines(
  role: string,
  { namespace, user }: Pick<RightsQuestion, 'namespace' | 'user'>,
  missing: readonly Right[],
): string {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  // By its content: two of them never replace each other.
  const metadata = { name: `${role}-${digestOf([user, missing]).slice(0, 8)}`, namespace };
  const [, home, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  const subject =
    account === undefined
      ? { kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }
      : { kind: 'ServiceAccount', name: account, namespace: home };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
  const objects = [
    { apiVersion, kind: 'Role', metadata, rules: rulesOf(missing) },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [subject] },
  ];
  return objects
    .map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n')
    .trimEnd();
}

/** Verbs of one resource stand in one rule. */
function rulesOf(rights: readonly Right[]): object[] {
  const key = ({ group, resource, name }: Right): string => JSON.stringify([group, resource, name]);
  return [...new Set(rights.map(key))].map((one) => {
    const same = rights.filter((right) => key(right) === one);
    const { group = '', resource = '', name } = same[0] ?? {};
    return {
      apiGroups: [group],
      resources: [resource],
      ...(name === undefined ? {} : { resourceNames: [name] }),
      verbs: same.map(({ verb }) => verb),
    };
  });
}
