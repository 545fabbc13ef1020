import type { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGatewayApi } from '../../../../activities/adapters/httproute/api.ts';
import { createKserveApi } from '../../../../activities/adapters/kserve/api.ts';
import { createPreflightApi } from '../../../../activities/adapters/kubernetes-preflight/api.ts';
import { configFor } from './api-server.ts';
import { serverThat } from '../../../server-that.ts';

let proxy: Awaited<ReturnType<typeof serverThat>>;
let config: KubeConfig;
beforeAll(async () => {
  proxy = await serverThat((_, response) => {
    response.setHeader('content-type', 'text/html').end('<html>sign in</html>');
  });
  config = configFor(proxy.uri);
});
afterAll(() => proxy.close());

const service = { namespace: 'serving', name: 'churn-v7', port: 80 };

test.each([
  ['a Service that a route needs', async () => createGatewayApi(config, 'serving').serviceExists(service)],
  ['a mirror that is to go', async () => createGatewayApi(config, 'serving').deleteTraefikService('churn-mirror')],
  ['a Service that KServe made', async () => createKserveApi(config, 'serving').service('churn')],
  ['what the worker may do', async () => createPreflightApi(config).whoAmI()],
])('the page of a proxy is no answer about %s', async (_, ask) => {
  await expect(ask()).rejects.toMatchObject({ code: 'malformed-answer', message: expect.stringContaining('a proxy?') });
});
