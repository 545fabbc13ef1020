import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { imageOf } from '../cluster.ts';
import { makeDoctorWorld, named, refusal } from './world.ts';
import type { DoctorWorld } from './world.ts';

/** Each kind of bad input is found by the doctor and refuses a run before it starts anything, in the same words. */
describe('what trainings need of a cluster', () => {
  let world: DoctorWorld;
  beforeAll(async () => {
    world = await makeDoctorWorld();
  }, 60_000);
  afterAll(async () => world.close(), 120_000);

  test('SE5: with everything there nothing is refused, and the doctor says what was asked', async () => {
    const said = await world.ask({}, { training: world.training });
    expect(said.refused).toBeUndefined();
    expect(said.doctor).toEqual([
      { name: 'cluster', state: 'ok', text: expect.stringMatching(/^https:.* as /) },
      { name: `rights in ${world.namespace}`, state: 'ok', text: expect.stringMatching(/^(\d+) of \1 as /) },
      { name: 'training job', state: 'ok', text: `namespace ${world.namespace} would take a training Job` },
      { name: 'capacity', state: 'ok', text: 'a node can run a training Job' },
    ]);
  });

  test('a token that nobody accepts any more', async () => {
    const kubeconfig = await world.account('left');
    await world.revoke('left');
    const said = await world.ask({ kubeconfig }, { training: world.training });
    expect(refusal(said, 'cluster')).toMatch(
      /was answered 401: no further explanation · the credentials are unknown or have expired/,
    );
    expect(named(said, 'cluster')?.next).toMatch(/^log in again and renew the kubeconfig/);
  });

  test('SE5: an account without any right; with the lines that are printed it has all it needs', async () => {
    const kubeconfig = await world.account('nobody');
    const said = await world.ask({ kubeconfig }, { training: world.training });
    expect(refusal(said, 'rights')).toMatch(
      new RegExp(`^system:serviceaccount:${world.namespace}:nobody may do nothing in namespace`),
    );
    await world.paste(named(said, 'rights')?.next);
    const again = await world.ask({ kubeconfig }, { training: world.training });
    expect(again.refused).toBeUndefined();
    expect(named(again, 'rights')?.state).toBe('ok');
    expect(named(again, 'training job')?.state).toBe('ok');
  });

  test('SE5: an account that lacks one verb is told which, and the printed lines take nothing away', async () => {
    const kubeconfig = await world.account('almost');
    const first = await world.ask({ kubeconfig }, { training: world.training });
    await world.paste(named(first, 'rights')?.next?.replace('- pods/log', '- pods/status'));
    const said = await world.ask({ kubeconfig }, { training: world.training });
    const text = `:almost cannot get pods/log in namespace ${world.namespace}$`;
    expect(refusal(said, 'rights')).toMatch(new RegExp(text));
    await world.paste(named(said, 'rights')?.next);
    expect((await world.ask({ kubeconfig }, { training: world.training })).refused).toBeUndefined();
  });

  test('a right that only some policies need is asked for by those', async () => {
    const kubeconfig = await world.account('alone');
    const first = await world.ask({ kubeconfig }, { training: world.training });
    await world.paste(named(first, 'rights')?.next);
    const said = await world.ask({ kubeconfig }, { training: { ...world.training, queue: 'gpu-a' } });
    expect(refusal(said, 'rights')).toMatch(/cannot list workloads in namespace/);
  });

  test('a namespace that is not there, with the lines that make it', async () => {
    const nowhere = `${world.namespace}-not-there`;
    const platform = await world.platform({ namespace: nowhere });
    const said = await world.ask({ platform }, { training: world.training });
    expect(refusal(said, 'namespace')).toMatch(`namespace ${nowhere} is not there`);
    await world.paste(named(said, 'namespace')?.next);
    try {
      expect((await world.ask({ platform }, { training: world.training })).refused).toBeUndefined();
    } finally {
      await world.objects.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: nowhere } });
    }
  });

  test('an image by its tag', async () => {
    const image = imageOf('trainer').replace(/@sha256:.*/, ':latest');
    const said = await world.ask({}, { training: { ...world.training, image } });
    expect(refusal(said, 'training job')).toMatch(`training.image: "${image}" is not pinned; expected name@sha256:…`);
  });

  test('no image at all', async () => {
    const { image: _, ...training } = world.training;
    const said = await world.ask({}, { training });
    expect(refusal(said, 'training job')).toMatch(/spec\.training\.image of churn is missing/);
  });

  const accelerator = (count: number, resource = 'example.com/no-such-gpu') => ({
    ...world.training,
    resources: { cpu: 0.1, memory: '64Mi', gpu: { anyOf: [{ resource, count }] } },
  });

  test('an accelerator that no node has', async () => {
    const said = await world.ask({}, { training: accelerator(1) });
    expect(refusal(said, 'capacity')).toMatch(
      /can never run: no node offers example\.com\/no-such-gpu, asked for are 1$/,
    );
    expect(named(said, 'capacity')?.next).toMatch(
      /ask for what there is in spec\.training\.resources.*nodesOnDemand: true$/s,
    );
  });

  test('one that an autoscaler may bring is a warning, where the platform says so', async () => {
    const said = await world.ask(
      { platform: await world.platform({ nodesOnDemand: true }) },
      { training: accelerator(1) },
    );
    expect(said.refused).toBeUndefined();
    expect(named(said, 'capacity')).toMatchObject({
      state: 'warning',
      text: expect.stringMatching(/waits until a node/),
    });
  });

  test('of several kinds one that is there is enough', async () => {
    const kinds = [
      { resource: 'example.com/no-such-gpu', count: 1 },
      { resource: 'example.com/other', count: 1 },
    ];
    const claim = { resource: 'gpu.example.com/gpu', count: 1, claim: 'one-gpu' };
    const resources = { cpu: 0.1, memory: '64Mi', gpu: { anyOf: [...kinds, claim] } };
    const said = await world.ask({}, { training: { ...world.training, resources } });
    expect(said.refused).toBeUndefined();
    expect(said.doctor.map(({ name, state }) => `${name}: ${state}`)).toEqual(
      expect.arrayContaining(['capacity: warning', 'capacity: ok']),
    );
  });

  test('an account that may not list nodes is told that they were not looked at, and how it may', async () => {
    const kubeconfig = await world.account('blind');
    const first = await world.ask({ kubeconfig }, { training: world.training });
    await world.paste(named(first, 'rights')?.next);
    const said = await world.ask({ kubeconfig }, { training: accelerator(1) });
    expect(said.refused).toBeUndefined();
    expect(named(said, 'capacity')).toEqual({
      name: 'capacity',
      state: 'warning',
      text: expect.stringMatching(/^not checked: .*:blind may not list nodes$/),
      next: expect.stringMatching(/kind: ClusterRole\n.*resources:\n {6}- nodes\n {4}verbs:\n {6}- list$/s),
    });
  });

  test('a quota that could never allow it', async () => {
    await world.objects.create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small', namespace: world.namespace },
      spec: { hard: { 'requests.example.com/no-such-gpu': '2' } },
    } as object as Parameters<typeof world.objects.create>[0]);
    const said = await world.ask({}, { training: accelerator(4) });
    expect(refusal(said, 'capacity')).toMatch(
      /can never run: the quota small allows 2 requests\.example\.com\/no-such-gpu, asked for are 4$/,
    );
  });

  test('nothing of this left anything behind', async () => {
    const jobs = await world.objects.list('batch/v1', 'Job', world.namespace);
    expect(jobs.items).toEqual([]);
  });
});
