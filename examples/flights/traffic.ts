/**
 * The customers of the example: flights that ask for a score through the gateway at a fixed rate. Requests leave at times
 * that were planned beforehand, whether or not earlier ones were answered, so a slow server cannot hide behind a slow client.
 * By hand: `npx tsx examples/flights/traffic.ts --gateway http://127.0.0.1:8080 --as-of 2001-04-30T06:00:00Z --seconds 30`.
 */
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { flights as folder } from './folder.ts';
import { flightsAfter, type ReplayedFlight } from './replay.ts';

const MOST_ROWS = 20_000;
const TICK_MS = 2;
const MOST_SOCKETS = 128;

export interface TrafficOptions {
  /** Base address of the gateway, such as `http://127.0.0.1:8080`. */
  readonly gateway: string;
  /** First part of the path; empty to ask a server directly. */
  readonly route: string;
  readonly model: string;
  /** The flights of the week after this moment are asked about. */
  readonly asOf: string;
  /** Directory made by `build-data.ts`; default `examples/flights/data`. */
  readonly data?: string;
  /** Default 300. */
  readonly ratePerSecond?: number;
  /** Traffic ends by itself after this many seconds; default 600. */
  readonly seconds?: number;
  /** A request without an answer after this time counts as bad; default 10 s. */
  readonly timeoutMs?: number;
  /** Stops like `stop()`. */
  readonly signal?: AbortSignal;
}

export interface TrafficAnswer {
  /** Epoch milliseconds at which the request was due. */
  readonly plannedAt: number;
  /** From `plannedAt` to the last byte. */
  readonly latencyMs: number;
  /** 0: no answer. */
  readonly status: number;
  /** Who answered by its own account; `unknown` when no model did. */
  readonly version: string;
}

export interface TrafficCounts {
  readonly sent: number;
  readonly answered: number;
  /** Everything but a 2xx answer. */
  readonly bad: number;
  /** When the first and the last bad answer arrived, epoch milliseconds. */
  readonly firstBadAt?: number;
  readonly lastBadAt?: number;
  readonly byVersion: Readonly<Record<string, { readonly answered: number; readonly bad: number }>>;
}

export interface TrafficLog extends TrafficCounts {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of good answers; 0 when there are none. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly answers: readonly TrafficAnswer[];
}

export interface Traffic {
  snapshot(): TrafficCounts;
  /** Sends nothing more and waits for what is under way. */
  stop(): Promise<TrafficLog>;
  /** Settles when the traffic ended: by `stop`, by the signal or because its time is over. */
  readonly ended: Promise<TrafficLog>;
}

/** Reads the flights, then starts sending. @throws Error when there are no flights after `asOf` or a number is out of range. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const rate = inRange('ratePerSecond', options.ratePerSecond ?? 300, 2000);
  const seconds = inRange('seconds', options.seconds ?? 600, 3600);
  const data = options.data ?? join(folder, 'data');
  const flights = await flightsAfter(options.asOf, data, Math.min(MOST_ROWS, Math.ceil(rate * seconds)));
  const record = createRecord();
  const send = createSender(options, flights, record);

  const startedAt = now();
  const most = Math.floor(rate * seconds);
  const ending = new AbortController();
  const ended = once(ending.signal, 'abort').then(async () => {
    await send.settle();
    return record.log(startedAt);
  });
  let planned = 0;
  const stop = (): void => {
    clearInterval(clock);
    options.signal?.removeEventListener('abort', stop);
    ending.abort();
  };
  const tick = () => {
    const due = Math.min(most, 1 + Math.floor(((now() - startedAt) / 1000) * rate));
    for (; planned < due; planned += 1) send.one(planned, startedAt + (planned * 1000) / rate);
    if (planned >= most) stop();
  };
  const clock = setInterval(tick, TICK_MS);
  if (options.signal?.aborted === true) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const stopAndWait = () => {
    stop();
    return ended;
  };
  return { snapshot: () => record.counts(), stop: stopAndWait, ended };
}

function createSender(options: TrafficOptions, flights: readonly ReplayedFlight[], record: Recording) {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, noDelay: true });
  const prefix = options.route === '' ? '' : `/${options.route}`;
  const address = new URL(`${prefix}/v2/models/${options.model}/infer`, options.gateway);
  // The pair key: one request keeps it in every log, and two replays of the same week do not share it.
  const run = Date.now().toString(36);
  const underWay = new Set<Promise<void>>();

  function one(number: number, plannedAt: number): void {
    const flight = flights[number % flights.length];
    if (flight === undefined) return;
    const id = `${flight.flight}~${run}.${Math.floor(number / flights.length)}`;
    const body = `{"id":${JSON.stringify(id)},"inputs":${flight.inputs}}`;
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-request-id': id,
    };
    record.sent();
    const exchange = new Promise<void>((done) => {
      let settled = false; // A request that is cut off while its answer is read fails twice.
      const settle = (status: number, version: string) => {
        if (!settled) record.answer(plannedAt, status, version);
        settled = true;
        done();
      };
      const call = request(address, { agent, method: 'POST', headers, timeout: options.timeoutMs ?? 10_000 });
      call.on('timeout', () => call.destroy(new Error('no answer in time')));
      call.on('error', () => settle(0, 'unknown'));
      call.on('response', (response) => readAnswer(response, settle));
      call.end(body);
    });
    underWay.add(exchange);
    void exchange.then(() => underWay.delete(exchange));
  }

  async function settle(): Promise<void> {
    await Promise.all(underWay);
    agent.destroy();
  }
  return { one, settle };
}

function readAnswer(response: IncomingMessage, settle: (status: number, version: string) => void): void {
  const header = response.headers['x-model-version'];
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => (text += chunk));
  response.on('error', () => settle(0, 'unknown'));
  response.on('end', () => {
    const named = /"model_version"\s*:\s*"([^"]*)"/.exec(text)?.[1];
    settle(response.statusCode ?? 0, named ?? (typeof header === 'string' ? header : 'unknown'));
  });
}

type Recording = ReturnType<typeof createRecord>;

function createRecord() {
  const answers: TrafficAnswer[] = [];
  const byVersion: Record<string, { answered: number; bad: number }> = {};
  const bad: { count: number; first?: number; last?: number } = { count: 0 };
  let sent = 0;

  function answer(plannedAt: number, status: number, version: string): void {
    const at = now();
    answers.push({ plannedAt, latencyMs: at - plannedAt, status, version });
    const counts = (byVersion[version] ??= { answered: 0, bad: 0 });
    if (status !== 0) counts.answered += 1;
    if (isGood(status)) return;
    counts.bad += 1;
    bad.count += 1;
    bad.first ??= at;
    bad.last = at;
  }
  const counts = (): TrafficCounts => ({
    sent,
    answered: answers.filter((one) => one.status !== 0).length,
    bad: bad.count,
    ...(bad.first === undefined ? {} : { firstBadAt: bad.first }),
    ...(bad.last === undefined ? {} : { lastBadAt: bad.last }),
    byVersion: structuredClone(byVersion),
  });
  const log = (startedAt: number): TrafficLog => {
    const good = answers.filter((one) => isGood(one.status)).map((one) => one.latencyMs);
    good.sort((left, right) => left - right);
    const at = (share: number) => good[Math.ceil(share * good.length) - 1] ?? 0;
    const latencyMs = { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
    return { ...counts(), startedAt, endedAt: now(), latencyMs, answers };
  };
  return { sent: () => (sent += 1), answer, counts, log };
}

/** Epoch milliseconds with fractions; never goes backwards. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

function inRange(name: string, value: number, most: number): number {
  if (value > 0 && value <= most) return value;
  throw new Error(`${name} is ${value}; expected a number above 0 and up to ${most}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gateway: { type: 'string', default: 'http://127.0.0.1:8080' },
      route: { type: 'string', default: 'flights' },
      model: { type: 'string', default: 'flights-late' },
      'as-of': { type: 'string', default: '2001-02-02T06:00:00Z' },
      rate: { type: 'string', default: '300' },
      seconds: { type: 'string', default: '30' },
      data: { type: 'string' },
    },
  });
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const traffic = await startTraffic({
    gateway: values.gateway,
    route: values.route,
    model: values.model,
    asOf: values['as-of'],
    ratePerSecond: Number(values.rate),
    seconds: Number(values.seconds),
    signal: interrupted.signal,
    ...(values.data === undefined ? {} : { data: values.data }),
  });
  const { answers: _each, ...summary } = await traffic.ended;
  console.log(JSON.stringify(summary, null, 2));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
