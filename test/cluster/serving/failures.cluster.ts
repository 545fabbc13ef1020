import { appendFile, cp } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FAILURES } from '../../../activities/failures.ts';
import type { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { ServerRequest } from '../../../activities/ports/serving.ts';
import { found, until } from '../cluster.ts';
import { openClusterServing } from './serving-setup.ts';
import type { ClusterServing } from './serving-setup.ts';

let setup: ClusterServing;
beforeAll(async () => {
  setup = await openClusterServing();
});
afterAll(async () => {
  await setup.close();
});

/** How `ensure` fails, and that nothing of the server is left. */
async function failing(request: ServerRequest): Promise<PortFailure> {
  const failure = await setup.serving.ensure(request).then(
    () => undefined,
    (error: unknown) => error as PortFailure,
  );
  if (failure === undefined) throw new Error(`the server of ${request.model} became ready`);
  const name = `${request.model}-v${request.version}`;
  expect(await found(setup.apps.readNamespacedDeployment({ name, namespace: setup.space.name }))).toBeUndefined();
  expect(await setup.podsOf(name)).toEqual([]);
  return failure;
}

describe('a server that cannot serve', () => {
  test('kubeflow/pipelines#13401: a bad image ends in a sentence, and nobody waits for it until the end of all time', async () => {
    const image = `127.0.0.1:1/nobody@sha256:${'0'.repeat(64)}`;
    const failure = await failing(setup.request('imageless', '1', { readyWithinMs: 110_000, placement: { image } }));
    expect(failure).toMatchObject({ code: 'image-pull', message: expect.stringContaining(image) });
    expect(FAILURES[failure.code]).toMatchObject({ type: 'ImagePullFailed', retry: false });
  });

  test('an artifact that is not what was announced never gets a request', async () => {
    const artifact = path.join(setup.home, 'tampered');
    await cp(setup.request('any', '1').artifact, artifact, { recursive: true });
    const failed = failing(setup.request('tampered', '1', { artifact }));
    // Between the digest that we took and the pod's own look.
    await until('the Deployment', async () => {
      const name = 'tampered-v1';
      return await found(setup.apps.readNamespacedDeployment({ name, namespace: setup.space.name }));
    });
    await appendFile(path.join(artifact, 'model-server.mjs'), '\n// changed\n');
    expect(await failed).toMatchObject({
      code: 'artifact-changed',
      message: expect.stringMatching(/artifact\/model-server.mjs is not what the spec promises/),
    });
  });

  test('a crash loop ends in what the server printed', async () => {
    const failure = await failing(setup.request('crashing', '1', { flags: ['--crash', 'no module named lightgbm'] }));
    expect(failure.code).toBe('server-died');
    expect(failure.message).toMatch(/ended before it was ready, \d times, exit 3; .*\nno module named lightgbm/s);
  });

  test('a server that is killed for memory says which field to raise', async () => {
    const command = ['node', '-e', 'const held = []; for (;;) held.push(Buffer.alloc(1e7, 1));'];
    const failure = await failing({ ...setup.request('greedy', '1'), command });
    expect(failure).toMatchObject({
      code: 'out-of-memory',
      message: expect.stringContaining('serving.resources.memory'),
    });
  });

  test('no node that is large enough ends in what the scheduler says', async () => {
    const failure = await failing(setup.request('huge', '1', { readyWithinMs: 3_000, placement: { cpu: 64 } }));
    expect(failure).toMatchObject({ code: 'unschedulable', message: expect.stringContaining('Insufficient cpu') });
  });

  test('a quota that can never hold it is named at once', async () => {
    const spec = { hard: { 'requests.cpu': '4' } };
    const body = { metadata: { name: 'models' }, spec };
    const namespace = setup.space.name;
    await setup.core.createNamespacedResourceQuota({ namespace, body });
    const failure = await failing(setup.request('expensive', '1', { placement: { cpu: 8 } }));
    expect(failure).toMatchObject({ code: 'quota-exceeded', message: expect.stringContaining('quota models') });
    await setup.core.deleteNamespacedResourceQuota({ namespace, name: 'models' });
  });

  test('what the platform does not allow is refused before anything is there', async () => {
    const asked = { image: 'server:latest', replicas: 9 };
    const failure = await failing(setup.request('forbidden', '1', { placement: asked }));
    expect(failure).toMatchObject({ code: 'job-invalid', details: { fields: 'serving.image, serving.replicas' } });
  });

  test('an exchange that is away is said, and the server comes when it is back', async () => {
    await setup.exchange.pause();
    const failure = await failing(setup.request('waiting', '1', { readyWithinMs: 5_000 }));
    expect(failure).toMatchObject({ code: 'not-ready', message: expect.stringContaining('fetch is at work') });
    await setup.exchange.resume();
    expect(await setup.serving.ensure(setup.request('waiting', '1'))).toMatchObject({ name: 'waiting-v1' });
    await setup.serving.stop('waiting', '1');
  });
});
