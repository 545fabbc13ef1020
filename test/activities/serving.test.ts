import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { putJson } from '../../activities/context.ts';
import type { RegisteredVersion } from '../../activities/ports/model-registry.ts';
import type { ServerRequest, Serving } from '../../activities/ports/serving.ts';
import { createServing, serveVersion } from '../../activities/serving.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { RunContext } from '../../scorecards/run.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import type { MemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { served } from '../lifecycle/policies.ts';

const OLD = `server@sha256:${'0'.repeat(64)}`;
const NEW = `server@sha256:${'1'.repeat(64)}`;

let folder: string;
let evidence: MemoryEvidence;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'understudy-served-'));
  evidence = createMemoryEvidence();
});
afterEach(async () => {
  await evidence.dispose();
  await rm(folder, { recursive: true });
});

/** What the backend is asked for, when this version is served under this policy. */
async function asked(
  policy: Partial<NonNullable<AppliedPolicy['policy']['spec']['serving']>>,
  recorded: RunRecord['serving'],
  champion?: string,
): Promise<ServerRequest> {
  await writeFile(path.join(folder, 'model.txt'), 'weights');
  const tree = await evidence.putTree(folder, ['model.txt']);
  const record = {
    artifact: { digest: tree.digest, manifest: tree.manifest, bytes: tree.bytes, files: [] },
    ...(recorded ? { serving: recorded } : {}),
  } as unknown as RunRecord;
  const applied = served('churn', folder);
  Object.assign(applied.policy.spec.serving ?? {}, policy);
  const memory = createMemoryServing();
  const requests: ServerRequest[] = [];
  const serving: Serving = {
    ...memory,
    ensure: async (request) => {
      requests.push(request);
      return await memory.ensure(request);
    },
  };
  const wanted = { model: 'churn', version: '7', record, ...(champion === undefined ? {} : { champion }) };
  await serveVersion({ serving, evidence }, applied, wanted);
  const [request] = requests;
  if (request === undefined) throw new Error('nobody was asked');
  return request;
}

test('a run that is stopped calls off the wait for its server', async () => {
  await writeFile(path.join(folder, 'model.txt'), 'weights');
  const { manifest, digest, bytes } = await evidence.putTree(folder, ['model.txt']);
  const registered = { artifactDigest: digest } as RegisteredVersion;
  const registry = { ...createMemoryRegistry(), version: async () => registered };
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const ensure: Serving['ensure'] = async (_, signal) => {
    const stopped = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('called off')));
    });
    environment.cancel();
    return await stopped;
  };
  const activities = createServing({ registry, evidence, serving: { ...createMemoryServing(), ensure } });
  const record = await putJson(evidence, { artifact: { digest, manifest, bytes, files: [] }, run: {} });
  const applied = await putJson(evidence, served('churn', folder));
  const context = { model: 'churn', run: 'r', generation: 1, applied } as unknown as RunContext;
  const wait = environment.run(async () => activities.ensureServer({ context, version: '7', record }));
  await expect(wait).rejects.toThrow('called off');
});

describe('what starts the server of a version', () => {
  test('a process: the command of its own record, and no placement', async () => {
    const request = await asked({ command: ['serve', '--new'] }, { command: ['serve', '--old'], folder: '/old' });
    expect(request).toMatchObject({ command: ['serve', '--old'], folder: '/old' });
    expect(request).not.toHaveProperty('placement');
  });

  test('RP5: on a cluster, the image and the command of its own record, in the size of today', async () => {
    const policy = {
      backend: 'kubernetes' as const,
      command: ['serve', '--new'],
      image: NEW,
      replicas: 2,
      resources: { cpu: 0.5 },
    };
    const request = await asked(policy, { command: ['serve', '--old'], folder: '/old', image: OLD }, '6');
    expect(request.command).toEqual(['serve', '--old']);
    expect(request.placement).toEqual({ backend: 'kubernetes', image: OLD, replicas: 2, cpu: 0.5, champion: '6' });
  });

  test('a version that was a process is served on a cluster as today’s policy says: its command means nothing there', async () => {
    const policy = { backend: 'kubernetes' as const, command: ['serve', '--new'], image: NEW };
    const request = await asked(policy, { command: ['python', 'serve.py'], folder: '/old' });
    expect(request).toMatchObject({ command: ['serve', '--new'], placement: { image: NEW } });
  });

  test('a version that was a container is served as a process as today’s policy says', async () => {
    const request = await asked({ command: ['serve', '--new'] }, { command: [], folder: '/old', image: OLD });
    expect(request.command).toEqual(['serve', '--new']);
    expect(request).not.toHaveProperty('placement');
  });

  test('the champion itself is nobody’s challenger', async () => {
    const policy = { backend: 'kubernetes' as const, image: NEW };
    expect((await asked(policy, undefined, '7')).placement).not.toHaveProperty('champion');
  });

  test('nothing that says how to start it is an error that names both fields', async () => {
    const policy = { backend: 'kubernetes' as const };
    await expect(asked(policy, undefined)).rejects.toThrow(/serving.command .* serving.image/);
  });
});
