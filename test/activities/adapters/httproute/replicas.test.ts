import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createReplicasReader, sumOf } from '../../../../activities/adapters/httproute/replicas.ts';
import type { ArmCounters, Scrape } from '../../../../activities/ports/traffic-evidence.ts';
import { countOf } from '../../../traffic.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The metrics address of one gateway process; every answer differs, as that of a living process does. */
async function replica(host: string, port = 0): Promise<number> {
  let answers = 0;
  const server = createServer((_request, answer) => {
    answers += 1;
    answer.end(`process_start_time_seconds ${host.at(-1)}\nprocess_cpu_seconds_total ${answers}\n`);
  });
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

describe('several replicas of one gateway', () => {
  test('a name that stands for two addresses is asked at both, an address once', async () => {
    const port = await replica('127.0.0.1');
    await replica('127.0.0.2', port);
    const read = createReplicasReader(
      [`http://traefik.test:${port}/metrics`, `http://127.0.0.2:${port}/metrics`],
      async () => ['127.0.0.1', '127.0.0.2'],
    );
    expect(new Set((await read()).map(({ processStart }) => processStart))).toEqual(new Set([1, 2]));
    expect(await read()).toHaveLength(2);
  });

  test('one replica that does not answer makes the whole a gap, for its requests would be missing', async () => {
    const port = await replica('127.0.0.1');
    const read = createReplicasReader([`http://127.0.0.1:${port}/metrics`, `http://127.0.0.3:${port}/metrics`]);
    await expect(read()).rejects.toMatchObject({ name: 'PortFailure', code: 'unavailable' });
  });

  test('a name that nobody knows is unavailable and named', async () => {
    const read = createReplicasReader(['http://traefik.test/metrics'], async () =>
      Promise.reject(new Error('ENOTFOUND')),
    );
    await expect(read()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('traefik.test is not known'),
    });
  });
});

describe('the counters of several replicas', () => {
  const nothing: ArmCounters = { requests: {}, buckets: {} };
  const scrape = (processStart: number, count: number, at: string): Scrape => ({
    at,
    processStart,
    arms: {
      champion: { requests: { '200|POST|http': { code: 200, count } }, buckets: { 1: count, '+Inf': count } },
      challenger: nothing,
      shadow: nothing,
    },
    router: { requests: { '200|POST|http': { code: 200, count } }, buckets: {} },
  });
  const [one, two] = [scrape(100, 30, '2001-01-01T00:00:00.000Z'), scrape(200, 12, '2001-01-01T00:00:01.000Z')];

  test('are added up, at the time of the last one', () => {
    const sum = sumOf([one, two]);
    expect(countOf(sum, 'champion')).toBe(42);
    expect(sum.arms.champion.buckets).toEqual({ 1: 42, '+Inf': 42 });
    expect(sum.router.requests['200|POST|http']?.count).toBe(42);
    expect(sum.at).toBe('2001-01-01T00:00:01.000Z');
  });

  test('a replica that starts anew, joins or leaves is another process', () => {
    const starts = [sumOf([one, two]), sumOf([one, scrape(300, 0, one.at)]), sumOf([one, two, two]), sumOf([one])];
    expect(new Set(starts.map(({ processStart }) => processStart)).size).toBe(4);
  });
});
