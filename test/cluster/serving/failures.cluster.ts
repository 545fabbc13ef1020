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

interface Failed {
  readonly failure: PortFailure;
  /** What was still there afterwards. */
  readonly left: readonly string[];
}

/** Starts a server that cannot serve. They wait for different things, so all of them fail at the same time. */
async function fail(request: ServerRequest): Promise<Failed> {
  const name = `${request.model}-v${request.version}`;
  try {
    await setup.serving.ensure(request);
  } catch (error) {
    const deployment = await found(setup.apps.readNamespacedDeployment({ name, namespace: setup.space.name }));
    const left = [deployment?.metadata?.name ?? '', ...(await setup.podsOf(name))].filter(Boolean);
    return { failure: error as PortFailure, left };
  }
  throw new Error(`the server ${name} became ready`);
}

const IMAGE = `127.0.0.1:1/nobody@sha256:${'0'.repeat(64)}`;

/** Between the digest that we took and the pod's own look the artifact is changed. */
async function failTampered(): Promise<Failed> {
  const artifact = path.join(setup.home, 'tampered');
  await cp(setup.request('any', '1').artifact, artifact, { recursive: true });
  const failed = fail(setup.request('tampered', '1', { artifact, readyWithinMs: 200_000 }));
  await until('the Deployment', async () => {
    return await found(setup.apps.readNamespacedDeployment({ name: 'tampered-v1', namespace: setup.space.name }));
  });
  await appendFile(path.join(artifact, 'model-server.mjs'), '\n// changed\n');
  return await failed;
}

async function failAll() {
  const request: ClusterServing['request'] = (...of) => setup.request(...of);
  await setup.core.createNamespacedResourceQuota({
    namespace: setup.space.name,
    body: { metadata: { name: 'models' }, spec: { hard: { 'requests.nvidia.com/gpu': '0' } } },
  });
  const greedy = ['node', '-e', 'const held = []; for (;;) held.push(Buffer.alloc(1e7, 1));'];
  const tampered = failTampered();
  const [imageless, crashing, hungry, huge, expensive, forbidden] = await Promise.all([
    fail(request('imageless', '1', { readyWithinMs: 200_000, placement: { image: IMAGE } })),
    fail(request('crashing', '1', { readyWithinMs: 200_000, flags: ['--crash', 'no module named lightgbm'] })),
    fail({ ...request('hungry', '1', { readyWithinMs: 200_000 }), command: greedy }),
    fail(request('huge', '1', { readyWithinMs: 3_000, placement: { cpu: 64 } })),
    fail(request('expensive', '1', { placement: { gpu: 1 } })),
    fail(request('forbidden', '1', { placement: { image: 'server:latest', replicas: 9 } })),
  ]);
  return { imageless, crashing, hungry, huge, expensive, forbidden, tampered: await tampered };
}

describe('a server that cannot serve', () => {
  let failed: Awaited<ReturnType<typeof failAll>>;
  beforeAll(async () => {
    failed = await failAll();
  }, 300_000);

  test('leaves nothing behind', () => {
    expect(Object.values(failed).flatMap(({ left }) => left)).toEqual([]);
  });

  test('kubeflow/pipelines#12973: with a bad image ends in a sentence, and for good', () => {
    const { failure } = failed.imageless;
    expect(failure).toMatchObject({ code: 'image-pull', message: expect.stringContaining(IMAGE) });
    expect(FAILURES[failure.code]).toMatchObject({ type: 'ImagePullFailed', retry: false });
  });

  test('with an artifact that is not what was announced never gets a request', () => {
    expect(failed.tampered.failure).toMatchObject({
      code: 'artifact-changed',
      message: expect.stringMatching(/artifact\/model-server.mjs is not what the spec promises/),
    });
  });

  test('in a crash loop ends in what it printed', () => {
    const { failure } = failed.crashing;
    expect(failure.code).toBe('server-died');
    expect(failure.message).toMatch(/ended before it was ready, \d times, exit 3; .*\nno module named lightgbm/s);
  });

  test('that is killed for memory says which field to raise', () => {
    expect(failed.hungry.failure).toMatchObject({
      code: 'out-of-memory',
      message: expect.stringContaining('serving.resources.memory'),
    });
  });

  test('that no node can hold ends in what the scheduler says', () => {
    expect(failed.huge.failure).toMatchObject({
      code: 'unschedulable',
      message: expect.stringContaining('Insufficient cpu'),
    });
  });

  test('that the quota can never hold names the quota', () => {
    expect(failed.expensive.failure).toMatchObject({
      code: 'quota-exceeded',
      message: expect.stringContaining('quota models'),
    });
  });

  test('that the platform does not allow is refused before anything is there', () => {
    expect(failed.forbidden.failure).toMatchObject({
      code: 'job-invalid',
      details: { fields: 'serving.image, serving.replicas' },
    });
  });
});

test('an exchange that is away is said, and the server comes when it is back', async () => {
  await setup.exchange.pause();
  const { failure } = await fail(setup.request('waiting', '1', { readyWithinMs: 5_000 }));
  expect(failure).toMatchObject({
    code: 'not-ready',
    message: expect.stringMatching(/waiting-v1-\S+ (prepares|waits)/),
  });
  await setup.exchange.resume();
  expect(await setup.serving.ensure(setup.request('waiting', '1'))).toMatchObject({ name: 'waiting-v1' });
  await setup.serving.stop('waiting', '1');
});
