import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { errorCode } from '../../error-code.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { limitedText } from '../limited-text.ts';
import { ENDPOINTS } from './endpoints.ts';
import type { Answer, Endpoint, EndpointName } from './endpoints.ts';
import { failureOf, malformed } from './errors.ts';

export interface MlflowConnection {
  /** Address of the tracking server, with its path prefix if it has one; `http://user:password@…` is basic auth. */
  readonly uri: string;
  /** Where artifact bytes are served, when that is elsewhere; default `uri`. */
  readonly artifactUri?: string;
  /** Bearer token. A function is asked for every request: projected tokens are renewed in their file. */
  readonly token?: string | (() => Promise<string>);
  /** For servers that have workspaces; others refuse the header, so it is sent only when set. */
  readonly workspace?: string;
  /** For one request and its whole answer; default 30 s. */
  readonly timeoutMs?: number;
  /** For one artifact file; default 30 minutes. */
  readonly uploadTimeoutMs?: number;
  /** Largest answer that is read; default 16 MiB. */
  readonly limitBytes?: number;
  /** Asked at every request: its abort ends the request at once. */
  readonly signal?: () => AbortSignal | undefined;
}

export interface MlflowClient {
  /** The address without credentials, for environments and messages. */
  readonly uri: string;
  /**
   * One attempt at one row of the table; the fields are query or body, and the answer is parsed. Throws PortFailure as
   * `errors.ts` classifies; after a write a `timeout` or `unavailable` leaves open whether it was executed.
   */
  call<N extends EndpointName>(name: N, fields: Fields): Promise<Answer<N>>;
  /** Streams a local file of any size to the artifact store; writing it again is harmless. `path` begins at its root. */
  putArtifact(path: string, file: string): Promise<void>;
  /** The version that the server says it is. */
  serverVersion(): Promise<string>;
}

export type Fields = Readonly<Record<string, unknown>>;

interface Ask {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A file to stream as the body. */
  readonly file?: string;
  readonly timeoutMs: number;
}

/** Speaks MLflow's REST API over `fetch`. No retry inside: who calls decides whether another attempt helps. */
export function createMlflowClient(connection: MlflowConnection): MlflowClient {
  const { uri, basic } = splitCredentials(connection.uri);
  const artifacts = splitCredentials(connection.artifactUri ?? connection.uri).uri;
  const timeoutMs = connection.timeoutMs ?? 30_000;
  const authorise = async (): Promise<Record<string, string>> => {
    const { token } = connection;
    const bearer = typeof token === 'function' ? await token() : token;
    if (bearer !== undefined) return { authorization: `Bearer ${bearer.trim()}` };
    return basic === undefined ? {} : { authorization: `Basic ${basic}` };
  };
  const send = async (ask: Ask): Promise<string> => {
    const headers = { ...ask.headers, ...(await authorise()), ...workspaceHeader(connection) };
    const first = await attempt({ ...ask, headers }, connection);
    if (first.status !== 401 || typeof connection.token !== 'function') return textOf(first, ask);
    // The token may have been renewed between our reading it and the server's checking it: one more try.
    return textOf(await attempt({ ...ask, headers: { ...headers, ...(await authorise()) } }, connection), ask);
  };
  return {
    uri,
    call: async (name, fields) => {
      const ask = { ...requestFor(ENDPOINTS[name], fields, `${uri}/api/2.0/mlflow/`), timeoutMs };
      return parse(name, callOf(ask), await send(ask));
    },
    putArtifact: async (path, file) => {
      const url = `${artifacts}/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
      const headers = { 'content-type': 'application/octet-stream' };
      await send({ method: 'PUT', url, headers, file, timeoutMs: connection.uploadTimeoutMs ?? 1_800_000 });
    },
    serverVersion: async () => {
      const ask = { method: 'GET', url: `${uri}/version`, timeoutMs };
      const text = (await send(ask)).trim();
      if (/^\d+\.\d+/.test(text)) return text;
      throw malformed(callOf(ask), 'names no version', text);
    },
  };
}

/** Puts the fields where the endpoint wants them. A missing one is our own mistake and told before anything is sent. */
function requestFor(endpoint: Endpoint, fields: Fields, base: string): Omit<Ask, 'timeoutMs'> {
  const missing = endpoint.required.filter((name) => fields[name] === undefined);
  if (missing.length > 0) throw new PortFailure('bad-request', `${endpoint.path} needs ${missing.join(', ')}`);
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(fields[name])));
  if (endpoint.method !== 'GET') {
    const headers = { 'content-type': 'application/json' };
    return { method: endpoint.method, url: base + path, headers, body: JSON.stringify(fields, refuseNonFinite) };
  }
  const query = new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return { method: 'GET', url: `${base}${path}?${query.toString()}` };
}

/** MLflow stores a bare NaN as 0 and answers 200. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw new PortFailure('bad-request', `${key} is ${value}; expected a finite number`);
}

interface Received {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

async function attempt(ask: Ask, connection: MlflowConnection): Promise<Received> {
  const { timeoutMs, file, ...request } = ask;
  const cancelled = connection.signal?.();
  const late = AbortSignal.timeout(timeoutMs);
  const signal = cancelled ? AbortSignal.any([cancelled, late]) : late;
  try {
    const stream = file === undefined ? {} : { body: Readable.toWeb(createReadStream(file)), duplex: 'half' as const };
    const answer = await fetch(ask.url, { ...request, ...stream, redirect: 'manual', signal });
    const body = await limitedText(answer, callOf(ask), connection.limitBytes ?? 16 * 1024 ** 2);
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body };
  } catch (cause) {
    if (cause instanceof PortFailure) throw cause;
    if (cancelled?.aborted) throw cause;
    if (late.aborted) {
      throw new PortFailure('timeout', `${callOf(ask)} did not answer within ${timeoutMs} ms`, { cause });
    }
    throw new PortFailure('unavailable', `${callOf(ask)} could not be reached: ${reasonOf(cause)}`, { cause });
  }
}

function textOf(received: Received, ask: Ask): string {
  if (received.status >= 200 && received.status < 300) return received.body;
  throw failureOf({ ...received, call: callOf(ask), host: new URL(ask.url).host });
}

function parse<N extends EndpointName>(name: N, call: string, body: string): Answer<N> {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    throw malformed(call, 'not with JSON', body);
  }
  const { answer } = ENDPOINTS[name];
  const parsed = answer.safeParse(read);
  if (!parsed.success) throw malformed(call, `not as expected (${parsed.error.issues[0]?.path.join('.')})`, body);
  // A search without hits answers {}; an object that holds only other things is somebody else's answer, not an empty one.
  const [expected, found] = [Object.keys(answer.shape), Object.keys(read as object)];
  if (expected.length > 0 && found.length > 0 && !found.some((key) => expected.includes(key))) {
    throw malformed(call, `with none of ${expected.join(', ')}`, body);
  }
  return parsed.data as Answer<N>;
}

/** `fetch` refuses addresses with credentials in them. */
function splitCredentials(address: string): { uri: string; basic?: string } {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const uri = url.toString().replace(/\/+$/, '');
  if (username === '') return { uri };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { uri, basic: Buffer.from(pair).toString('base64') };
}

function workspaceHeader({ workspace }: MlflowConnection): Record<string, string> {
  return workspace === undefined ? {} : { 'X-MLflow-Workspace': workspace };
}

/** Without the query: filters and names of files make no message clearer. */
function callOf(ask: Pick<Ask, 'method' | 'url'>): string {
  return `${ask.method} ${ask.url.split('?')[0]}`;
}

function reasonOf(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
  return errorCode(cause) || String(cause);
}
