import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { BuiltServer } from '../../../activities/adapters/kubernetes-serving/manifest.ts';
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

/** The manifest in our namespace, with the account that is there and without a priority class, which is not. */
function here(build: () => BuiltServer): BuiltServer {
  const text = JSON.stringify(build())
    .replaceAll('"namespace":"serving-flights"', `"namespace":"${space.name}"`)
    .replaceAll('"serviceAccountName":"server"', '"serviceAccountName":"default"')
    .replaceAll('"priorityClassName":"serving",', '');
  return JSON.parse(text) as BuiltServer;
}

test.each(Object.entries(GOLDEN))('the API server takes the manifest %s, every field of it', async (_, build) => {
  const { deployment, service } = here(build);
  const strictly = { namespace: space.name, dryRun: 'All', fieldValidation: 'Strict' };
  const [apps, core] = [space.config.makeApiClient(AppsV1Api), space.config.makeApiClient(CoreV1Api)];
  const taken = await apps.createNamespacedDeployment({ ...strictly, body: deployment });
  // The library sends no field that its own types lack: what came back says what was sent.
  expect(JSON.parse(JSON.stringify(taken.spec))).toMatchObject(present(deployment.spec));
  const exposed = await core.createNamespacedService({ ...strictly, body: service });
  expect(exposed.spec).toMatchObject({ type: 'ClusterIP', ports: service.spec?.ports });
});

test.each(Object.entries(GOLDEN))('a namespace of the restricted standard takes the pod of %s', async (_, build) => {
  const spec = present(here(build).deployment.spec?.template.spec);
  const body = { metadata: { generateName: 'server-' }, spec };
  const core = space.config.makeApiClient(CoreV1Api);
  const taken = await core.createNamespacedPod({ namespace: space.name, dryRun: 'All', body });
  expect(taken.spec?.containers[0]?.name).toBe('server');
});
