import { PortFailure } from '../../ports/port-failure.ts';
import type { PortFailureCode, PortFailureDetails } from '../../ports/port-failure.ts';
import { rbacHint, readRefusal } from './rbac-hint.ts';

/** What was asked of the API server. */
export interface ApiCall {
  readonly verb: 'create' | 'get' | 'list' | 'patch' | 'delete';
  /** Plural, with its subresource: `jobs`, `pods/log`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

interface Status {
  readonly reason?: string;
  readonly message: string;
  readonly causes: readonly Cause[];
  readonly retryAfterSeconds?: number;
}
interface Cause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

const BY_STATUS: Readonly<Record<number, PortFailureCode>> = {
  400: 'bad-request',
  401: 'unauthorised',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  410: 'unavailable',
  413: 'bad-request',
  422: 'job-invalid',
  429: 'rate-limited',
  504: 'timeout',
};

/**
 * What an error of the client library means: an answer that is no success, or no answer at all. The details carry
 * `status`, Kubernetes' own `reason`, and when to come back. `server` is the address for messages.
 */
export function failureOf(error: unknown, call: ApiCall, server: string): PortFailure {
  if (error instanceof PortFailure) return error;
  const answer = answerOf(error);
  return answer ? failureOfAnswer(answer, call, error) : failureWithoutAnswer(error, call, server);
}

/** Whether the thing that was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof PortFailure && error.code === 'not-found' && error.details['namespaceGone'] !== true;
}

/** Whether the namespace itself is not there, or is being deleted. */
export function isNamespaceGone(error: unknown): boolean {
  return error instanceof PortFailure && error.details['namespaceGone'] === true;
}

/** Whether the authoriser refused: by rights, not by a quota or an admission rule. */
export function isRefused(error: unknown): boolean {
  return error instanceof PortFailure && error.code === 'forbidden' && error.details['verb'] !== undefined;
}

/** Whether a create found the name taken. */
export function alreadyExists(error: unknown): boolean {
  return error instanceof PortFailure && error.details['reason'] === 'AlreadyExists';
}

/** Whether a delete found another object of the same name. Any other conflict is one to try again. */
export function isOtherUid(error: unknown): boolean {
  return error instanceof PortFailure && error.code === 'conflict' && /UID in (the )?precondition/.test(error.message);
}

interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** By shape: `ApiException` has a numeric code, the errors of Node and node-fetch have words. */
function answerOf(error: unknown): Answer | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'number') {
    return undefined;
  }
  const headers = 'headers' in error && typeof error.headers === 'object' ? error.headers : {};
  const body = 'body' in error ? error.body : undefined;
  return { code: error.code, body, headers: (headers ?? {}) as Record<string, string> };
}

function failureOfAnswer(answer: Answer, call: ApiCall, cause: unknown): PortFailure {
  const status = readStatus(answer.body);
  const { code, hint, more } = meaningOf(answer.code, status, call);
  const seconds = status.retryAfterSeconds ?? Number(answer.headers['retry-after'] ?? Number.NaN);
  const details: PortFailureDetails = {
    status: answer.code,
    reason: status.reason,
    ...more,
    ...(Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
  };
  const said = status.message.slice(0, 1000);
  const message = `${sayCall(call)} was answered ${answer.code}: ${said}${hint === '' ? '' : ` · ${hint}`}`;
  return new PortFailure(code, message, { cause, details });
}

interface Meaning {
  readonly code: PortFailureCode;
  readonly hint: string;
  readonly more?: PortFailureDetails;
}

function meaningOf(code: number, status: Status, call: ApiCall): Meaning {
  switch (code) {
    case 400:
      return { code: /strict decoding error/.test(status.message) ? 'job-invalid' : 'bad-request', hint: '' };
    case 401:
      return {
        code: 'unauthorised',
        hint:
          'the credentials are unknown or have expired: log in again and renew the kubeconfig, ' +
          'or mount a fresh ServiceAccount token',
      };
    case 403:
      return meaningOfForbidden(status, call);
    case 404:
      return meaningOfNotFound(status);
    case 409:
      return {
        code: 'conflict',
        hint: '',
        more: { beingDeleted: status.message.startsWith('object is being deleted') },
      };
    case 422:
      return { code: 'job-invalid', hint: '', more: { fields: fieldsOf(status) } };
    default:
      return { code: BY_STATUS[code] ?? (code >= 500 ? 'unavailable' : 'malformed-answer'), hint: '' };
  }
}

function meaningOfForbidden(status: Status, call: ApiCall): Meaning {
  if (status.causes.some(({ reason }) => reason === 'NamespaceTerminating')) return namespaceGone(call.namespace);
  const quota = /exceeded quota: (?<quota>[^,]+)/.exec(status.message)?.groups?.['quota'];
  if (quota !== undefined) return { code: 'quota-exceeded', hint: '', more: { quota } };
  if (/violates PodSecurity/.test(status.message)) return { code: 'pod-security', hint: '' };
  const refusal = readRefusal(status.message);
  if (!refusal) return { code: 'forbidden', hint: 'an admission rule of the cluster refuses this, not a missing Role' };
  const { verb, resource, namespace } = refusal;
  return { code: 'forbidden', hint: rbacHint(refusal), more: { verb, resource, namespace } };
}

function meaningOfNotFound(status: Status): Meaning {
  const namespace = /^namespaces "(?<name>[^"]+)" not found/.exec(status.message)?.groups?.['name'];
  return namespace === undefined ? { code: 'not-found', hint: '' } : namespaceGone(namespace);
}

function namespaceGone(namespace = ''): Meaning {
  const hint = `create the namespace ${namespace}, or name another one in the configuration of the worker`;
  return { code: 'not-found', hint, more: { namespaceGone: true } };
}

function fieldsOf(status: Status): string {
  return status.causes.flatMap(({ field }) => (field === undefined ? [] : [field])).join(', ');
}

/** The body is a JSON text where the API server wrote it, and anything at all where a proxy did. */
function readStatus(body: unknown): Status {
  const read = typeof body === 'string' ? parse(body) : body;
  if (typeof read !== 'object' || read === null || !('message' in read)) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const said = body === undefined ? 'no further explanation' : `no Kubernetes status but ${text.slice(0, 200)}`;
    return { message: said, causes: [] };
  }
  const { reason, details } = read as { reason?: unknown; details?: unknown };
  const { causes, retryAfterSeconds } = (details ?? {}) as { causes?: unknown; retryAfterSeconds?: unknown };
  return {
    message: String(read.message),
    causes: Array.isArray(causes) ? (causes as Cause[]) : [],
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureWithoutAnswer(cause: unknown, call: ApiCall, server: string): PortFailure {
  const { name, message } = cause instanceof Error || isNamed(cause) ? cause : { name: '', message: String(cause) };
  if (name === 'AbortError') {
    return new PortFailure('timeout', `${sayCall(call)} was not answered in time by ${server}`, { cause });
  }
  if (/media type|JSON/.test(message)) {
    const text = `${sayCall(call)} was answered by ${server} with something that is not Kubernetes: ${message}`;
    return new PortFailure('malformed-answer', text.slice(0, 600), { cause });
  }
  const text = `${sayCall(call)}: the API server ${server} could not be reached: ${message}`;
  return new PortFailure('unavailable', text.slice(0, 600), { cause });
}

/** Errors from another realm are no `instanceof Error`. */
function isNamed(error: unknown): error is { name: string; message: string } {
  return typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
}

function sayCall({ verb, resource, namespace, name }: ApiCall): string {
  const what = name === undefined ? resource : `${resource} ${name}`;
  return namespace === undefined ? `${verb} ${what}` : `${verb} ${what} in namespace ${namespace}`;
}
