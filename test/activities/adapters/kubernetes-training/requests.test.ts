import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createJobLooks } from '../../../../activities/adapters/kubernetes-training/job-looks.ts';
import { createKubernetesClient } from '../../../../activities/adapters/kubernetes/client.ts';
import type { KubernetesClient } from '../../../../activities/adapters/kubernetes/client.ts';
import { exchangeFolder } from '../../../../activities/adapters/kubernetes-training/exchange-folder.ts';
import { createKubernetesTraining } from '../../../../activities/adapters/kubernetes-training/training-backend.ts';
import type { JobState, TrainingBackend } from '../../../../activities/ports/training-backend.ts';
import { present } from '../../../present.ts';
import { openCountingApi } from './counting-api.ts';
import { SECRET, sha256 } from './exchange-setup.ts';
import { jobFor, platform } from './jobs.ts';

const startTime = new Date();
const SETTLED = { startTime, active: 1, ready: 1 };
const pod = (phase: string, more: Partial<NonNullable<V1Pod['status']>> = {}): V1Pod => ({
  metadata: { name: 'us-flights-0-x', uid: 'p1', creationTimestamp: startTime },
  spec: { containers: [], nodeName: 'gpu-1' },
  status: { phase, ...more },
});

let api: Awaited<ReturnType<typeof openCountingApi>>;
let home: string;
let client: KubernetesClient;
let training: TrainingBackend;
const job = { ...jobFor(), spec: { ...jobFor().spec, files: [] } };
const root = () => join(home, 'exchange');
beforeEach(async () => {
  api = await openCountingApi();
  home = await mkdtemp(join(tmpdir(), 'understudy-requests-'));
  const kubeconfig = join(home, 'kubeconfig');
  const [clusters, users] = [
    [{ name: 'c', cluster: { server: api.url, 'insecure-skip-tls-verify': true } }],
    [{ name: 'u', user: {} }],
  ];
  const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u' } }];
  await writeFile(kubeconfig, JSON.stringify({ clusters, users, contexts, 'current-context': 'x' }));
  client = createKubernetesClient({ kubeconfig, namespace: 'understudy-train' });
  training = createKubernetesTraining({ client, platform: platform(), root: root(), secret: SECRET });
});
afterEach(async () => {
  await api.close();
  await rm(home, { recursive: true });
});

async function handIn(): Promise<void> {
  const folder = exchangeFolder(root(), job.name);
  await folder.begin('a');
  const incoming = folder.incoming('a');
  await mkdir(join(incoming, 'model'), { recursive: true });
  await writeFile(join(incoming, 'model/w'), '1');
  const artifact = { path: 'model', files: [{ path: 'w', sha256: sha256('1') }] };
  await writeFile(join(incoming, 'result.json'), JSON.stringify({ mode: 'train', artifact }));
  await folder.commit('a');
}

const states = async (looks: number): Promise<string[]> => {
  const seen: string[] = [];
  for (let look = 0; look < looks; look += 1) seen.push((await training.inspect(job.name)).state);
  return seen;
};

describe('what a Job asks of the API server', () => {
  test('a minute of training that goes well costs 15 requests', async () => {
    await training.submit(job);
    expect(await states(1)).toEqual(['waiting']);
    api.advance(job.name, SETTLED, [pod('Running')]);
    // At the pace of `untilNews`, ten to fifteen seconds and then ever longer, these are the looks of a minute.
    expect(await states(3)).toEqual(['running', 'running', 'running']);
    await handIn();
    const conditions = [{ type: 'Complete', status: 'True', lastTransitionTime: startTime }];
    api.advance(job.name, { startTime, conditions, completionTime: startTime, succeeded: 1 }, [pod('Succeeded')]);
    // Watched to its end, and then taken over.
    expect(await states(2)).toEqual(['succeeded', 'succeeded']);
    await training.remove(job.name);
    expect(api.counts).toEqual({
      'create configmaps': 1,
      'create jobs': 1,
      // Three, two, and one whether it is gone.
      'get jobs': 7,
      // The tail of its log, at each of the two.
      'get pods': 2,
      'list pods': 2,
      'delete configmaps': 1,
      'delete jobs': 1,
    });
  });

  test('pods are listed again when their Job has changed, and while one of them does not run', async () => {
    await training.submit(job);
    api.advance(job.name, { startTime, active: 1 }, [pod('Pending')]);
    expect(await states(2)).toEqual(['waiting', 'waiting']);
    api.setPods([pod('Running')]);
    expect(await states(2)).toEqual(['running', 'running']);
    // The Job has not counted it as ready yet, so nothing would tell of its end.
    expect(api.counts['list pods']).toBe(4);
    api.advance(job.name, SETTLED, [pod('Running')]);
    expect(await states(3)).toEqual(['running', 'running', 'running']);
    expect(api.counts['list pods']).toBe(5);
    const target = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
    api.advance(job.name, { startTime, active: 1, ready: 0 }, [pod('Failed', { conditions: [target] })]);
    expect(await training.inspect(job.name)).toMatchObject({
      state: 'waiting',
      why: expect.stringMatching(/was taken off node gpu-1 \(PreemptionByScheduler/),
    });
  });

  test.each([
    ['once, where it may be read', { 'get nodes': 1 }, { gpuModel: 'L4', gpuDriver: '570.86.15' }],
    ['never, where it may not be read', {}, {}],
  ])('the node of a GPU is asked for its driver %s', async (_, asked, known) => {
    const labels = { 'nvidia.com/gpu.product': 'L4', 'nvidia.com/cuda.driver-version.full': '570.86.15' };
    for (const _node of Object.keys(asked)) api.addNode('gpu-1', labels);
    await training.submit(job);
    const limits = { 'nvidia.com/gpu': '1' };
    const spec = { nodeName: 'gpu-1', containers: [{ name: 'trainer', resources: { limits } }] };
    api.advance(job.name, SETTLED, [Object.assign(pod('Running'), { spec })]);
    await states(2);
    const { compute } = (await training.inspect(job.name)) as Extract<JobState, { state: 'running' }>;
    const { gpuModel, gpuDriver } = present(compute);
    expect({ gpuModel, gpuDriver }).toEqual({ gpuModel: undefined, gpuDriver: undefined, ...known });
    const counts = Object.entries(api.counts).filter(([what]) => /nodes|review/.test(what));
    expect(Object.fromEntries(counts)).toEqual({ 'create selfsubjectaccessreviews': 1, ...asked });
  });

  test('a removal asks only for what is not gone yet', async () => {
    await training.submit(job);
    api.goSlowly(1);
    await training.remove(job.name);
    expect(api.counts).toMatchObject({ 'get jobs': 2, 'list pods': 1, 'get configmaps': 2 });
  });

  test('what was submitted twice, or is there already, is asked for once', async () => {
    await training.submit(job);
    await training.submit(job);
    expect(api.counts).toEqual({ 'create configmaps': 1, 'create jobs': 1, 'get jobs': 1 });
  });
});

describe('a look that found nothing new', () => {
  test('still lists the pods of a Job after two minutes, and counts how often it was so', async () => {
    let clock = 0;
    const looks = createJobLooks(client, () => clock);
    await training.submit(job);
    api.advance(job.name, SETTLED, [pod('Running')]);
    const lists: unknown[] = [];
    for (clock of [0, 60_000, 119_999, 120_000]) {
      await looks.look(job.name);
      lists.push(api.counts['list pods']);
    }
    expect(lists).toEqual([1, 1, 1, 2]);
    expect(looks.steady(job.name)).toBe(0);
    await looks.look(job.name);
    expect(looks.steady(job.name)).toBe(1);
  });

  test('lists none of a Job that waits suspended in its queue, and asks it as often as ever', async () => {
    const looks = createJobLooks(client);
    await client.createJob({ metadata: { name: 'queued' }, spec: { suspend: true, template: {} } });
    api.advance('queued', { startTime }, []);
    for (const _ of [1, 2, 3]) await looks.look('queued');
    expect(api.counts).toMatchObject({ 'list pods': 1, 'get jobs': 3 });
    expect(looks.steady('queued')).toBe(0);
  });

  test.each([
    ['no pod leaves', { succeeded: 1 }, true],
    ['a pod still leaves', { terminating: 1 }, false],
  ])('knows a Job to be over when %s', async (_, counted, over) => {
    const looks = createJobLooks(client);
    await training.submit(job);
    const conditions = [{ type: 'Complete', status: 'True' }];
    api.advance(job.name, { startTime, conditions, ...counted }, [pod('Succeeded')]);
    await looks.look(job.name);
    expect(looks.isOver(job.name, `uid-of-${job.name}`)).toBe(over);
    expect(looks.isOver(job.name, 'of-another')).toBe(false);
    looks.forget(job.name);
    expect(looks.isOver(job.name, `uid-of-${job.name}`)).toBe(false);
  });
});
