import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { artifactDigest, fileDigest } from '../../activities/artifact.ts';
import type { FourFields, ModelRegistry, OpenRun, RegisterVersion } from '../../activities/ports/model-registry.ts';

const DIGEST = 'd'.repeat(64);

export const runFor = (model: string, key: string): OpenRun => ({
  model,
  key,
  name: key,
  startedAtMs: 1_772_323_200_000,
  params: { num_leaves: '31', note: 'a "quoted" one' },
  tags: { 'understudy.workflow_id': 'retrain/flights/2026-03-01T00:00:00.000Z-check' },
  dataset: { name: model, digest: DIGEST, source: 'file:///evidence/manifest.json' },
});

/** An artifact of random bytes on disk, and a complete request to register it. */
export async function requestFor(
  model: string,
  runId: string,
  more: { readonly key?: string; readonly root: string },
): Promise<RegisterVersion & { readonly record: FourFields }> {
  const directory = await mkdtemp(join(more.root, 'artifact-'));
  const paths = ['weights.bin', 'deeper/down/table of things.bin'];
  const files = await Promise.all(
    paths.map(async (path) => {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, randomBytes(2_000));
      return { path, sha256: await fileDigest(file), bytes: (await stat(file)).size };
    }),
  );
  return {
    model,
    key: more.key ?? `${randomUUID()}/register`,
    runId,
    artifact: { directory, files },
    record: {
      paramsDigest: 'a'.repeat(64),
      datasetDigest: DIGEST,
      environmentHash: 'e'.repeat(64),
      artifactDigest: artifactDigest(files),
    },
    tags: { 'understudy.workflow_id': 'retrain/flights/1', 'understudy.record_id': 'r'.repeat(64) },
  };
}

/** The contract of the port. Servers are shared, so every test uses names of its own and clears nothing away. */
export function modelRegistryContract(name: string, make: () => Promise<ModelRegistry>): void {
  describe(`model registry: ${name}`, () => {
    let registry: ModelRegistry;
    let root: string;
    beforeAll(async () => {
      registry = await make();
      root = await mkdtemp(join(tmpdir(), 'model-registry-'));
    }, 120_000);
    afterAll(async () => {
      await rm(root, { recursive: true, force: true });
    });

    const newModel = (): string => `model-${randomUUID()}`;
    const candidate = async (model = newModel()) => {
      const { runId } = await registry.openRun(runFor(model, `${randomUUID()}/training/0`));
      return await requestFor(model, runId, { root });
    };

    test('RP7: an opened run tells the trainer where to log', async () => {
      const run = await registry.openRun(runFor(newModel(), `${randomUUID()}/training/0`));
      expect(run.environment).toMatchObject({
        MLFLOW_TRACKING_URI: expect.any(String),
        MLFLOW_RUN_ID: run.runId,
        MLFLOW_EXPERIMENT_ID: run.experimentId,
      });
    });

    test('opening a run again with its key answers the same run, another key another', async () => {
      const [model, key] = [newModel(), `${randomUUID()}/training/0`];
      const first = await registry.openRun(runFor(model, key));
      expect((await registry.openRun(runFor(model, key))).runId).toBe(first.runId);
      expect((await registry.openRun(runFor(model, `${key}1`))).runId).not.toBe(first.runId);
    });

    test('a run may be closed twice, the last word counts, and an unknown one is not found', async () => {
      const { runId } = await registry.openRun(runFor(newModel(), `${randomUUID()}/training/0`));
      await registry.closeRun(runId, 'FAILED', {});
      await expect(registry.closeRun(runId, 'FINISHED', { 'understudy.outcome': 'ok' })).resolves.toBeUndefined();
      await expect(registry.closeRun('f'.repeat(32), 'FINISHED', {})).rejects.toMatchObject({ code: 'not-found' });
    });

    test('RG1: a registered version names the run and the artifact that made it', async () => {
      const request = await candidate();
      const version = await registry.register(request);
      expect(version).toMatchObject({
        model: request.model,
        version: '1',
        runId: request.runId,
        artifactDigest: request.record.artifactDigest,
        ready: true,
      });
      expect(await registry.version(request.model, '1')).toEqual(version);
    });

    test('RG3: its tags lead to snapshot, record, environment and workflow', async () => {
      const request = await candidate();
      expect((await registry.register(request)).tags).toMatchObject({
        'understudy.snapshot_digest': DIGEST,
        'understudy.record_id': 'r'.repeat(64),
        'understudy.environment_hash': 'e'.repeat(64),
        'understudy.params_digest': 'a'.repeat(64),
        'understudy.artifact_digest': request.record.artifactDigest,
        'understudy.workflow_id': 'retrain/flights/1',
        'understudy.idempotency_key': request.key,
      });
    });

    test.each([
      ['paramsDigest', 'params'],
      ['datasetDigest', 'dataset version'],
      ['environmentHash', 'environment hash'],
      ['artifactDigest', 'artifact digest'],
    ] as const)('RP1: without %s registration is refused and says so', async (field, called) => {
      const request = await candidate();
      const { [field]: _gone, ...record } = request.record;
      await expect(registry.register({ ...request, record })).rejects.toMatchObject({
        code: 'record-incomplete',
        message: expect.stringContaining(called),
      });
      await expect(registry.register({ ...request, record: { ...record, [field]: '' } })).rejects.toMatchObject({
        code: 'record-incomplete',
      });
      expect(await registry.version(request.model, '1')).toBeUndefined();
    });

    test('RP1: all that is missing is named at once', async () => {
      const request = await candidate();
      await expect(registry.register({ ...request, record: {} })).rejects.toMatchObject({
        message: expect.stringMatching(/params.*dataset version.*environment hash.*artifact digest/),
      });
    });

    test('RP5: an artifact that changed since it was judged is not registered', async () => {
      const request = await candidate();
      await appendFile(join(request.artifact.directory, 'weights.bin'), 'more');
      await expect(registry.register(request)).rejects.toMatchObject({ code: 'artifact-changed' });
      expect(await registry.version(request.model, '1')).toBeUndefined();
    });

    test('registering again with the key answers the same version, another key the next', async () => {
      const request = await candidate();
      const first = await registry.register(request);
      expect(await registry.register(request)).toEqual(first);
      const other = await registry.register({ ...request, key: `${request.key}-2` });
      expect(other.version).toBe('2');
    });

    test('the same key with another artifact is a conflict', async () => {
      const request = await candidate();
      await registry.register(request);
      const other = await requestFor(request.model, request.runId, { root, key: request.key });
      await expect(registry.register(other)).rejects.toMatchObject({ code: 'registry-conflict' });
    });

    test('two registrations of one key side by side agree on one version', async () => {
      const request = await candidate();
      await registry.register(await candidate(request.model));
      const [a, b] = await Promise.all([registry.register(request), registry.register(request)]);
      expect((await registry.register(request)).version).toBe('2');
      expect([a.version, b.version]).toEqual(['2', '2']);
    });

    test('a version or model that does not exist is nothing', async () => {
      const { model } = await registry.register(await candidate());
      expect(await registry.version(model, '9')).toBeUndefined();
      expect(await registry.version(newModel(), '1')).toBeUndefined();
      expect(await registry.aliases(newModel())).toEqual({});
      await expect(registry.removeAlias(newModel(), 'champion')).resolves.toBeUndefined();
    });

    test('RG2: an alias is set, moved, set again and removed', async () => {
      const { model } = await registry.register(await candidate());
      await registry.register(await candidate(model));
      expect(await registry.aliases(model)).toEqual({});
      await registry.setAlias(model, 'champion', '1');
      await registry.setAlias(model, 'previous', '1');
      await registry.setAlias(model, 'champion', '2');
      await registry.setAlias(model, 'champion', '2');
      expect(await registry.aliases(model)).toEqual({ champion: '2', previous: '1' });
      await registry.removeAlias(model, 'previous');
      await registry.removeAlias(model, 'previous');
      expect(await registry.aliases(model)).toEqual({ champion: '2' });
    });

    test('an alias cannot point at a version that does not exist', async () => {
      const { model } = await registry.register(await candidate());
      await expect(registry.setAlias(model, 'champion', '7')).rejects.toMatchObject({ code: 'not-found' });
      expect(await registry.aliases(model)).toEqual({});
    });

    test('RG3: tags that come later join those of the registration', async () => {
      const { model, tags } = await registry.register(await candidate());
      const later = { 'understudy.scorecard_digest': DIGEST, 'understudy.approval_id': 'approval-1' };
      await registry.setVersionTags(model, '1', later);
      await registry.setVersionTags(model, '1', later);
      await registry.setModelTags(model, { 'understudy.owner': 'oncall@operations.example' });
      expect((await registry.version(model, '1'))?.tags).toEqual({ ...tags, ...later });
      await expect(registry.setVersionTags(model, '5', later)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('a value of more than 5,000 characters is refused before anything is written', async () => {
      const { model, tags } = await registry.register(await candidate());
      const given = { 'understudy.first': 'short', 'understudy.verdict': 'x'.repeat(5_001) };
      await expect(registry.setVersionTags(model, '1', given)).rejects.toMatchObject({
        code: 'bad-request',
        message: expect.stringContaining('understudy.verdict'),
      });
      expect((await registry.version(model, '1'))?.tags).toEqual(tags);
      await expect(registry.setVersionTags(model, '1', { long: 'x'.repeat(5_000) })).resolves.toBeUndefined();
    });
  });
}
