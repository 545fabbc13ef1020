import { createServer, request as forwardPlain } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as forwardSecurely } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What goes wrong with a request that matches. */
export type Fault =
  /** The connection breaks: `before` the server saw the request, or `after` it was executed and its answer lost. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /** Answered by the proxy; the server sees nothing. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The server's answer ends after so many bytes, its length as if it were whole. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Reaches the server only when `until` is fulfilled; the caller has lost its connection before. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** The server's answer with something else in it. */
  | { readonly kind: 'rewrite'; readonly answer: (passed: Passed) => Passed }
  /** The answer line by line as it comes, for one that may never end; cut after so many lines. */
  | { readonly kind: 'stream'; readonly lines: number }
  /** The server sees another `Host`. */
  | { readonly kind: 'host'; readonly host: string };

export interface Rule {
  readonly method: string;
  /** End of the path, without the query. */
  readonly path: string;
  /** How many requests it meets; default 1. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface ProxyOptions {
  /** Asked before the rules. */
  readonly choose?: (asked: Asked) => Fault | undefined;
  /** How the server is reached: `ca`, `cert`, `key`. */
  readonly upstream?: RequestOptions;
  /** On top of the caller's. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpProxy {
  readonly uri: string;
  /** `POST /api/…`, in order. */
  readonly seen: readonly string[];
  /** Rules are tried in the order they were given; a spent one is passed over. */
  inject(rule: Rule): void;
  /** Fulfilled when a held request was executed after all. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export const reset = (when: 'before' | 'after'): Fault => ({ kind: 'reset', when });
export const fail = (status: number, body = '', headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'answer',
  status,
  body,
  headers,
});
export const html = (status: number): Fault => ({
  kind: 'answer',
  status,
  body: '<!doctype html><html><body>Please sign in</body></html>',
  headers: { 'content-type': 'text/html' },
});
export const truncate = (bytes: number): Fault => ({ kind: 'truncate', bytes });
export const delay = (ms: number): Fault => ({ kind: 'delay', ms });
export const hold = (until: Promise<unknown>): Fault => ({ kind: 'hold', until });
export const asHost = (host: string): Fault => ({ kind: 'host', host });

/** A proxy on this machine that passes everything on, but for what it was told to break. */
export async function httpProxy(target: string, options: ProxyOptions = {}): Promise<HttpProxy> {
  const rules: { rule: Rule; left: number }[] = [];
  const seen: string[] = [];
  const held: Promise<unknown>[] = [];
  const take = (method: string, path: string): Fault | undefined => {
    const met = rules.find(({ rule, left }) => left > 0 && rule.method === method && path.endsWith(rule.path));
    if (met) met.left -= 1;
    return met?.rule.fault;
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = incoming;
    const body = await bytesOf(incoming);
    const path = url.split('?', 1).join('');
    seen.push(`${method} ${path}`);
    const { searchParams: query } = new URL(url, target);
    const open = async (host?: string) => await openUpstream({ target, incoming, body, options }, host);
    await meet(options.choose?.({ method, path, query }) ?? take(method, path), {
      outgoing,
      cut: () => void incoming.socket.destroy(),
      open,
      pass: async (host) => await passedOf(await open(host)),
      later: (work) => void held.push(work),
    });
  };

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    inject: (rule) => {
      rules.push({ rule, left: rule.times ?? 1 });
    },
    settled: async () => {
      await Promise.all(held);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

interface Meeting {
  readonly outgoing: ServerResponse;
  readonly cut: () => void;
  readonly open: (host?: string) => Promise<IncomingMessage>;
  readonly pass: (host?: string) => Promise<Passed>;
  readonly later: (work: Promise<unknown>) => void;
}

async function meet(fault: Fault | undefined, { outgoing, cut, open, pass, later }: Meeting): Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return finish(outgoing, await pass());
    case 'answer':
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    case 'reset':
      if (fault.when === 'after') await pass();
      return cut();
    case 'hold':
      cut();
      return later(fault.until.then(() => pass()));
    case 'delay':
      await pause(fault.ms);
      return finish(outgoing, await pass());
    case 'rewrite':
      return finish(outgoing, fault.answer(await pass()));
    case 'stream':
      await stream(outgoing, await open(), fault.lines);
      return cut();
    case 'host':
      return finish(outgoing, await pass(fault.host));
    case 'truncate': {
      const { status, headers, body } = await pass();
      outgoing.writeHead(status, { ...headers, 'content-length': body.length });
      outgoing.write(body.subarray(0, fault.bytes), cut);
    }
  }
}

function finish(outgoing: ServerResponse, { status, headers, body }: Passed): void {
  outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}

/** Passes whole lines on; a caller who leaves ends the server's side too. */
async function stream(outgoing: ServerResponse, received: IncomingMessage, most: number): Promise<void> {
  outgoing.once('close', () => received.destroy());
  const { statusCode = 502, headers } = received;
  outgoing.writeHead(statusCode, { 'content-type': headers['content-type'] ?? 'application/json' }).flushHeaders();
  let passed = 0;
  let rest = '';
  for await (const chunk of received.setEncoding('utf8')) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    const allowed = lines.slice(0, most - passed);
    passed += allowed.length;
    await new Promise<void>((resolve) => {
      outgoing.write(allowed.map((line) => `${line}\n`).join(''), () => resolve());
    });
    if (passed >= most) return;
  }
  await new Promise<void>((resolve) => {
    outgoing.end(rest, resolve);
  });
}

/** A server's whole answer. */
export interface Passed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

interface Upstream {
  readonly target: string;
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly options: ProxyOptions;
}

async function openUpstream({ target, incoming, body, options }: Upstream, host?: string): Promise<IncomingMessage> {
  const { 'transfer-encoding': _chunked, ...headers } = incoming.headers;
  const url = new URL(incoming.url ?? '/', target);
  const forward = url.protocol === 'https:' ? forwardSecurely : forwardPlain;
  const sent = {
    ...options.upstream,
    method: incoming.method ?? 'GET',
    headers: { ...headers, ...options.headers, host: host ?? url.host, 'content-length': String(body.length) },
  };
  return await new Promise<IncomingMessage>((resolve, reject) => {
    forward(url, sent, resolve).once('error', reject).end(body);
  });
}

async function passedOf(received: IncomingMessage): Promise<Passed> {
  const { 'transfer-encoding': _coding, connection: _connection, ...answered } = received.headers;
  return { status: received.statusCode ?? 502, headers: answered, body: await bytesOf(received) };
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
