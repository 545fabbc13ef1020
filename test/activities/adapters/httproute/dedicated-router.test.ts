import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, expect, test } from '@jest/globals';
import { createHttpRouteRouter } from '../../../../activities/adapters/httproute/router.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';

const route = exampleRoute('churn', {
  champion: { version: '7', url: 'http://a.models:80' },
  shadow: { version: '8', url: 'http://b.models:80', percent: 100 },
});
const OURS = [{ manager: 'understudy', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:rules': {} } } }];

let servers: Server[] = [];
afterEach(() => {
  servers.forEach((server) => {
    server.closeAllConnections();
    server.close();
  });
  servers = [];
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An API server that keeps one route, and a gateway that serves it with its mirror until it is `broken`. */
async function world() {
  const seen = { route: '', broken: false };
  const fixed: Readonly<Record<string, object>> = {
    gateways: { metadata: { name: 'g', namespace: 'models' }, spec: { gatewayClassName: 'x' } },
    endpointslices: { items: [{ endpoints: [{ conditions: { ready: true } }] }] },
    services: { metadata: { name: 'b' } },
  };
  const api = await listen((request, response) => {
    const plural = /namespaces\/models\/(?<plural>\w+)/.exec(request.url ?? '')?.groups?.['plural'] ?? '';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'PATCH') {
        const { metadata, ...rest } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { metadata: object };
        seen.route = JSON.stringify({ ...rest, metadata: { ...metadata, resourceVersion: '1', managedFields: OURS } });
      }
      const answer = plural === 'httproutes' ? seen.route : JSON.stringify(fixed[plural] ?? '');
      const status = answer.length > 2 ? 200 : 404;
      response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? answer : '{}');
    });
  });
  const address = await listen((_, response) => {
    response.writeHead(seen.broken ? 404 : 200, seen.broken ? {} : { 'x-understudy-mirrored': 'yes' }).end();
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser({ name: 'c', server: api, skipTLSVerify: true }, { name: 'u' });
  const declared = { controller: 'example/gateway', features: ['HTTPRouteRequestMirror'] };
  const options = { kubeConfig, namespace: 'models', gateway: { name: 'g', namespace: 'models' }, declared, address };
  return { router: createHttpRouteRouter(options), seen };
}

test('a mirror that was written by a worker that died before the proof is proven by the next one', async () => {
  const { router, seen } = await world();
  await router.apply(route);
  await router.apply(route);
  expect(seen.route).toContain('RequestMirror');
  seen.broken = true;
  await expect(router.apply(route)).rejects.toMatchObject({ code: 'unsupported' });
  expect(seen.route).not.toContain('RequestMirror');
}, 20_000);
