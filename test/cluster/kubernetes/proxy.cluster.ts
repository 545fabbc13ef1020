import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CoreV1Api } from '@kubernetes/client-node';
import { kubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import type { KubernetesProxy } from '../../faults/kubernetes-proxy.ts';
import { makeNamespace } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';

let space: TestNamespace;
let proxy: KubernetesProxy;

beforeAll(async () => {
  space = await makeNamespace('proxy');
  proxy = await kubernetesProxy(space.config);
});

afterAll(async () => {
  await proxy.close();
  await space.remove();
});

test('a create whose answer is lost was executed by the real API server, and the second try says so', async () => {
  const create = () =>
    proxy.config
      .makeApiClient(CoreV1Api)
      .createNamespacedConfigMap({ namespace: space.name, body: { metadata: { name: 'once' } } });
  proxy.reset('after', { verb: 'create', resource: 'configmaps' });
  await expect(create()).rejects.toThrow('socket hang up');
  await expect(create()).rejects.toMatchObject({ code: 409, body: expect.stringContaining('AlreadyExists') });
  expect([...proxy.fired]).toEqual([['reset-after', 1]]);
});
