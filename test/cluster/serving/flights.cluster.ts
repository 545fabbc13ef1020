import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHttpRouteRouter } from '../../../activities/adapters/httproute/router.ts';
import { inferRequest } from '../../../activities/adapters/inference-protocol.ts';
import { createOpenLoopLoad } from '../../../activities/adapters/open-loop-load.ts';
import type { RunningServer } from '../../../activities/ports/serving.ts';
import { eventually } from '../../eventually.ts';
import { FEATURES, query, smallSnapshot, trainedArtifact } from '../../examples/flights/python.ts';
import { present } from '../../present.ts';
import { OPEN_INFERENCE_HTTP } from '../../servers/model-server.ts';
import { gatewayUrl, imageOf } from '../cluster.ts';
import { openClusterServing } from './serving-setup.ts';
import type { ClusterServing } from './serving-setup.ts';

const MODEL = 'flights-late';

let setup: ClusterServing;
let champion: RunningServer;
let rows: Record<string, unknown>[];

const flights = (version: string, artifact: string) =>
  setup.request(MODEL, version, {
    artifact,
    command: ['python3', 'serve.py'],
    readyWithinMs: 100_000,
    placement: { image: imageOf('server'), cpu: 0.3, memory: 512 * 1024 ** 2, run: `retrain/${MODEL}/a`, team: 'ops' },
  });

beforeAll(async () => {
  setup = await openClusterServing();
  const { train, holdout } = await smallSnapshot(setup.home);
  const artifact = await trainedArtifact(setup.home, train);
  rows = await query(`select ${FEATURES.join(', ')} from '${holdout}' order by flight limit 20`);
  champion = await setup.serving.ensure(flights('7', artifact));
});
afterAll(async () => {
  await setup.close();
});

const logged = async () => {
  const found = await readdir(champion.log, { recursive: true }).catch(() => []);
  if (!found.some((name) => name.endsWith('.parquet'))) return [];
  return await query(`from read_parquet('${champion.log}/day=*/*.parquet') order by id`);
};

describe('the flights server in a pod', () => {
  test('serves the artifact that it fetched by digest, and the worker reaches it without a Service address', async () => {
    expect(champion).toMatchObject({
      name: 'flights-late-v7',
      url: `http://flights-late-v7.${setup.space.name}.svc:8080`,
      direct: [expect.stringMatching(/^http:\/\/10\.98\.\d+\.\d+:8080$/)],
    });
    const result = await createOpenLoopLoad({ maxRatePerSecond: 100, maxDurationMs: 10_000 }).run({
      targets: [{ name: 'champion', server: champion }],
      http: OPEN_INFERENCE_HTTP,
      ratePerSecond: 10,
      durationMs: 2_000,
      rows,
    });
    expect(result['champion']).toMatchObject({ sent: 20, failed: 0 });
  });

  test('its serving log arrives at the worker within seconds, a row per answer, each file named by its pod', async () => {
    const all = await eventually(logged, (found) => found.length >= 20, 20_000);
    expect(new Set(all.map((row) => row['id'])).size).toBe(20);
    expect(all[0]).toMatchObject({ model_version: '7', status: 200, score: expect.any(Number) });
    const [pod = ''] = await setup.podsOf(champion.name);
    const names = await readdir(champion.log, { recursive: true });
    expect(names.filter((name) => name.endsWith('.parquet')).every((name) => path.basename(name).startsWith(pod))).toBe(
      true,
    );
  });

  test('is what a route of the gateway points to', async () => {
    const router = createHttpRouteRouter({
      kubeConfig: setup.account,
      namespace: setup.space.name,
      gateway: { namespace: 'gateway', name: 'understudy' },
      address: gatewayUrl(),
      declared: { controller: 'traefik.io/gateway-controller', features: [] },
    });
    const name = `flights-${setup.space.name}`;
    await router.apply({
      name,
      model: MODEL,
      champion: { version: '7', url: champion.url },
      writtenBy: 'a test',
      reason: 'served on the cluster',
      requestTimeoutMs: 10_000,
    });
    const call = { model: MODEL, version: '7', id: 'through-the-gateway', row: present(rows[0]) };
    const { path: infer, headers, body } = inferRequest(OPEN_INFERENCE_HTTP, call);
    const url = `${await router.address(name)}${infer}`;
    const answer = await eventually(
      async () => await fetch(url, { method: 'POST', headers, body }),
      ({ status }) => status === 200,
      20_000,
    );
    await router.remove(name);
    expect(await answer.json()).toMatchObject({ model_version: '7', id: 'through-the-gateway' });
  });

  test('a person finds it, and who pays for it, by its labels', async () => {
    const { metadata } = await setup.api.getDeployment(champion.name);
    expect(metadata?.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'understudy',
      'understudy.dev/model': MODEL,
      'understudy.dev/version': '7',
      'understudy.dev/team': 'ops',
      'example.com/pool': 'models',
    });
    expect(metadata?.labels?.['understudy.dev/run']).toMatch(/^retrain-flights-late-a-[0-9a-f]{8}$/);
  });

  test('the last of its log arrives when it is stopped, and the log stays', async () => {
    const call = { model: MODEL, version: '7', id: 'last-words', row: present(rows[0]) };
    const { path: infer, headers, body } = inferRequest(OPEN_INFERENCE_HTTP, call);
    const answer = await fetch(`${champion.direct?.[0]}${infer}`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    await setup.serving.stop(MODEL, '7');
    expect((await logged()).some((row) => row['id'] === 'last-words')).toBe(true);
    expect(await setup.podsOf(champion.name)).toEqual([]);
  });
});
