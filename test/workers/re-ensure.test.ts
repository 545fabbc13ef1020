import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFileEvidence } from '../../activities/adapters/file-evidence.ts';
import { getJson, putJson } from '../../activities/context.ts';
import type { Ports } from '../../activities/context.ts';
import { RECORD_TAG } from '../../activities/opening.ts';
import { emptyWatch } from '../../scorecards/watch.ts';
import { reEnsureChampion } from '../../workers/re-ensure.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { applied, served } from '../lifecycle/policies.ts';

const MODEL = 'again';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-again-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A registered champion whose server and route are gone, as after a restart of the machine. */
async function afterRestart() {
  const evidence = createFileEvidence({ root: join(folder, 'evidence') });
  const [registry, router, serving] = [createMemoryRegistry(), createMemoryRouter(), createMemoryServing()];
  await writeFile(join(folder, 'model.txt'), 'weights');
  const tree = await evidence.putTree(folder, ['model.txt']);
  const files = await getJson<{ path: string; bytes: number; sha256: string }[]>(evidence, tree.manifest);
  const record = await putJson(evidence, {
    artifact: { digest: tree.digest, manifest: tree.manifest, bytes: tree.bytes, files },
    serving: { command: ['serve', '--old-flag'], folder },
  });
  const digest = tree.digest;
  const run = await registry.openRun({
    model: MODEL,
    key: 'k',
    name: 'n',
    startedAtMs: 0,
    params: {},
    tags: {},
    dataset: { name: 'd', digest, source: 'memory:' },
  });
  await registry.register({
    model: MODEL,
    key: 'k',
    runId: run.runId,
    artifact: { directory: folder, files },
    record: { paramsDigest: digest, datasetDigest: digest, environmentHash: digest, artifactDigest: digest },
    tags: { [RECORD_TAG]: JSON.stringify(record) },
  });
  await registry.setAlias(MODEL, 'champion', '1');
  return { ports: { evidence, registry, gateway: () => ({ router }), serving } as unknown as Ports, router, serving };
}

test('after a restart the champion is served by the command of its own record and gets its route back', async () => {
  const { ports, router, serving } = await afterRestart();
  await reEnsureChampion(ports, { ...emptyWatch(MODEL), applied: served(MODEL, folder) });
  expect(serving.living()).toEqual([`${MODEL}-v1`]);
  expect(router.current(MODEL)).toMatchObject({ champion: { version: '1' }, reason: 'champion served again' });
});

test('a route that a run is in charge of is left to that run', async () => {
  const { ports, router, serving } = await afterRestart();
  const active = {
    run: 'r',
    trigger: { kind: 'manual' as const, key: 'k', asOf: '2001-01-01T00:00:00.000Z', by: 'test' },
    receivedAt: '',
  };
  await reEnsureChampion(ports, { ...emptyWatch(MODEL), applied: served(MODEL, folder), active });
  expect([serving.living(), router.changes]).toEqual([[], []]);
});

test('a batch model has nothing to be served', async () => {
  const { ports, router, serving } = await afterRestart();
  await reEnsureChampion(ports, { ...emptyWatch(MODEL), applied: applied(MODEL, folder) });
  expect([serving.living(), router.changes]).toEqual([[], []]);
});
