import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createScorecardWorld } from './scorecard-world.ts';

const PRICES = { currency: 'EUR', gpuHour: {}, cpuCoreHour: 0.36, gibHour: 0 };
const DAY_MS = 86_400_000;

let world: Awaited<ReturnType<typeof createScorecardWorld>>;
beforeAll(async () => {
  world = await createScorecardWorld({ prices: PRICES });
});
afterAll(() => world.dispose());

const judge = async (criterion: object, given: Parameters<typeof world.judge>[1] = {}) => {
  const { findings } = await world.judge([{ name: 'c', group: 'quality', ...criterion }], given);
  return findings.map(({ judged, sentence }) => `${judged}: ${sentence}`);
};

describe('signature', () => {
  const contract = { metric: 'signature', atMost: 0 };
  const inputs = [{ name: 'hour', type: 'long', required: true }];
  const reported = { signature: { inputs, byPosition: false } };
  /** A run record that says only which columns it was trained on. */
  const columns = async (types: Readonly<Record<string, string>>) => ({
    features: Object.keys(types),
    data: { manifest: await world.keep({ columns: Object.entries(types).map(([name, type]) => ({ name, type })) }) },
    policy: {},
  });

  test('RG5, PR7: a removed and a retyped input are named, from the columns of both snapshots', async () => {
    const champion = await columns({ dep_hour: 'BIGINT', distance: 'INTEGER' });
    const challenger = await columns({ distance: 'VARCHAR' });
    expect(await judge(contract, { records: { challenger, champion } })).toEqual([
      'fail: C (signature) is 2, at most 0 was asked (input dep_hour is no longer read; type of distance went from integer to string).',
    ]);
  });

  test('RG5: what a trainer reports counts before its columns, and is compared with a champion of columns', async () => {
    const champion = await columns({ hour: 'BIGINT' });
    expect(
      await judge(contract, {
        records: { challenger: { ...(await columns({ x: 'INTEGER' })), ...reported }, champion },
      }),
    ).toEqual([
      expect.stringMatching(/^pass: .*inputs, 1 in all, none changed for its clients, and outputs are not compared/),
    ]);
  });

  test('PR7: a breaking change may go to a route that the champion never had', async () => {
    const evidence = await world.keep({ policy: { spec: { traffic: { route: 'old' } } } });
    const champion = { ...reported, policy: { evidence } };
    const challenger = { signature: { inputs: [{ name: 'minute', type: 'long', required: true }], byPosition: false } };
    const policy = (route: string) => ({ serving: { command: ['serve'] }, traffic: { route } });
    const found = async (route: string) =>
      judge(contract, { records: { challenger, champion }, policy: policy(route) });
    expect(await found('new')).toEqual([expect.stringMatching(/^pass: .*route new is new/)]);
    expect(await found('old')).toEqual([expect.stringMatching(/^fail: C \(signature\) is 2,/)]);
  });

  test('a first champion breaks nobody, and one of which nothing is known is missing', async () => {
    expect(await judge(contract, { records: { challenger: reported } })).toEqual([expect.stringMatching(/^pass: /)]);
    expect(await judge(contract)).toEqual([
      expect.stringMatching(/^missing: .*neither the challenger’s trainer nor its snapshot says/),
    ]);
  });
});

describe('freshness', () => {
  const young = { metric: 'freshness', atMost: '3d' };

  test('is missing without a record of how the run began', async () => {
    expect(await judge(young)).toEqual([expect.stringMatching(/^missing: .*there is no record of when/)]);
  });

  test('rests on the as-of of the run and the time since it began', async () => {
    await world.begin(new Date().toISOString());
    expect(await judge(young)).toEqual([
      expect.stringMatching(/^pass: C \(freshness\) is 2\.25 d, at most 3 d was asked/),
    ]);
  });

  test('a retry keeps the clock of the run that it retries', async () => {
    const retried = await createScorecardWorld();
    await retried.begin(new Date().toISOString(), { retryOf: { run: 'retrain/churn/zero' } });
    await retried.begin(new Date(Date.now() - DAY_MS).toISOString(), {}, 'retrain/churn/zero');
    const { findings } = await retried.judge([{ name: 'c', group: 'quality', ...young }]);
    await retried.dispose();
    expect(findings).toMatchObject([{ judged: 'fail', challenger: { value: expect.closeTo(3.25 * DAY_MS, -5) } }]);
  });
});

describe('what a candidate costs', () => {
  test('CO1: GPU-hours come from both run records', async () => {
    const records = {
      challenger: { compute: { backend: 'kubernetes', gpuSeconds: 7200, earlier: [{ job: 'a', gpuSeconds: 1800 }] } },
      champion: { compute: { backend: 'kubernetes', gpuSeconds: 3600 } },
    };
    expect(await judge({ metric: 'gpuHours', atMost: 2 }, { records })).toEqual([
      'fail: C (gpuHours) is 2.50 h, at most 2 h was asked (running time × accelerators of its 2 Jobs).',
    ]);
  });

  const price = { metric: 'costPerThousand', atMost: 0.001 };
  const served = (resources: object) => ({ serving: { command: ['serve'], resources }, traffic: { route: 'churn' } });
  const latencies = Array.from({ length: 500 }, () => 20);

  test('EV9, CO3: of a server is what serving.resources costs while it answers', async () => {
    expect(await judge(price, { policy: served({ cpu: 2, memory: '1Gi' }), latencies })).toEqual([
      expect.stringMatching(/^fail: C \(costPerThousand\) is 0\.00400 \[0\.00400, 0\.00400\]/),
    ]);
  });

  test('EV9: of a batch model is what training.resources cost while predict ran', async () => {
    expect(await judge({ ...price, atMost: 0.2 })).toEqual([
      expect.stringMatching(/^pass: C \(costPerThousand\) is 0\.00010, .* 1 s of one run of predict over 2000 rows/),
    ]);
  });

  test.each([
    ['no resources are named', { policy: served({ cpu: 2 }), latencies }, 'names no cpu or no memory'],
    ['there was no load run', { policy: served({ cpu: 2, memory: '1Gi' }) }, 'no load run was made'],
  ])('EV9: is missing where %s', async (_, given, why) => {
    expect(await judge(price, given)).toEqual([expect.stringMatching(new RegExp(`^missing: .*${why}`))]);
  });
});
