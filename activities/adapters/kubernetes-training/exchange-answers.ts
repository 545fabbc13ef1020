import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../../error-code.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import { REFUSED_BY_EXCHANGE } from './courier-line.ts';

export function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  if (typeof value === 'string') return value;
  throw new PortFailure('bad-request', `expected a header ${name}`);
}

export async function send(response: ServerResponse, path: string): Promise<void> {
  const { size } = await stat(path);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  await pipeline(createReadStream(path), response);
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function done(response: ServerResponse): void {
  response.writeHead(204).end();
}

const STATUS: Readonly<Record<string, number>> = {
  unauthorised: 401,
  'not-found': 404,
  conflict: 409,
  'bad-request': 400,
};

/** What is not ours to explain is answered without a word: messages of the file system name paths. */
export function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof PortFailure ? error : undefined;
  const unread = errorCode(error) === 'ENOENT' ? 404 : 500;
  const status = known ? (STATUS[known.code] ?? 500) : isUnparsable(error) ? 400 : unread;
  // The rest of a body that is not wanted is not waited for.
  const headers = { 'content-type': 'text/plain', connection: 'close', [REFUSED_BY_EXCHANGE]: 'yes' };
  response.writeHead(status, headers).end(known?.message ?? 'refused');
}

function isUnparsable(error: unknown): boolean {
  return error instanceof Error && ['SyntaxError', 'ZodError', '$ZodError'].includes(error.name);
}
