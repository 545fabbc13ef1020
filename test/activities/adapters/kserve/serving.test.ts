import { afterEach, expect, test } from '@jest/globals';
import { createKserveServing } from '../../../../activities/adapters/kserve/serving.ts';
import { MODE_KEY } from '../../../../activities/adapters/kserve/objects.ts';
import { configFor } from '../kubernetes/api-server.ts';
import { serverThat } from '../../../server-that.ts';
import { canary, service } from './service.ts';

const annotations = { [MODE_KEY]: 'Standard' };
const alone = service({ annotations });
const withCanary = service({ annotations, canary: [canary('v8', 0)] });
const request = {
  model: 'churn',
  version: '8',
  artifact: '',
  command: [],
  folder: '/',
  readyWithinMs: 60_000,
  http: { ready: '/ready', infer: '/infer', body: 'rows' },
  kserve: { service: 'churn', mode: 'standard', storageUri: 's3://8' },
} as const;

let server: Awaited<ReturnType<typeof serverThat>>;
afterEach(() => server.close());

/** An API server with one InferenceService: answers these looks in turn, the last one from then on, and takes every patch. */
async function servingWith(looks: readonly (object | 'away')[]) {
  let looked = 0;
  let patched = 0;
  server = await serverThat((asked, response) => {
    const now = asked.method === 'GET' ? (looks[looked++] ?? withCanary) : withCanary;
    patched += asked.method === 'PATCH' ? 1 : 0;
    const status = now === 'away' ? 503 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(now));
  });
  const serving = createKserveServing({ kubeConfig: configFor(server.uri), namespace: 'models', logs: '/logs' });
  return { serving, patches: () => patched };
}

test('a server that cannot be asked after for a moment stays: it may be loading well', async () => {
  const { patches, serving } = await servingWith([alone, 'away']);
  await expect(serving.ensure(request)).rejects.toMatchObject({ code: 'unavailable' });
  expect(patches()).toBe(1);
});

test('a server that KServe has given up on is taken out again', async () => {
  const canaryStatuses = [{ name: 'v8', ready: false, modelStatus: { lastFailureInfo: { reason: 'NoSuchModel' } } }];
  const failed = { ...withCanary, status: { canaryStatuses } };
  const { patches, serving } = await servingWith([alone, failed]);
  await expect(serving.ensure(request)).rejects.toMatchObject({ code: 'server-died' });
  expect(patches()).toBe(2);
});

test('a wait that is called off ends long before its time, and leaves the server to whoever stops it', async () => {
  const { patches, serving } = await servingWith([alone]);
  await expect(serving.ensure(request, AbortSignal.timeout(300))).rejects.toMatchObject({ name: 'AbortError' });
  expect(patches()).toBe(1);
});
