import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { V1Job, V1Pod, V1SelfSubjectAccessReview } from '@kubernetes/client-node';

const LONG_AGO = new Date(Date.now() - 600_000);

interface Stored {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly status?: V1Job['status'];
}

/** Of `get jobs` and its like: what a 403 says, or nothing. */
type Refusal = (what: string) => { readonly message: string; readonly details?: object } | undefined;

/** An API server that keeps what is created until it is deleted, and counts what it is asked: `get jobs` → how often. */
export async function openCountingApi() {
  const objects = new Map<string, Stored>();
  const counts: Record<string, number> = {};
  const state: { pods: readonly V1Pod[]; versions: number; getsAfterDelete: number } = {
    pods: [],
    versions: 0,
    getsAfterDelete: 0,
  };
  const leaving = new Map<string, number>();
  let refusal: Refusal = () => undefined;

  function answer(method: string, path: string, body: string): [number, unknown] {
    const [, resource = '', name] = /\/v1\/(?:namespaces\/[^/]+\/)?([^/?]+)(?:\/([^/?]+))?/.exec(path) ?? [];
    const verb = { POST: 'create', DELETE: 'delete' }[method] ?? (name === undefined ? 'list' : 'get');
    counts[`${verb} ${resource}`] = (counts[`${verb} ${resource}`] ?? 0) + 1;
    const refused = refusal(`${verb} ${resource}`);
    if (refused !== undefined) return [403, { kind: 'Status', reason: 'Forbidden', ...refused }];
    if (resource === 'selfsubjectaccessreviews') return [201, reviewed(JSON.parse(body))];
    if (verb === 'list') return [200, { items: resource === 'pods' ? state.pods : [] }];
    if (verb === 'create') return [201, created(resource, JSON.parse(body))];
    return answerOne(verb, `${resource}/${name}`);
  }

  /** Nodes may be read as soon as there is one. */
  function reviewed({ spec: { resourceAttributes: asked } }: V1SelfSubjectAccessReview): object {
    const isOfNodes = asked?.verb === 'get' && asked.resource === 'nodes' && asked.namespace === undefined;
    return { status: { allowed: isOfNodes && [...objects.keys()].some((key) => key.startsWith('nodes/')) } };
  }

  function answerOne(verb: string, key: string): [number, unknown] {
    const found = objects.get(key);
    if (found === undefined) return [404, { kind: 'Status', reason: 'NotFound' }];
    if (verb === 'delete') leave(key);
    else if (leaving.has(key)) fade(key);
    return [200, found];
  }

  function fade(key: string): void {
    const left = (leaving.get(key) ?? 0) - 1;
    leaving.set(key, left);
    if (left <= 0) objects.delete(key);
  }

  function leave(key: string): void {
    const { metadata, ...rest } = objects.get(key) ?? {};
    if (state.getsAfterDelete === 0) objects.delete(key);
    else objects.set(key, { ...rest, metadata: { ...metadata, deletionTimestamp: new Date() } });
    leaving.set(key, state.getsAfterDelete);
  }

  function created(resource: string, body: Stored): Stored {
    const name = String(body.metadata?.['name']);
    state.versions += 1;
    const times = { creationTimestamp: new Date(), uid: `uid-of-${name}`, resourceVersion: String(state.versions) };
    const object = { ...body, metadata: { ...body.metadata, ...times } };
    objects.set(`${resource}/${name}`, object);
    return object;
  }

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const [status, said] = answer(request.method ?? '', request.url ?? '', body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    /** What the Job controller writes, and which pods there are from now on; the Job is ten minutes old by then. */
    advance: (job: string, status: V1Job['status'], pods: readonly V1Pod[]): void => {
      const stored = objects.get(`jobs/${job}`);
      state.versions += 1;
      const metadata = { ...stored?.metadata, resourceVersion: String(state.versions), creationTimestamp: LONG_AGO };
      objects.set(`jobs/${job}`, { ...stored, metadata, ...(status === undefined ? {} : { status }) });
      state.pods = pods;
    },
    /** A node that everybody may read. */
    addNode: (name: string, labels: Readonly<Record<string, string>>): void => {
      objects.set(`nodes/${name}`, { metadata: { name, labels } });
    },
    /** Pods that change while nobody tells the Job. */
    setPods: (pods: readonly V1Pod[]): void => {
      state.pods = pods;
    },
    /** From now on. */
    refuse: (what: Refusal): void => {
      refusal = what;
    },
    /** What is deleted is seen so many times more before it is gone. */
    goSlowly: (gets: number): void => {
      state.getsAfterDelete = gets;
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
