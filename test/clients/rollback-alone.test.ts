import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { createTraefikRouter } from '../../activities/adapters/traefik-file/router.ts';
import { pendingRollbacks } from '../../activities/pending-rollback.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import { startGateway } from '../gateway.ts';
import type { Gateway } from '../gateway.ts';
import { until } from '../traffic.ts';
import { runCli } from './run-cli.ts';

const MODEL = 'shop';

let home: string;
let gateway: Gateway;
let servers: { readonly version: string; readonly url: string; readonly server: Server }[];
let hanging: TcpServer;
const calls: Socket[] = [];
let config: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'understudy-alone-'));
  gateway = await startGateway();
  servers = await Promise.all(['1', '2'].map(serve));
  // A registry that takes the call and says nothing; nobody at all where Temporal and Prometheus were.
  hanging = createTcpServer((call) => calls.push(call)).listen(0, '127.0.0.1');
  await once(hanging, 'listening');
  const [temporal = 0, prometheus = 0] = await freePorts(2);
  config = path.join(home, 'understudy.config.yaml');
  await writeFile(
    config,
    [
      'apiVersion: understudy/v1',
      'kind: OperatorSettings',
      `state: ${path.join(home, 'state')}`,
      `temporal: { address: "127.0.0.1:${temporal}" }`,
      `mlflow: { uri: "http://127.0.0.1:${(hanging.address() as AddressInfo).port}" }`,
      `prometheus: { url: "http://127.0.0.1:${prometheus}" }`,
      `gateway: { routes: ${gateway.routesDir}, address: "${gateway.address}", metrics: "${gateway.metricsUrl}" }`,
    ].join('\n'),
  );
});
afterAll(async () => {
  await gateway.stop();
  servers.forEach(({ server }) => server.close().closeAllConnections());
  calls.forEach((call) => call.destroy());
  hanging.close();
  await rm(home, { recursive: true });
});

async function serve(version: string) {
  const server = createServer((_, response) => response.setHeader('x-model-version', version).end('{}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { version, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Versions that answer twenty requests in a row. */
async function answering(): Promise<ReadonlySet<string>> {
  const versions = new Set<string>();
  for (let request = 0; request < 20; request += 1) {
    const answer = await fetch(`${gateway.address}/${MODEL}/`, { headers: { connection: 'close' } });
    await answer.arrayBuffer();
    versions.add(answer.headers.get('x-model-version') ?? String(answer.status));
  }
  return versions;
}

test('RB6: with Temporal, MLflow and Prometheus away one command returns the traffic at a real gateway and leaves a record', async () => {
  const router = createTraefikRouter({ ...gateway });
  const [one, two] = servers.map(({ url, version }) => ({ url, version }));
  await router.apply({
    name: MODEL,
    model: MODEL,
    champion: one as NonNullable<typeof one>,
    challenger: { ...(two as NonNullable<typeof two>), percent: 50 },
    writtenBy: 'retrain/shop/1',
    reason: 'canary 50 %',
    requestTimeoutMs: 1000,
  });
  await until('both versions answer', async () => (await answering()).size === 2);

  const ran = await runCli(['--config', config, 'rollback', MODEL, '--yes', '--as', 'ana@example', '-o', 'json'], {
    cwd: home,
  });
  expect(ran.stderr).toMatch(/nobody answers at 127\.0\.0\.1:\d+ \(Temporal\).*restoring directly/);
  expect(ran.stderr).toContain('the registry did not answer within 10 s; returning the traffic alone');
  expect(ran.stderr).toContain(
    'now     v1 50 %, v2 50 %\nafter   v1 100 %; the pointer follows when a worker can move it',
  );
  expect(ran.code).toBe(0);
  const { kept, pending } = JSON.parse(ran.stdout) as { kept: boolean; pending: object };
  expect([kept, pending]).toEqual([true, expect.objectContaining({ from: '1', to: '1', run: 'retrain/shop/1' })]);

  await until('version 1 alone answers', async () => [...(await answering())].join(',') === '1');
  const evidence = createFileEvidence({ root: path.join(home, 'state/evidence') });
  expect(await pendingRollbacks(evidence)).toEqual([pending]);
}, 300_000);
