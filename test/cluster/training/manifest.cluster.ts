import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BatchV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { BuiltJob } from '../../../activities/adapters/kubernetes-training/manifest.ts';
import { GOLDEN } from '../../activities/adapters/kubernetes-training/golden-cases.ts';
import { present } from '../../present.ts';
import { makeNamespace } from '../cluster.ts';
import type { TestNamespace } from '../cluster.ts';

let space: TestNamespace;
beforeAll(async () => {
  space = await makeNamespace('training-manifests', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(async () => {
  await space.remove();
});

/** In our namespace, with the account that is there; without a priority class, which is not, and lists of nothing, which are not kept. */
function here(build: () => BuiltJob): BuiltJob {
  const text = JSON.stringify(build())
    .replaceAll('"namespace":"understudy-train"', `"namespace":"${space.name}"`)
    .replaceAll(/"serviceAccountName":"[^"]*"/g, '"serviceAccountName":"default"')
    .replaceAll(/"priorityClassName":"[^"]*",/g, '')
    .replaceAll('"tolerations":[],', '');
  return JSON.parse(text) as BuiltJob;
}

test.each(Object.entries(GOLDEN))('TN2: the API server takes the Job %s, every field of it', async (_, build) => {
  const { job, service } = here(build);
  const strictly = { namespace: space.name, dryRun: 'All', fieldValidation: 'Strict' };
  const taken = await space.config.makeApiClient(BatchV1Api).createNamespacedJob({ ...strictly, body: job });
  // The library sends no field that its own types lack: what came back says what was sent.
  expect(JSON.parse(JSON.stringify(taken.spec))).toMatchObject(present(job.spec));
  expect(taken.metadata).toMatchObject({ labels: job.metadata?.labels, annotations: job.metadata?.annotations });
  const core = space.config.makeApiClient(CoreV1Api);
  const services = [service].filter((one) => one !== undefined);
  const exposed = await Promise.all(services.map(async (body) => core.createNamespacedService({ ...strictly, body })));
  expect(exposed.map(({ spec }) => spec?.clusterIP)).toEqual(services.map(() => 'None'));
});

test.each(Object.entries(GOLDEN))(
  'TN2: a namespace of the restricted standard takes the pod of %s',
  async (_, build) => {
    const spec = present(here(build).job.spec?.template.spec);
    const body = { metadata: { generateName: 'trainer-' }, spec };
    const core = space.config.makeApiClient(CoreV1Api);
    const taken = await core.createNamespacedPod({ namespace: space.name, dryRun: 'All', body });
    expect(JSON.parse(JSON.stringify(taken.spec))).toMatchObject({ containers: [{ name: 'trainer' }] });
  },
);
