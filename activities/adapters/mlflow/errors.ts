import { PortFailure } from '../../ports/port-failure.ts';
import type { PortFailureCode } from '../../ports/port-failure.ts';

/** MLflow's own word counts first: an existing name is HTTP 400, a feature that is off is HTTP 500. */
const BY_ERROR_CODE: Readonly<Record<string, PortFailureCode>> = {
  RESOURCE_ALREADY_EXISTS: 'conflict',
  ALREADY_EXISTS: 'conflict',
  RESOURCE_CONFLICT: 'conflict',
  ABORTED: 'conflict',
  INVALID_PARAMETER_VALUE: 'bad-request',
  BAD_REQUEST: 'bad-request',
  MALFORMED_REQUEST: 'bad-request',
  UNAUTHENTICATED: 'unauthorised',
  CUSTOMER_UNAUTHORIZED: 'unauthorised',
  PERMISSION_DENIED: 'forbidden',
  RESOURCE_DOES_NOT_EXIST: 'not-found',
  NOT_FOUND: 'not-found',
  ENDPOINT_NOT_FOUND: 'unsupported',
  FEATURE_DISABLED: 'unsupported',
  NOT_IMPLEMENTED: 'unsupported',
  REQUEST_LIMIT_EXCEEDED: 'rate-limited',
  RESOURCE_EXHAUSTED: 'rate-limited',
  CANCELLED: 'unavailable',
  INTERNAL_ERROR: 'unavailable',
  INVALID_STATE: 'unavailable',
  TEMPORARILY_UNAVAILABLE: 'unavailable',
  DEADLINE_EXCEEDED: 'timeout',
  DATA_LOSS: 'evidence-corrupt',
};

const BY_STATUS: Readonly<Record<number, PortFailureCode>> = {
  400: 'bad-request',
  401: 'unauthorised',
  403: 'forbidden',
  404: 'unsupported',
  405: 'unsupported',
  408: 'timeout',
  409: 'conflict',
  413: 'bad-request',
  429: 'rate-limited',
  501: 'unsupported',
  504: 'timeout',
};

/** As SQLite, PostgreSQL, MySQL and SQL Server say it through SQLAlchemy. */
const LOST_RACE = /IntegrityError|UniqueViolation|duplicate key value/;

export interface RefusedAnswer {
  /** What was asked, as a person reads it: `POST http://…/runs/create`. */
  readonly call: string;
  /** Host and port as the server was addressed. */
  readonly host: string;
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}

/** What an answer that is no success means; the details carry status, MLflow's code, and when to come back. */
export function failureOf(answer: RefusedAnswer): PortFailure {
  const { errorCode, message } = readEnvelope(answer.body);
  const code = codeOf(answer.status, errorCode, message);
  const seconds = Number(answer.retryAfter ?? Number.NaN);
  return new PortFailure(code, `${answer.call} answered ${answer.status}: ${message.slice(0, 300)}${hintFor(answer)}`, {
    details: {
      status: answer.status,
      errorCode,
      ...(Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
    },
  });
}

/** An answer with status 200 that is not what MLflow says: a login page, half a document. Never taken for "nothing". */
export function malformed(call: string, why: string, body: string): PortFailure {
  return new PortFailure('malformed-answer', `${call} answered 200 but ${why}: ${body.slice(0, 200)}`);
}

/** Whether the thing that was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof PortFailure && error.code === 'not-found';
}

/** Whether another writer came first: reading again shows what it wrote. */
export function lostRace(error: unknown): boolean {
  return error instanceof PortFailure && error.code === 'conflict';
}

/** Whether a create found the name taken. */
export function alreadyExists(error: unknown): boolean {
  return error instanceof PortFailure && error.details['errorCode'] === 'RESOURCE_ALREADY_EXISTS';
}

function codeOf(status: number, errorCode: string | undefined, message: string): PortFailureCode {
  // The one thing that is missing with status 400.
  if (errorCode === 'INVALID_PARAMETER_VALUE' && /alias .* not found/i.test(message)) return 'not-found';
  // Two writers of one new row: MLflow looks, then inserts, and calls the loser's database error a bad request.
  if (LOST_RACE.test(message)) return 'conflict';
  const known = errorCode === undefined ? undefined : BY_ERROR_CODE[errorCode];
  if (known) return known;
  if (status >= 300 && status < 400) return 'malformed-answer';
  return BY_STATUS[status] ?? (status >= 500 ? 'unavailable' : 'bad-request');
}

function readEnvelope(body: string): { errorCode: string | undefined; message: string } {
  try {
    const read: unknown = JSON.parse(body);
    if (typeof read === 'object' && read !== null && 'error_code' in read) {
      return { errorCode: String(read.error_code), message: 'message' in read ? String(read.message) : '' };
    }
  } catch {
    // A proxy page or plain text: kept as text.
  }
  return { errorCode: undefined, message: body.slice(0, 200) };
}

function hintFor({ status, body, host }: RefusedAnswer): string {
  if (status === 403 && /invalid host header/i.test(body)) {
    return (
      ` · start MLflow with --allowed-hosts "${host},localhost,127.0.0.1:*" (or MLFLOW_SERVER_ALLOWED_HOSTS);` +
      ' the list replaces the default, and ports count'
    );
  }
  if (status === 404 && /^\s*</.test(body)) {
    return ' · no such route: the address may lack a path prefix, or the server is older than MLflow 3';
  }
  if (status === 400 && /model version source/i.test(body)) {
    return ' · the server restricts sources (MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX)';
  }
  if (status >= 300 && status < 400) return ' · redirects are not followed: give the final address in mlflow.uri';
  return '';
}
