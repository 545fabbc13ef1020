import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import { GOLDEN } from '../../activities/adapters/kubernetes-serving/servers.ts';
import { present } from '../../present.ts';
import { makeNamespace } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';

let space: TestNamespace;
beforeAll(async () => {
  space = await makeNamespace('serving-manifests', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(async () => {
  await space.remove();
});

test.each(Object.entries(GOLDEN))('the API server takes the manifest %s, every field of it', async (_, build) => {
  const { deployment, service } = build();
  const namespace = space.name;
  const strictly = { namespace, dryRun: 'All', fieldValidation: 'Strict' };
  const [apps, core] = [space.config.makeApiClient(AppsV1Api), space.config.makeApiClient(CoreV1Api)];
  const metadata = { ...deployment.metadata, namespace };
  const taken = await apps.createNamespacedDeployment({ ...strictly, body: { ...deployment, metadata } });
  expect(taken.spec?.template.spec?.containers[0]).toMatchObject(deployment.spec?.template.spec?.containers[0] ?? {});
  const body = { ...service, metadata: { ...service.metadata, namespace } };
  expect((await core.createNamespacedService({ ...strictly, body })).spec).toMatchObject({ type: 'ClusterIP' });
});

test.each(Object.entries(GOLDEN))('a namespace of the restricted standard takes the pod of %s', async (_, build) => {
  const { priorityClassName: _none, ...spec } = present(build().deployment.spec?.template.spec);
  // The class and the account are those of a cluster that we do not have.
  const body = { metadata: { generateName: 'server-' }, spec: { ...spec, serviceAccountName: 'default' } };
  const core = space.config.makeApiClient(CoreV1Api);
  const taken = await core.createNamespacedPod({ namespace: space.name, dryRun: 'All', body });
  expect(taken.spec?.containers[0]?.name).toBe('server');
});
