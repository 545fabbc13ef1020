import type { HttpProtocol } from '../ports/serving.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface InferRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface InferAnswer {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly [1, 1];
  readonly datatype: 'FP64' | 'INT64' | 'BOOL' | 'BYTES';
  readonly data: readonly [number | boolean | string];
}

/** A path of `serving.http` with `{model}` and `{version}` filled in. */
export function httpPath(template: string, server: { readonly model: string; readonly version: string }): string {
  return template
    .replaceAll('{model}', encodeURIComponent(server.model))
    .replaceAll('{version}', encodeURIComponent(server.version));
}

/**
 * One row as a request. Open Inference v2: one tensor [1,1] per feature (FP64, INT64, BOOL; everything else BYTES), and a
 * NULL is a feature left out, for the protocol knows none. `rows`: `{"rows": [{…}]}`. The id is the pair key of the
 * serving logs, and travels in `x-request-id` because gateways pass headers on unchanged.
 */
export function inferRequest(
  http: HttpProtocol,
  call: { readonly model: string; readonly version: string; readonly id: string; readonly row: Row },
): InferRequest {
  const body =
    http.body === 'rows'
      ? { rows: [Object.fromEntries(Object.entries(call.row).map(([name, value]) => [name, plain(value)]))] }
      : { id: call.id, inputs: Object.entries(call.row).flatMap(([name, value]) => tensor(name, plain(value))) };
  return {
    path: httpPath(http.infer, call),
    headers: { 'content-type': 'application/json', 'x-request-id': call.id },
    body: JSON.stringify(body),
  };
}

/**
 * What a 200 answer says: the version that answered and its score. Open Inference v2: `model_version` and the output named
 * `score`, else the first one. `rows`: the version header, and `{"predictions": [0.7]}` or `[{"score": 0.7}]`. What is
 * missing or unreadable is left out, never guessed.
 */
export function readAnswer(http: HttpProtocol, answer: InferAnswer): { version?: string; score?: number } {
  const body = parsed(answer.body);
  const named = http.versionHeader === undefined ? field(body, 'model_version') : header(answer, http.versionHeader);
  const score = http.body === 'rows' ? scoreOfRows(body) : scoreOfTensors(body);
  return {
    ...(typeof named === 'string' && named !== '' && { version: named }),
    ...(typeof score === 'number' && Number.isFinite(score) && { score }),
  };
}

/** DuckDB hands out large integers as bigint and times as Date; neither has a form of its own in JSON. */
function plain(value: unknown): number | boolean | string | null {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === null || value === undefined) return null;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

function tensor(name: string, value: number | boolean | string | null): Tensor[] {
  if (value === null) return [];
  return [{ name, shape: [1, 1], datatype: datatypeOf(value), data: [value] }];
}

function datatypeOf(value: number | boolean | string): Tensor['datatype'] {
  if (typeof value === 'string') return 'BYTES';
  if (typeof value === 'boolean') return 'BOOL';
  return Number.isSafeInteger(value) ? 'INT64' : 'FP64';
}

function scoreOfTensors(body: unknown): unknown {
  const outputs = list(field(body, 'outputs'));
  const output = outputs.find((candidate) => field(candidate, 'name') === 'score') ?? outputs[0];
  return list(field(output, 'data')).flat(Infinity)[0];
}

function scoreOfRows(body: unknown): unknown {
  const [first] = list(field(body, 'predictions'));
  return typeof first === 'number' ? first : field(first, 'score');
}

function header(answer: InferAnswer, name: string): unknown {
  const value = answer.headers[name.toLowerCase()];
  return typeof value === 'string' ? value : value?.[0];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Row)[name] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
