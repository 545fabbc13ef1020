import { readFile } from 'node:fs/promises';
import { PortFailure } from '../../ports/port-failure.ts';
import { limitedText } from '../limited-text.ts';
import type { PortFailureCode } from '../../ports/port-failure.ts';

const BODY_LIMIT = 16 * 1024 ** 2;

export interface PrometheusConnection {
  /** Its address, with a path prefix if it has one, as `http://prometheus.monitoring:9090`. */
  readonly url: string;
  /** File with a bearer token, read at every request: such tokens are renewed in their file. */
  readonly tokenFile?: string;
}

export interface Received {
  /** The request, for messages. */
  readonly call: string;
  readonly status: number;
  /** Parsed JSON; undefined: the body is none. */
  readonly body: unknown;
}

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * One request to Prometheus' HTTP API, its fields in the address or as a form; no retry inside. Answers what Prometheus
 * said, right or wrong (200, 400, 422); all else is thrown: `unavailable`, `timeout`, `rate-limited`, `unauthorised`,
 * `forbidden`, `malformed-answer`.
 */
export async function send(connection: PrometheusConnection, request: Request): Promise<Received> {
  const url = `${connection.url.replace(/\/+$/, '')}${request.path}`;
  const call = `${request.method} ${url}`;
  const { retryAfter, status, text } = await attempt(request, url, await bearer(connection));
  if (status === 200 || status === 400 || status === 422) return { call, status, body: jsonOf(text) };
  throw new PortFailure(codeOf(status, text), `${call} answered ${status}; expected 200`, {
    details: { url, status, ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }) },
  });
}

/** An answer that Prometheus does not give, whoever gave it. */
export function malformed({ call }: Received, what: string): PortFailure {
  return new PortFailure('malformed-answer', `${call} ${what}; expected the answer of Prometheus' HTTP API`);
}

async function attempt(
  { fields, method, timeoutMs }: Request,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string; readonly retryAfter?: number }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const form = new URLSearchParams(fields);
  const call = `${method} ${url}`;
  try {
    const answer =
      method === 'POST'
        ? await fetch(url, { method, body: form, headers, redirect: 'manual', signal })
        : await fetch(`${url}?${form.toString()}`, { headers, redirect: 'manual', signal });
    const seconds = answer.headers.get('retry-after') ?? '';
    const text = await limitedText(answer, call, BODY_LIMIT);
    return { status: answer.status, text, ...(/^\d+$/.test(seconds) ? { retryAfter: Number(seconds) } : {}) };
  } catch (cause) {
    if (cause instanceof PortFailure) throw cause;
    const [code, what]: [PortFailureCode, string] = signal.aborted
      ? ['timeout', `did not answer within ${timeoutMs} ms`]
      : ['unavailable', 'could not be reached'];
    throw new PortFailure(code, `${call} ${what}`, { cause, details: { url } });
  }
}

async function bearer({ tokenFile }: PrometheusConnection): Promise<Readonly<Record<string, string>>> {
  if (tokenFile === undefined) return {};
  try {
    return { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` };
  } catch (cause) {
    throw new PortFailure('unauthorised', `prometheus.tokenFile ${tokenFile} cannot be read`, { cause });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const CODES: Readonly<Record<number, PortFailureCode>> = {
  401: 'unauthorised',
  403: 'forbidden',
  408: 'timeout',
  429: 'rate-limited',
  504: 'timeout',
};

/** Prometheus gives up a query after its time with 503 and the word `timeout`; a redirect or a page of a proxy is no answer. */
function codeOf(status: number, text: string): PortFailureCode {
  if (status === 503 && text.includes('"errorType":"timeout"')) return 'timeout';
  return CODES[status] ?? (status >= 500 ? 'unavailable' : 'malformed-answer');
}
