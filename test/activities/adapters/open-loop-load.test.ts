import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createOpenLoopLoad } from '../../../activities/adapters/open-loop-load.ts';
import { planArrivals } from '../../../activities/adapters/open-loop-load/plan.ts';
import type { LoadRequest } from '../../../activities/ports/load-generator.ts';
import { latenciesOf, loadGeneratorContract } from '../../contracts/load-generator.ts';
import { OPEN_INFERENCE_HTTP, PLAIN_HTTP, startModelServer } from '../../servers/model-server.ts';
import type { ModelServer } from '../../servers/model-server.ts';

const LIMITS = { maxRatePerSecond: 200, maxDurationMs: 2000 };
const running = (server: ModelServer, version = server.version) => ({
  name: `m-v${version}`,
  model: server.model,
  version,
  url: server.url,
  log: server.log,
});

loadGeneratorContract('open-loop-load', async () => {
  const [champion, challenger] = await Promise.all([
    startModelServer({ version: '7' }),
    startModelServer({ version: '8' }),
  ]);
  const alive = new Set([champion, challenger]);
  return {
    load: createOpenLoopLoad(LIMITS),
    http: OPEN_INFERENCE_HTTP,
    targets: [
      { name: 'champion', server: running(champion) },
      { name: 'challenger', server: running(challenger) },
    ],
    behave: async (faults) => challenger.fault(faults),
    async kill() {
      alive.delete(challenger);
      await challenger.stop();
    },
    async stop() {
      await Promise.all([...alive].map(async (server) => server.stop()));
    },
  };
});

describe('an open loop', () => {
  let server: ModelServer;
  let plain: ModelServer;
  const run = async (more: Partial<LoadRequest> = {}) =>
    createOpenLoopLoad({ ...LIMITS, requestTimeoutMs: 1000 }).run({
      targets: [{ name: 'one', server: running(server) }],
      http: OPEN_INFERENCE_HTTP,
      ratePerSecond: 100,
      durationMs: 500,
      rows: [{ x: 1 }],
      ...more,
    });
  beforeAll(async () => {
    [server, plain] = await Promise.all([
      startModelServer({ version: '7' }),
      startModelServer({ version: '3', flags: ['--plain'] }),
    ]);
  }, 60_000);
  afterAll(async () => Promise.all([server.stop(), plain.stop()]));

  test('the pods of a server take turns, and its own address is not asked', async () => {
    const pods = await Promise.all([1, 2].map(async () => startModelServer({ version: '7' })));
    const before = (await server.seen()).requests;
    const target = { ...running(server), direct: pods.map(({ url }) => url) };
    const { one } = await run({ targets: [{ name: 'one', server: target }] });
    const seen = await Promise.all(pods.map(async (pod) => (await pod.seen()).requests));
    await Promise.all(pods.map(async (pod) => pod.stop()));
    expect(one).toMatchObject({ sent: 50, failed: 0 });
    expect(seen).toEqual([25, 25]);
    expect((await server.seen()).requests).toBe(before);
  });

  test('EV10: a stall of 300 ms is seen by every request that was due in it, not by one', async () => {
    await server.fault({ stallMs: 300 });
    const latencies = latenciesOf(await run(), 'one');
    expect(latencies).toHaveLength(50);
    expect(latencies.filter((latency) => latency > 100).length).toBeGreaterThanOrEqual(15);
  });

  test('a request that is not answered in time has failed', async () => {
    await server.fault({ hang: true });
    const result = (await run({ durationMs: 50 }))['one'];
    await server.fault({});
    expect(result).toEqual({ sent: 5, failed: 5, latenciesMs: [] });
  });

  test('PR3: an answer of another version has failed', async () => {
    const targets = [{ name: 'one', server: running(server, '8') }];
    expect((await run({ targets, durationMs: 50 }))['one']).toMatchObject({ sent: 5, failed: 5 });
  });

  test('a server with a body of rows and a version header is driven as well', async () => {
    const targets = [{ name: 'plain', server: running(plain) }];
    expect((await run({ targets, http: PLAIN_HTTP }))['plain']).toMatchObject({ sent: 50, failed: 0 });
  });

  test('every request has an id of its own, also over two runs', async () => {
    const before = (await server.seen()).ids.length;
    await run({ durationMs: 50 });
    await run({ durationMs: 50 });
    const ids = (await server.seen()).ids.slice(before);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
  });
});

describe('the plan of a load run', () => {
  test('two targets take turns and see the same rows in the same order', () => {
    const plan = planArrivals(['a', 'b'], { ratePerSecond: 2, durationMs: 1500, rows: ['r0', 'r1'] });
    expect(plan.map(({ atMs, target, row }) => [atMs, target, row])).toEqual([
      [0, 'a', 0],
      [250, 'b', 0],
      [500, 'a', 1],
      [750, 'b', 1],
      [1000, 'a', 0],
      [1250, 'b', 0],
    ]);
  });
});
