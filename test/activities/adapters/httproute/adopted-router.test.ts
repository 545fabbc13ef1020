import { afterEach, expect, test } from '@jest/globals';
import { createHttpRouteRouter } from '../../../../activities/adapters/httproute/router.ts';
import { exampleRoute } from '../../../contracts/traffic-router.ts';
import { configFor } from '../kubernetes/api-server.ts';
import { serverThat } from '../../../server-that.ts';

const champion = { name: 'a', port: 80, weight: 75 };
const challenger = { name: 'b', port: 80, weight: 25 };
/** Somebody has added a rule that lists one Service twice. */
const spec = { rules: [{ backendRefs: [champion, challenger] }, { backendRefs: [champion, champion] }] };
const live = { metadata: { name: 'churn', namespace: 'models', resourceVersion: '1' }, spec };
const route = exampleRoute('churn', {
  champion: { version: '7', url: 'http://a.models:80' },
  challenger: { version: '8', url: 'http://b.models:80', percent: 0 },
});

let server: Awaited<ReturnType<typeof serverThat>>;
afterEach(() => server.close());

/** An API server that has this one route, and what it was told to patch. */
async function routerOf() {
  const patches: unknown[] = [];
  server = await serverThat((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      if (body !== '') patches.push(...(JSON.parse(body) as unknown[]));
      response.setHeader('content-type', 'application/json').end(JSON.stringify(live));
    });
  });
  const gateway = { name: 'g', namespace: 'models' };
  const options = {
    kubeConfig: configFor(server.uri),
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
