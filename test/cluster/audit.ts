import type { V1Role } from '@kubernetes/client-node';

/** One thing that somebody may do, or did. A name is kept only where a Role goes by name. */
export interface Use {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** `pods` or `pods/log`. */
  readonly resource: string;
  /** Empty for what reaches over all namespaces. */
  readonly namespace: string;
  readonly name: string;
}

export interface Comparison {
  /** What was asked and no Role grants. */
  readonly outside: readonly string[];
  /** What a Role grants and nobody asked. */
  readonly unused: readonly string[];
}

/** What of an event of `audit.k8s.io/v1` is read. */
interface AuditEvent {
  readonly stage?: string;
  readonly verb: string;
  readonly user: { readonly username?: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: { readonly 'authorization.k8s.io/decision'?: string };
}

/**
 * What `user` asked of the API server, each thing once, in the order of its first time. Refused requests count too: they
 * were asked. Left out is what every account may: discovery, and reviews of one's own rights.
 *
 * @param lines JSON lines of the audit log; a last line that is still being written is passed over.
 */
export function usesIn(lines: readonly string[], user: string): readonly Use[] {
  const uses = lines
    .flatMap(parsed)
    .filter((event) => event.user.username === user && event.stage !== 'RequestReceived')
    .flatMap(usesOf);
  return [...new Map(uses.map((use) => [told(use), use])).values()];
}

/**
 * What the authoriser refused to accounts of this name, in whichever namespace; told as `verb group/resource in namespace`,
 * sorted. What admission or a quota refused is not in it, nor what was asked in the namespace of another such account: who may
 * what there is for its people to say, and a refusal is the right answer.
 */
export function refusedTo(account: string, lines: readonly string[]): readonly string[] {
  const home = ({ user: { username = '' } }: AuditEvent): string | undefined => {
    const [system, kind, namespace, name] = username.split(':');
    return `${system}:${kind}` === 'system:serviceaccount' && name === account ? namespace : undefined;
  };
  const events = lines.flatMap(parsed);
  const theirs = events.filter((event) => home(event) !== undefined);
  // Also of accounts that were made and asked for nothing.
  const made = events.filter(
    ({ objectRef }) => objectRef?.resource === 'serviceaccounts' && objectRef.name === account,
  );
  const homes = new Set(made.map(({ objectRef }) => objectRef?.namespace));
  const isAbroad = (event: AuditEvent): boolean => {
    const { namespace } = event.objectRef ?? {};
    return namespace !== undefined && namespace !== home(event) && homes.has(namespace);
  };
  const refused = theirs.filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid');
  return sorted(refused.filter((event) => !isAbroad(event)).flatMap(usesOf));
}

/** Both lists are told as `verb group/resource in namespace`, sorted; both empty is least privilege. */
export function compare(uses: readonly Use[], roles: readonly V1Role[]): Comparison {
  const grants = roles.flatMap(grantsOf);
  return {
    outside: sorted(uses.filter((use) => !grants.some((grant) => covers(grant, use)))),
    unused: sorted(grants.filter((grant) => !uses.some((use) => covers(grant, use)))),
  };
}

function parsed(line: string, index: number, lines: readonly string[]): readonly AuditEvent[] {
  if (line.trim() === '') return [];
  try {
    return [JSON.parse(line) as AuditEvent];
  } catch (cause) {
    if (index === lines.length - 1) return [];
    throw new Error(`line ${index + 1} of the audit log is not JSON: ${line.slice(0, 80)}`, { cause });
  }
}

function usesOf({ verb, objectRef, responseStatus }: AuditEvent): readonly Use[] {
  if (objectRef?.resource === undefined || objectRef.resource.startsWith('selfsubject')) return [];
  const { apiGroup: group = '', namespace = '', name = '', subresource } = objectRef;
  const resource = subresource === undefined ? objectRef.resource : `${objectRef.resource}/${subresource}`;
  const use = { verb, group, resource, namespace, name };
  // Server-side apply of what is not there yet asks for both rights and is written down as one.
  return verb === 'patch' && responseStatus?.code === 201 ? [use, { ...use, verb: 'create' }] : [use];
}

function grantsOf({ metadata, rules }: V1Role): readonly Use[] {
  const namespace = metadata?.namespace ?? '';
  return (rules ?? []).flatMap(({ apiGroups = [], resources = [], resourceNames = [''], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) => verbs.map((verb) => ({ verb, group, resource, namespace, name }))),
      ),
    ),
  );
}

function covers(grant: Use, use: Use): boolean {
  return (
    grant.verb === use.verb &&
    grant.group === use.group &&
    grant.resource === use.resource &&
    grant.namespace === use.namespace &&
    (grant.name === '' || grant.name === use.name)
  );
}

function told({ verb, group, resource, namespace, name }: Use): string {
  const what = `${group === '' ? '' : `${group}/`}${resource}${name === '' ? '' : ` ${name}`}`;
  return `${verb} ${what} ${namespace === '' ? 'everywhere' : `in ${namespace}`}`;
}

function sorted(uses: readonly Use[]): readonly string[] {
  return [...new Set(uses.map(told))].sort();
}
