import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubernetesTraining } from '../../../../activities/adapters/kubernetes-training/training-backend.ts';
import { createKubernetesClient } from '../../../../activities/adapters/kubernetes/client.ts';
import type { TrainingBackend } from '../../../../activities/ports/training-backend.ts';
import { configFor } from '../kubernetes/api-server.ts';
import { openCountingApi } from './counting-api.ts';
import { SECRET } from './exchange-setup.ts';
import { jobFor, platform } from './jobs.ts';

const startTime = new Date();
const pod = {
  metadata: { name: 'us-flights-0-x', uid: 'p1', creationTimestamp: startTime },
  spec: { containers: [], nodeName: 'gpu-1' },
  status: { phase: 'Running' },
};
const leaving = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date() } };
/** As the authoriser says it. */
const forbidden = (what: string) => {
  const [verb = '', resource = ''] = what.split(' ');
  const group = resource === 'jobs' ? 'batch' : '';
  const rule = `cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "understudy-train"`;
  return { message: `${resource} is forbidden: User "worker" ${rule}` };
};
/** As the admission says it. */
const terminating = {
  message: 'unable to create new content in namespace understudy-train because it is being terminated',
  details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
};
/** Refuses what is new in a namespace that goes. */
const leave = (what: string) => (what === 'create configmaps' ? terminating : undefined);
const leaveAndForbid = (what: string) => leave(what) ?? forbidden(what);
const forbidOnly = (name: string) => (what: string) => (what === name ? forbidden(what) : undefined);
const GONE = expect.stringMatching(/^the job \(uid uid-of-\S+\) is gone: its namespace was deleted, /);

describe('a look that is refused', () => {
  let api: Awaited<ReturnType<typeof openCountingApi>>;
  let home: string;
  let training: TrainingBackend;
  const job = { ...jobFor(), spec: { ...jobFor().spec, files: [] } };
  const inspect = async () => await training.inspect(job.name);
  const run = (...pods: (typeof pod)[]) => {
    api.advance(job.name, { startTime, active: 1, ready: 1 }, pods);
  };
  const seeRunning = async () => {
    run(pod);
    expect(await inspect()).toMatchObject({ state: 'running' });
  };
  beforeEach(async () => {
    api = await openCountingApi();
    home = await mkdtemp(join(tmpdir(), 'understudy-gone-'));
    const kubeconfig = join(home, 'kubeconfig');
    await writeFile(kubeconfig, configFor(api.url).exportConfig());
    const client = createKubernetesClient({ kubeconfig, namespace: 'understudy-train' });
    training = createKubernetesTraining({ client, platform: platform(), root: join(home, 'exchange'), secret: SECRET });
    await training.submit(job);
  });
  afterEach(async () => {
    await api.close();
    await rm(home, { recursive: true });
  });

  test('after the namespace was seen going is a job that is gone with it, and nothing is left to remove', async () => {
    await seeRunning();
    run(leaving);
    api.refuse(leave);
    expect(await inspect()).toMatchObject({ state: 'waiting', why: expect.stringContaining('with its namespace') });
    api.refuse(forbidden);
    expect(await inspect()).toMatchObject({ state: 'vanished', why: GONE, compute: { pods: ['us-flights-0-x'] } });
    await training.remove(job.name);
    expect(await inspect()).toEqual({ state: 'vanished' });
  });

  test('while the namespace refuses what is new is a job that is gone with it', async () => {
    await seeRunning();
    api.refuse(leaveAndForbid);
    expect(await inspect()).toMatchObject({ state: 'vanished', why: GONE });
  });

  test('with all else, where nobody knows of the namespace, says both: the missing rule and the namespace', async () => {
    await seeRunning();
    api.refuse(forbidden);
    await expect(inspect()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(
        /add to a Role .*resources: \[jobs\], verbs: \[get\].* · the job was seen before.*kubectl get namespace understudy-train/,
      ),
    });
    await expect(training.remove(job.name)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test.each([
    ['in a namespace that takes what is new', async () => await seeRunning(), forbidOnly('get jobs')],
    ['of a job that nobody ever saw', async () => {}, forbidden],
  ])('%s is a missing rule and nothing else', async (_, before, refusal) => {
    await before();
    api.refuse(refusal);
    await expect(inspect()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/verbs: \[get\] }$/),
    });
  });
});
