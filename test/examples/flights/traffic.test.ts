import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { buildData } from '../../../examples/flights/build-data.ts';
import { startTraffic, type TrafficOptions } from '../../../examples/flights/traffic.ts';
import { eventually } from '../../eventually.ts';
import { temporaryFolder } from './python.ts';

interface Asked {
  readonly path: string | undefined;
  readonly requestId: string | undefined;
  readonly body: { readonly id: string; readonly inputs: readonly { readonly name: string }[] };
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let options: TrafficOptions;
let server: Server;
let asked: Asked[];
let connections: number;
let answer: (number: number, response: ServerResponse) => void;

const good = (_number: number, response: ServerResponse) => response.end('{"model_version":"7"}');

/** Version 8 fails these answers; all others are good and come from version 7. */
function failingFrom(first: number, last: number) {
  return (number: number, response: ServerResponse) => {
    const bad = number >= first && number <= last;
    response.writeHead(bad ? 500 : 200, { 'x-model-version': bad ? '8' : '7' }).end('{}');
  };
}

async function note(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  asked.push({ path: request.url, requestId: request.headers['x-request-id'] as string, body: JSON.parse(text) });
  answer(asked.length, response);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await buildData({ into: join(folder.path, 'data'), days: 4, rows: 100 });
}, 60_000);
afterAll(async () => folder.remove());

beforeEach(async () => {
  [asked, connections, answer] = [[], 0, good];
  server = createServer((request, response) => void note(request, response));
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  options = {
    gateway: `http://127.0.0.1:${port}`,
    route: 'flights',
    model: 'flights-late',
    asOf: '2001-01-03T06:00:00Z',
    data: join(folder.path, 'data'),
    ratePerSecond: 200,
    seconds: 0.5,
  };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('the traffic of the example', () => {
  test('sends exactly the planned requests and ends by itself', async () => {
    const log = await (await startTraffic(options)).ended;
    expect(log).toMatchObject({ sent: 100, answered: 100, bad: 0, byVersion: { 7: { answered: 100, bad: 0 } } });
    expect(log).not.toHaveProperty('firstBadAt');
    const planned = log.answers.map(({ plannedAt }) => plannedAt - log.startedAt).toSorted((a, b) => a - b);
    expect(planned.at(-1)).toBeCloseTo(495, 2);
    expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(['/flights/v2/models/flights-late/infer']));
  });

  test('asks only about flights after asOf, each request with one id in header and body', async () => {
    await (
      await startTraffic(options)
    ).ended;
    expect(asked.every(({ requestId, body }) => requestId === body.id)).toBe(true);
    expect(new Set(asked.map(({ body }) => body.id)).size).toBe(100);
    expect(asked.every(({ body }) => body.id > '20010103-06')).toBe(true);
  });

  test('begins again when the week is over, with other ids', async () => {
    await (
      await startTraffic({ ...options, asOf: '2001-01-04T18:00:00Z' })
    ).ended;
    const flights = new Set(asked.map(({ body }) => body.id.split('~')[0]));
    expect(flights.size).toBeLessThan(50);
    expect(new Set(asked.map(({ body }) => body.id)).size).toBe(100);
  });

  test('keeps its connections', async () => {
    await (
      await startTraffic(options)
    ).ended;
    expect(connections).toBeLessThan(asked.length);
  });

  test('knows the first and the last bad answer and whose they were', async () => {
    answer = failingFrom(21, 40);
    const traffic = await startTraffic(options);
    const log = await traffic.ended;
    expect(log).toMatchObject({ bad: 20, byVersion: { 7: { answered: 80, bad: 0 }, 8: { answered: 20, bad: 20 } } });
    const arrived = log.answers.filter(({ status }) => status === 500).map((one) => one.plannedAt + one.latencyMs);
    expect(log.firstBadAt).toBeCloseTo(Math.min(...arrived), 3);
    expect(log.lastBadAt).toBeCloseTo(Math.max(...arrived), 3);
    expect(traffic.snapshot()).toMatchObject({ sent: 100, bad: 20, lastBadAt: log.lastBadAt });
  });

  test('goes on sending while answers hang, and counts those as bad', async () => {
    answer = () => {};
    const log = await (await startTraffic({ ...options, timeoutMs: 200 })).ended;
    expect(log).toMatchObject({ sent: 100, answered: 0, bad: 100, byVersion: { unknown: { answered: 0, bad: 100 } } });
    expect(Math.min(...log.answers.map(({ latencyMs }) => latencyMs))).toBeGreaterThan(150);
  });

  test('survives a gateway that is not there', async () => {
    server.closeAllConnections();
    server.close();
    const log = await (await startTraffic(options)).ended;
    expect(log).toMatchObject({ sent: 100, answered: 0, bad: 100 });
  });

  test('stops when it is told to, by call or by signal', async () => {
    const traffic = await startTraffic({ ...options, seconds: 60 });
    await eventually(
      async () => traffic.snapshot().answered,
      (answered) => answered >= 5,
    );
    const log = await traffic.stop();
    expect(log.answers).toHaveLength(log.sent);
    const aborting = new AbortController();
    const second = await startTraffic({ ...options, seconds: 60, signal: aborting.signal });
    await eventually(
      async () => second.snapshot().answered,
      (answered) => answered >= 5,
    );
    aborting.abort();
    expect((await second.ended).bad).toBe(0);
    expect(asked).toHaveLength(log.sent + second.snapshot().sent);
  });

  test('says what is wrong with a rate, a date, or data that end before it', async () => {
    await expect(startTraffic({ ...options, ratePerSecond: 0 })).rejects.toThrow(/ratePerSecond is 0; expected/);
    await expect(startTraffic({ ...options, asOf: 'soon' })).rejects.toThrow(/asOf is soon; expected a date/);
    await expect(startTraffic({ ...options, asOf: '2001-02-01T00:00:00Z' })).rejects.toThrow(
      /no flights from 2001-02-01/,
    );
  });
});
