import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createTraefikEvidence } from '../../../../activities/adapters/traefik-file/evidence.ts';
import { createTraefikRouter } from '../../../../activities/adapters/traefik-file/router.ts';
import { trafficEvidenceContract } from '../../../contracts/traffic-evidence.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';
import { startGateway } from '../../../gateway.ts';
import { startModelServer } from '../../../servers/model-server.ts';
import { sendTraffic, until } from '../../../traffic.ts';

trafficEvidenceContract('traefik-file', async () => {
  const gateway = await startGateway();
  const [champion, challenger] = await Promise.all([
    startModelServer({ version: '7' }),
    startModelServer({ version: '8' }),
  ]);
  const router = createTraefikRouter(gateway);
  const route = 'counted';
  const give = async (percent: number) => {
    await router.apply(exampleRoute(route, { champion, challenger: { ...challenger, percent } }));
    await until('the weights are loaded', () => router.loaded(route));
  };
  await give(0);
  const send = async (count: number) => sendTraffic(await router.address(route), 'm', count);
  return {
    evidence: createTraefikEvidence(gateway),
    route,
    async send(arm, { ok, bad }) {
      await give(arm === 'challenger' ? 100 : 0);
      const server = arm === 'challenger' ? challenger : champion;
      await server.fault({ errors: bad / (ok + bad) });
      await send(ok + bad);
    },
    async sendToDead(requests) {
      await challenger.stop();
      await give(100);
      await send(requests);
    },
    async restart() {
      await gateway.kill();
      await gateway.start();
    },
    darken: () => gateway.kill(),
    async stop() {
      await gateway.stop();
      await Promise.all([champion.stop(), challenger.stop()]);
    },
  };
});

describe('a scrape that cannot be trusted is refused', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  /** An endpoint that answers each request with the next of these bodies, the last one for ever. */
  async function endpoint(...bodies: readonly (string | number)[]): Promise<string> {
    let next = 0;
    const answering = createServer((_request, response) => {
      const body = bodies[Math.min(next, bodies.length - 1)] ?? '';
      next += 1;
      answer(response, body);
    });
    server = answering;
    await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
    const address = answering.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/metrics`;
  }
  const answer = (response: { statusCode: number; end(body: string): unknown }, body: string | number) => {
    const hangs = body === 'hang';
    response.statusCode = typeof body === 'number' ? body : 200;
    return hangs || response.end(String(body));
  };
  const process_ = (moved = 1) => `process_start_time_seconds 1.795248105e+09\ngo_memstats_mallocs_total ${moved}\n`;
  const count = (value: string) =>
    `traefik_service_requests_total{code="200",method="POST",protocol="http",service="r-champion@file"} ${value}\n`;
  const scrape = async (url: string) => createTraefikEvidence({ metricsUrl: url }).scrape('r');
  const failure = (code: string) => expect.objectContaining({ code });

  test('a count in exponent form and a process start with a fraction are read', async () => {
    const seen = await scrape(await endpoint(process_() + count('1.2e+03')));
    expect(seen.processStart).toBe(1_795_248_105);
    expect(seen.arms.champion.requests).toEqual({ '200|POST|http': { code: 200, count: 1200 } });
  });

  test.each([
    ['a count that is NaN', process_() + count('NaN')],
    ['an infinite count', process_() + count('+Inf')],
    ['a negative count', process_() + count('-1')],
    ['a count of another time', process_() + count('3 1395066363000')],
    ['a body that was cut off', process_() + count('3').slice(0, -5)],
    ['a page that is no metrics', '<html>proxy error</html>\n'],
    ['an exposition without a process', count('3')],
    ['a body larger than 8 MiB', process_() + `# ${'x'.repeat(9 * 1024 ** 2)}\n`],
  ])('CA2: %s', async (_what, body) => {
    await expect(scrape(await endpoint(body))).rejects.toEqual(failure('malformed-answer'));
  });

  test('CA2: a body whose process metrics stand still is a stale copy', async () => {
    const evidence = createTraefikEvidence({ metricsUrl: await endpoint(process_(1), process_(2), process_(2)) });
    await evidence.scrape('r');
    await evidence.scrape('r');
    await expect(evidence.scrape('r')).rejects.toEqual(failure('malformed-answer'));
  });

  test('an answer that is not 200 is unavailable', async () => {
    await expect(scrape(await endpoint(503))).rejects.toEqual(failure('unavailable'));
  });

  test('no answer within two seconds is a time-out', async () => {
    await expect(scrape(await endpoint('hang'))).rejects.toEqual(failure('timeout'));
  });
});
