import { KubeConfig } from '@kubernetes/client-node';
import type { RequestOptions } from 'node:https';
import { delay, fail, httpProxy, reset } from './http-proxy.ts';
import type { Asked, Fault, HttpProxy, Passed } from './http-proxy.ts';
import { kubernetesRequest } from './kubernetes-request.ts';
import type { KubernetesRequest, KubernetesVerb } from './kubernetes-request.ts';

/** Which requests a fault meets. What is not said may be anything, but for a watch, which must be named. */
export interface Where {
  readonly verb?: KubernetesVerb | readonly KubernetesVerb[];
  readonly resource?: string;
  readonly name?: string;
  /** How many requests it meets; default 1. */
  readonly times?: number;
}

export interface KubernetesProxy {
  /** The same user with the proxy as the server. */
  readonly config: KubeConfig;
  readonly seen: HttpProxy['seen'];
  /** How often each kind of fault fired. */
  readonly fired: ReadonlyMap<string, number>;
  /** 409 for the next writes. */
  conflict(times: number, where?: Where): void;
  /** 409 for every write from the first on, so many milliseconds long. */
  conflictStorm(ms: number, where?: Where): void;
  /** 429 with Retry-After. */
  throttle(retryAfterSeconds: number, where?: Where): void;
  fail(status: 500 | 503, where?: Where): void;
  /** The connection breaks before the server saw the request, or after it was executed. */
  reset(when: 'before' | 'after', where?: Where): void;
  delay(ms: number, where?: Where): void;
  /** A get is answered with the object as it was at this generation; it must have passed through the proxy. */
  stale(generation: number, where?: Where): void;
  /** 410: as an answer, or inside a watch as its error event. */
  gone(where?: Where): void;
  /** The next watch ends after so many events. */
  cutWatch(events: number, where?: Where): void;
  /** Changes what we are told of an object; the server keeps what it has. */
  status(change: (object: KubernetesAnswer) => void, where?: Where): void;
  /** Takes back every fault that is left. */
  calm(): void;
  close(): Promise<void>;
}

export interface KubernetesAnswer {
  metadata?: { name?: string; generation?: number; ownerReferences?: { uid: string }[] };
  status?: Record<string, unknown>;
}

interface Armed {
  readonly kind: string;
  readonly where: Where;
  readonly fault: (request: KubernetesRequest) => Fault;
  left: number;
  /** Epoch milliseconds of its end, set when it first fires. */
  endsAt?: number;
  readonly lastsMs?: number;
}

const WRITES: readonly KubernetesVerb[] = ['create', 'update', 'patch', 'delete'];

/** Between a client of ours and a real API server: passes all on, but for what it was told to break. */
export async function kubernetesProxy(upstream: KubeConfig): Promise<KubernetesProxy> {
  const armed: Armed[] = [];
  const fired = new Map<string, number>();
  const known = new Map<string, Buffer>();
  const arm = (kind: string, where: Where, fault: Armed['fault'], lastsMs?: number): void => {
    const left = lastsMs === undefined ? (where.times ?? 1) : Number.POSITIVE_INFINITY;
    armed.push({ kind, where, fault, left, ...(lastsMs === undefined ? {} : { lastsMs }) });
  };
  const choose = (asked: Asked): Fault | undefined => {
    const request = kubernetesRequest(asked);
    if (request === undefined) return undefined;
    const met = armed.find((one) => isLive(one) && matches(one.where, request));
    if (met === undefined) return usual(request, known);
    met.left -= 1;
    if (met.lastsMs !== undefined) met.endsAt ??= Date.now() + met.lastsMs;
    fired.set(met.kind, (fired.get(met.kind) ?? 0) + 1);
    return met.fault(request);
  };
  const server = upstream.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('the kubeconfig has no current cluster; a proxy needs one to stand before');
  const options: RequestOptions = {};
  await upstream.applyToHTTPSOptions(options);
  // Answers must be readable here, so none may be packed.
  const proxy = await httpProxy(server, {
    choose,
    upstream: options,
    headers: { 'accept-encoding': 'identity' },
  });
  return {
    config: before(upstream, proxy.uri),
    seen: proxy.seen,
    fired,
    conflict: (times, where = {}) => arm('conflict', { verb: WRITES, ...where, times }, () => refused(409, 'Conflict')),
    conflictStorm: (ms, where = {}) => arm('storm', { verb: WRITES, ...where }, () => refused(409, 'Conflict'), ms),
    throttle: (seconds, where = {}) =>
      arm('throttle', where, () => refused(429, 'TooManyRequests', { 'retry-after': String(seconds) })),
    fail: (status, where = {}) =>
      arm('fail', where, () => refused(status, status === 500 ? 'InternalError' : 'ServiceUnavailable')),
    reset: (when, where = {}) => arm(`reset-${when}`, where, () => reset(when)),
    delay: (ms, where = {}) => arm('delay', where, () => delay(ms)),
    stale: (generation, where = {}) =>
      arm('stale', { ...where, verb: 'get' }, (request) => older(known.get(keyOf(request, generation)), generation)),
    gone: (where = {}) => arm('gone', where, ({ verb }) => (verb === 'watch' ? goneEvent() : refused(410, 'Expired'))),
    cutWatch: (events, where = {}) =>
      arm('cut-watch', { ...where, verb: 'watch' }, () => ({ kind: 'stream', lines: events })),
    status: (change, where = {}) =>
      arm('status', where, () => ({ kind: 'rewrite', answer: (passed) => rewritten(passed, change) })),
    calm: () => void armed.splice(0),
    close: async () => await proxy.close(),
  };
}

function isLive({ left, endsAt }: Armed): boolean {
  return left > 0 && (endsAt === undefined || Date.now() < endsAt);
}

function matches({ verb, resource, name }: Where, request: KubernetesRequest): boolean {
  const verbs = verb === undefined ? undefined : [verb].flat();
  return (
    (verbs === undefined ? request.verb !== 'watch' : verbs.includes(request.verb)) &&
    (resource === undefined || resource === request.resource) &&
    (name === undefined || name === request.name)
  );
}

/** Without a fault: a watch as it comes, and every object kept as it was at its generation. */
function usual(request: KubernetesRequest, known: Map<string, Buffer>): Fault {
  if (request.verb === 'watch') return { kind: 'stream', lines: Number.POSITIVE_INFINITY };
  const answer = (passed: Passed): Passed => {
    const { metadata } = parsed(passed.body) ?? {};
    const { name, generation } = metadata ?? {};
    if (passed.status < 300 && name !== undefined && generation !== undefined)
      known.set(keyOf({ ...request, name }, generation), passed.body);
    return passed;
  };
  return { kind: 'rewrite', answer };
}

function keyOf({ namespace, resource, name }: KubernetesRequest, generation: number): string {
  return [namespace, resource, name, generation].join('/');
}

function older(body: Buffer | undefined, generation: number): Fault {
  if (body === undefined) return refused(500, `the proxy never saw generation ${generation}`);
  return fail(200, body.toString(), { 'content-type': 'application/json' });
}

function refused(code: number, reason: string, headers: Readonly<Record<string, string>> = {}): Fault {
  return fail(code, JSON.stringify(statusOf(code, reason)), { 'content-type': 'application/json', ...headers });
}

function goneEvent(): Fault {
  const event = { type: 'ERROR', object: statusOf(410, 'Expired') };
  return fail(200, `${JSON.stringify(event)}\n`, { 'content-type': 'application/json' });
}

function statusOf(code: number, reason: string): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${reason} (injected)`,
    reason,
    code,
  };
}

function rewritten(passed: Passed, change: (object: KubernetesAnswer) => void): Passed {
  const object = parsed(passed.body);
  if (object === undefined) return passed;
  change(object);
  return { ...passed, body: Buffer.from(JSON.stringify(object)) };
}

function parsed(body: Buffer): KubernetesAnswer | undefined {
  try {
    return JSON.parse(body.toString()) as KubernetesAnswer;
  } catch {
    return undefined;
  }
}

function before(upstream: KubeConfig, server: string): KubeConfig {
  const config = new KubeConfig();
  // The client refuses plain HTTP unless it was told not to look at certificates.
  config.loadFromClusterAndUser(
    { name: 'proxy', server, skipTLSVerify: true },
    { ...upstream.getCurrentUser(), name: 'proxied' },
  );
  return config;
}
