/** One line of an audit log of `audit.k8s.io/v1`, as far as it is read. */
interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

export interface Requests {
  readonly total: number;
  /** `get jobs` → how often. A watch counts once, when it begins. */
  readonly byKind: Readonly<Record<string, number>>;
  /** The most in any minute by the clock. */
  readonly busiestMinute: number;
}

/** What one user asked of the API server, refused requests too. */
export function requestsOf(log: string, user: string): Requests {
  const asked = eventsOf(log).filter((event) => event.user.username === user);
  const kinds = asked.map(({ verb, objectRef }) => {
    const { resource = 'others', subresource } = objectRef ?? {};
    return `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`;
  });
  const minutes = asked.map(({ requestReceivedTimestamp }) => requestReceivedTimestamp.slice(0, 16));
  return {
    total: asked.length,
    byKind: counted(kinds),
    busiestMinute: Math.max(0, ...Object.values(counted(minutes))),
  };
}

/** How often this user created each object of this resource with success: a name twice is a Job run twice. */
export function createdBy(log: string, resource: string, user: string): Readonly<Record<string, number>> {
  const created = eventsOf(log).filter(
    ({ verb, user: { username }, objectRef, responseStatus }) =>
      verb === 'create' && username === user && objectRef?.resource === resource && responseStatus?.code === 201,
  );
  return counted(created.map(({ objectRef }) => objectRef?.name ?? ''));
}

/** A watch is written down when it begins and again when it ends; everything else once, when it was answered. */
function eventsOf(log: string): AuditEvent[] {
  return log
    .split('\n')
    .filter(Boolean)
    .map((line): AuditEvent => JSON.parse(line))
    .filter(({ stage, verb }) => stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete'));
}

function counted(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
