/** What the API server says that nobody may do: its 403 names all five. */
export interface Refusal {
  readonly user: string;
  readonly verb: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  /** Empty for the core group. */
  readonly group: string;
  /** Missing for what belongs to no namespace. */
  readonly namespace?: string;
}

const REFUSAL =
  /User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;

/** Reads the sentence in which the authoriser refuses; `undefined` when a 403 has another reason (quota, admission). */
export function readRefusal(message: string): Refusal | undefined {
  const found = REFUSAL.exec(message)?.groups;
  if (!found) return undefined;
  const { user = '', verb = '', resource = '', group = '', namespace } = found;
  return { user, verb, resource, group, ...(namespace === undefined ? {} : { namespace }) };
}

/** The rule that a Role (or, without a namespace, a ClusterRole) needs, as a line of YAML that can be pasted. */
export function missingRule({ group, resource, verb }: Refusal): string {
  const apiGroup = group === '' ? '""' : group;
  return `- { apiGroups: [${apiGroup}], resources: [${resource}], verbs: [${verb}] }`;
}

/** Where the rule must be added and for whom. */
export function rbacHint(refusal: Refusal): string {
  const place = refusal.namespace === undefined ? 'a ClusterRole' : `a Role in namespace ${refusal.namespace}`;
  return `add to ${place} bound to "${refusal.user}": ${missingRule(refusal)}`;
}
