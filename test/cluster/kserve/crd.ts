import { readFile } from 'node:fs/promises';
import { ApiextensionsV1Api, CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { connect, found, until } from '../cluster.ts';

/** What InferenceServices are called by. */
export const kind = { group: 'serving.kserve.io', version: 'v1beta1', plural: 'inferenceservices' };
const CRD = 'inferenceservices.serving.kserve.io';
const FIXTURE = 'understudy.dev/test-fixture';

/** KServe's own CRD is used where there is one; else the fixture, of which all suites say the same. */
export async function installCrd(): Promise<void> {
  const { api, there } = await look();
  if (there !== undefined && there.metadata?.labels?.[FIXTURE] === undefined) return;
  const text = await readFile(new URL('./inferenceservices.yaml', import.meta.url), 'utf8');
  const body = parse(text) as V1CustomResourceDefinition;
  const as = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
  await api.patchCustomResourceDefinition({ name: CRD, body, fieldManager: 'kserve-fixture', force: true }, as);
  await until('the CRD is served', async () => {
    const conditions = (await look()).there?.status?.conditions ?? [];
    return conditions.find(({ type, status }) => type === 'Established' && status === 'True');
  });
  // Established is said before the storage answers; until then it is 429.
  const custom = connect().makeApiClient(CustomObjectsApi);
  const all = async (): Promise<unknown> => custom.listCustomObjectForAllNamespaces({ ...kind });
  await until('the CRD answers', async () => all().catch(() => undefined));
}

/** Takes the fixture away, also one that was left behind, when no suite needs it any more. */
export async function removeFixture(): Promise<void> {
  const { api, there } = await look();
  if (there?.metadata?.labels?.[FIXTURE] === undefined) return;
  await found(api.deleteCustomResourceDefinition({ name: CRD }));
  await until('the CRD is gone', async () => ((await look()).there === undefined ? true : undefined));
}

async function look() {
  const api = connect().makeApiClient(ApiextensionsV1Api);
  return { api, there: await found(api.readCustomResourceDefinition({ name: CRD })) };
}
