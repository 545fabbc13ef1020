import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BatchV1Api } from '@kubernetes/client-node';
import { anchorName, ensureAnchor } from '../../../activities/adapters/kubernetes/anchor.ts';
import { exchangeFolder } from '../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import { digestOf } from '../../../activities/artifact.ts';
import { found, until } from '../cluster.ts';
import { openClusterTraining } from './training-setup.ts';
import type { ClusterTraining } from './training-setup.ts';

let setup: ClusterTraining;
beforeAll(async () => {
  setup = await openClusterTraining();
});
afterAll(async () => {
  await setup.close();
});

const batch = (): BatchV1Api => setup.space.config.makeApiClient(BatchV1Api);
const jobNow = async (name: string) => await found(batch().readNamespacedJob({ name, namespace: setup.space.name }));
const uidOf = async (name: string): Promise<string> => String((await jobNow(name))?.metadata?.uid);
const untilGone = async (name: string): Promise<void> => {
  await until(`Job ${name} is gone`, async () => ((await jobNow(name)) === undefined ? true : undefined));
};

/** As somebody with kubectl does it. */
async function deleteBehindOurBack(name: string): Promise<void> {
  await batch().deleteNamespacedJob({ name, namespace: setup.space.name, body: { propagationPolicy: 'Background' } });
  await untilGone(name);
}

describe('submit', () => {
  test('creates a Job that its anchor owns, and a second submit adopts it', async () => {
    const job = setup.job('adopted');
    await setup.backend.submit(job);
    const made = await jobNow('adopted');
    await setup.other.submit(job);
    expect(made?.metadata?.ownerReferences).toMatchObject([{ kind: 'ConfigMap', name: anchorName('adopted') }]);
    expect(await uidOf('adopted')).toBe(made?.metadata?.uid);
  });

  test('three at the same time make one Job', async () => {
    const job = setup.job('together');
    await Promise.all([setup.backend.submit(job), setup.other.submit(job), setup.backend.submit(job)]);
    expect(await setup.backend.inspect('together')).toMatchObject({ state: 'waiting' });
  });

  test('a Job of the same name that does something else is a conflict and is left alone', async () => {
    const job = setup.job('conflicting');
    await setup.backend.submit(job);
    const uid = await uidOf('conflicting');
    const changed = { ...job, spec: { ...job.spec, seed: 8 } };
    await expect(setup.other.submit(changed)).rejects.toMatchObject({ code: 'job-conflict' });
    expect(await uidOf('conflicting')).toBe(uid);
  });

  test('a secret that was renewed between two submits is no conflict', async () => {
    const job = setup.job('renewed');
    await setup.backend.submit(job);
    const renewed = { ...job, environment: { MLFLOW_TRACKING_TOKEN: 'renewed' } };
    await expect(setup.other.submit(renewed)).resolves.toBeUndefined();
  });

  test('a job that makes no sense is refused before anything is there', async () => {
    const job = setup.job('refused', { deadlineMs: -5_000 });
    await expect(setup.backend.submit(job)).rejects.toMatchObject({ code: 'job-invalid' });
    await expect(setup.client.getConfigMap(anchorName('refused'))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a Job that somebody deleted', () => {
  test('kubeflow/trainer#3737: has vanished and is never created again', async () => {
    const job = setup.job('deleted');
    await setup.backend.submit(job);
    await deleteBehindOurBack('deleted');
    expect(await setup.other.inspect('deleted')).toMatchObject({ state: 'vanished' });
    await setup.other.submit(job);
    expect(await jobNow('deleted')).toBeUndefined();
    expect(await setup.backend.inspect('deleted')).toMatchObject({ state: 'vanished' });
  });

  test('FK5: still counts when its result had been handed in and proves itself', async () => {
    const job = setup.job('delivered');
    await setup.backend.submit(job);
    const folder = exchangeFolder(setup.root, 'delivered');
    await folder.begin('a');
    const incoming = folder.incoming('a');
    await mkdir(path.join(incoming, 'model'), { recursive: true });
    await writeFile(path.join(incoming, 'model/w'), '1');
    const files = [{ path: 'w', sha256: digestOf(1) }];
    const result = { mode: 'train', artifact: { path: 'model', files }, metrics: { auc: 0.75 } };
    await writeFile(path.join(incoming, 'result.json'), JSON.stringify(result));
    await folder.commit('a');
    await deleteBehindOurBack('delivered');
    expect(await setup.backend.inspect('delivered')).toMatchObject({
      state: 'succeeded',
      result: { metrics: { auc: 0.75 } },
    });
  });
});

describe('remove', () => {
  test('leaves neither Job, pod nor anchor, and the name may be used again', async () => {
    const job = setup.job('again');
    await setup.backend.submit(job);
    const uid = await uidOf('again');
    await until('its pod', async () => (await setup.client.listPods('batch.kubernetes.io/job-name=again'))[0]);
    await setup.other.remove('again');
    expect(await jobNow('again')).toBeUndefined();
    expect(await setup.client.listPods('batch.kubernetes.io/job-name=again')).toEqual([]);
    await expect(setup.client.getConfigMap(anchorName('again'))).rejects.toMatchObject({ code: 'not-found' });
    expect(await setup.backend.inspect('again')).toEqual({ state: 'vanished' });
    await setup.backend.submit(job);
    expect(await uidOf('again')).not.toBe(uid);
  });

  test('of a job that is not there is success', async () => {
    await expect(setup.backend.remove('never-there')).resolves.toBeUndefined();
  });

  test("leaves somebody else's Job of the same name alone", async () => {
    await setup.backend.submit(setup.job('foreign'));
    await deleteBehindOurBack('foreign');
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'x' }] } };
    const body = { metadata: { name: 'foreign' }, spec: { suspend: true, template } };
    await batch().createNamespacedJob({ namespace: setup.space.name, body });
    await setup.backend.remove('foreign');
    expect(await jobNow('foreign')).toBeDefined();
  });

  test('P5: a Job that a held-up request creates after the removal is collected by the cluster', async () => {
    const waitMs = 10_000;
    const anchor = await ensureAnchor(setup.client, 'late', { labels: {}, waitMs });
    await setup.backend.remove('late');
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'x' }] } };
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', ...anchor, blockOwnerDeletion: true }];
    const metadata = { name: 'late', ownerReferences };
    await setup.client.createJob({ metadata, spec: { suspend: true, template } });
    await expect(untilGone('late')).resolves.toBeUndefined();
  });
});
