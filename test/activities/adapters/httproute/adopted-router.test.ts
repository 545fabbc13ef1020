import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, expect, test } from '@jest/globals';
import { createHttpRouteRouter } from '../../../../activities/adapters/httproute/router.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';

const champion = { name: 'a', port: 80, weight: 75 };
const challenger = { name: 'b', port: 80, weight: 25 };
/** Somebody has added a rule that lists one Service twice. */
const spec = { rules: [{ backendRefs: [champion, challenger] }, { backendRefs: [champion, champion] }] };
const live = { metadata: { name: 'churn', namespace: 'models', resourceVersion: '1' }, spec };
const route = exampleRoute('churn', {
  champion: { version: '7', url: 'http://a.models:80' },
  challenger: { version: '8', url: 'http://b.models:80', percent: 0 },
});

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** An API server that has this one route, and what it was told to patch. */
async function routerOf() {
  const patches: unknown[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      if (body !== '') patches.push(...(JSON.parse(body) as unknown[]));
      response.setHeader('content-type', 'application/json').end(JSON.stringify(live));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: 'u' },
  );
  const gateway = { name: 'g', namespace: 'models' };
  const options = {
    kubeConfig,
    namespace: 'models',
    gateway,
    address: 'http://gateway',
    ownership: 'adopted',
  } as const;
  return { patches, router: createHttpRouteRouter(options) };
}

test('a Service that somebody listed twice holds an advance up, and never a rollback', async () => {
  const { patches, router } = await routerOf();
  await expect(router.apply(route)).rejects.toMatchObject({ code: 'bad-request' });
  expect(patches).toEqual([]);
  await router.apply(route, { force: true });
  expect(patches).toContainEqual({ op: 'replace', path: '/spec/rules/0/backendRefs/1/weight', value: 0 });
});
