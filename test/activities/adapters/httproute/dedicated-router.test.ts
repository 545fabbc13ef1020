import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHttpRouteRouter } from '../../../../activities/adapters/httproute/router.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';
import { configFor } from '../kubernetes/api-server.ts';
import { serverThat } from '../../../server-that.ts';

const route = exampleRoute('churn', {
  champion: { version: '7', url: 'http://a.models:80' },
  shadow: { version: '8', url: 'http://b.models:80', percent: 100 },
});
const OURS = [{ manager: 'understudy', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:rules': {} } } }];

let servers: Awaited<ReturnType<typeof serverThat>>[] = [];
afterEach(() => {
  servers.forEach((server) => server.close());
  servers = [];
});

async function listen(answer: RequestListener): Promise<string> {
  const server = await serverThat(answer);
  servers.push(server);
  return server.uri;
}

const service = (name: string) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], selector: { app: name } } });

/**
 * An API server that keeps one route and Services, and a gateway that serves the route with its mirror until it is `broken`.
 * Nothing may be deleted while it is `locked`.
 */
async function world() {
  const seen = { route: '', broken: false, locked: false };
  const services = new Map<string, object>(['a', 'b'].map((name) => [name, service(name)]));
  const fixed: Readonly<Record<string, object>> = {
    gateways: { metadata: { name: 'g', namespace: 'models' }, spec: { gatewayClassName: 'x' } },
    endpointslices: { items: [{ endpoints: [{ conditions: { ready: true } }] }] },
  };
  /** What a request about Services is answered with; nothing is 404. */
  const ofServices: Readonly<Record<string, (name: string, body: string) => object | undefined>> = {
    GET: (name) => services.get(name),
    POST: (_, body) => {
      const made = JSON.parse(body) as ReturnType<typeof service>;
      services.set(made.metadata.name, made);
      return made;
    },
    DELETE: (name) => (!seen.locked && services.delete(name) ? {} : undefined),
  };
  const api = await listen((request, response) => {
    const asked = /namespaces\/models\/(?<plural>\w+)(\/(?<name>[\w-]+))?/.exec(request.url ?? '')?.groups;
    const { plural = '', name = '' } = asked ?? {};
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      if (request.method === 'PATCH') {
        const { metadata, ...rest } = JSON.parse(body) as { metadata: object };
        seen.route = JSON.stringify({ ...rest, metadata: { ...metadata, resourceVersion: '1', managedFields: OURS } });
      }
      const ofService = plural === 'services' ? ofServices[request.method ?? '']?.(name, body) : undefined;
      const answer = plural === 'httproutes' ? seen.route : JSON.stringify(ofService ?? fixed[plural] ?? '');
      const refused = seen.locked && request.method === 'DELETE' ? 403 : 404;
      const status = answer.length > 2 ? 200 : refused;
      response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? answer : '{}');
    });
  });
  const address = await listen((_, response) => {
    response.writeHead(seen.broken ? 404 : 200, seen.broken ? {} : { 'x-understudy-mirrored': 'yes' }).end();
  });
  const declared = { controller: 'example/gateway', features: ['HTTPRouteRequestMirror'] };
  const options = {
    kubeConfig: configFor(api),
    namespace: 'models',
    gateway: { name: 'g', namespace: 'models' },
    declared,
    address,
  };
  return { router: createHttpRouteRouter(options), seen, services };
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

describe('a challenger that is its own shadow has a second Service', () => {
  const challenger = { version: '8', url: 'http://b.models:80', percent: 0 };
  const mirrored = { ...route, challenger };
  const { shadow: _off, ...alone } = mirrored;

  test('which goes with a write by force, though that reads nothing before', async () => {
    const { router, services } = await world();
    await router.apply(mirrored);
    expect([...services.keys()]).toEqual(['a', 'b', 'b-shadow']);
    await router.apply(alone, { force: true });
    expect([...services.keys()]).toEqual(['a', 'b']);
  });

  test('which stays when it is somebody else’s', async () => {
    const { router, services } = await world();
    services.set('b-shadow', service('b-shadow'));
    await router.apply(alone, { force: true });
    expect([...services.keys()]).toEqual(['a', 'b', 'b-shadow']);
  });

  test('which takes no write by force back when it cannot be deleted, and goes with the route', async () => {
    const { router, seen, services } = await world();
    await router.apply(mirrored);
    seen.locked = true;
    await router.apply(alone, { force: true });
    expect(seen.route).not.toContain('RequestMirror');
    expect([...services.keys()]).toContain('b-shadow');
    seen.locked = false;
    await router.remove(route.name);
    expect([...services.keys()]).toEqual(['a', 'b']);
  });
});
