import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { artifactDigest, fileDigest } from '../../activities/artifact.ts';
import type { Ports } from '../../activities/context.ts';
import { getJson, putJson } from '../../activities/context.ts';
import { RECORD_TAG } from '../../activities/opening.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { planRestore, restore } from '../../clients/restore-version.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryLoad } from '../fakes/memory-load.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import type { MemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import { createMemoryTraining, trainedModel } from '../fakes/memory-training.ts';
import { createDuckdbDataStore } from '../../activities/adapters/duckdb/data-store.ts';
import { served } from '../lifecycle/policies.ts';

const MODEL = 'shop';
/** A gateway that cannot say the first time whether it has loaded a route. */
function awayOnce(router: MemoryRouter): MemoryRouter {
  let looks = 0;
  const loaded = async (name: string) => {
    looks += 1;
    if (looks === 1) throw new PortFailure('unavailable', 'away');
    return router.loaded(name);
  };
  return { ...router, loaded };
}

const WORD = { by: 'ana@example', reason: 'complaints' };

describe('a direct restore of a served model', () => {
  let folder = '';
  let ports: ReturnType<typeof createPorts>;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-restore-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Version 1 was champion before version 2. */
  beforeEach(async () => {
    ports = createPorts(folder);
    await register(ports, folder, 'one');
    await register(ports, folder, 'two');
    await ports.registry.setAlias(MODEL, 'previous', '1');
    await ports.registry.setAlias(MODEL, 'champion', '2');
  });

  const router = () => ports.gateway().router;
  const share = async (challenger?: { version: string; percent: number }) =>
    router().apply({
      name: MODEL,
      model: MODEL,
      champion: { version: '2', url: 'http://127.0.0.1:2' },
      ...(challenger ? { challenger: { ...challenger, url: 'http://127.0.0.1:3' } } : {}),
      writtenBy: 'a run',
      reason: 'canary',
      requestTimeoutMs: 1000,
    });

  test('RR9: the version before gets a server of its own record, the traffic, and then the pointer', async () => {
    await share();
    const done = await restore(ports, await planRestore(ports, MODEL, {}), WORD);
    expect(router().current(MODEL)).toMatchObject({
      champion: { version: '1' },
      writtenBy: 'rollback by ana@example',
      reason: 'complaints',
    });
    expect(router().current(MODEL)).not.toHaveProperty('challenger');
    expect(ports.serving.living()).toEqual([`${MODEL}-v1`]);
    expect(await ports.registry.aliases(MODEL)).toMatchObject({ champion: '1', previous: '2' });
    expect(await getJson(ports.evidence, done.evidence)).toMatchObject({
      from: '2',
      to: '1',
      ...WORD,
      route: { loaded: true },
    });
  });

  test('RR9: a gateway that cannot be asked for a moment does not keep the pointer from following the traffic', async () => {
    await share();
    const asked = awayOnce(router());
    const gateway = () => ({ ...ports.gateway(), router: asked });
    const done = await restore({ ...ports, gateway }, await planRestore(ports, MODEL, {}), WORD);
    expect(await ports.registry.aliases(MODEL)).toMatchObject({ champion: '1', previous: '2' });
    expect(done.route).toMatchObject({ loaded: true });
  });

  test('a challenger that has traffic loses it to the champion; the pointer had not moved and stays', async () => {
    await share({ version: '3', percent: 25 });
    const plan = await planRestore(ports, MODEL, {});
    expect(plan).toMatchObject({ from: '2', to: '2' });
    await restore(ports, plan, WORD);
    expect(router().current(MODEL)).toMatchObject({ champion: { version: '2' } });
    expect(await ports.registry.aliases(MODEL)).toMatchObject({ champion: '2', previous: '1' });
    expect((await ports.registry.version(MODEL, '2'))?.tags).not.toHaveProperty('understudy.rolled_back');
  });

  test('a route that somebody else edited is overwritten: traffic comes first', async () => {
    await share({ version: '3', percent: 50 });
    await router().tamper(MODEL);
    await restore(ports, await planRestore(ports, MODEL, { to: '1' }), WORD);
    expect(router().current(MODEL)).toMatchObject({ champion: { version: '1' } });
  });

  test('a registry that moved meanwhile is not overwritten; the traffic is back all the same', async () => {
    await share();
    const plan = await planRestore(ports, MODEL, {});
    await register(ports, folder, 'three');
    ports.registry.meddle(MODEL, 'champion', '3');
    await expect(restore(ports, plan, WORD)).rejects.toMatchObject({ code: 'pointer-moved' });
    expect(router().current(MODEL)).toMatchObject({ champion: { version: '1' } });
    expect(await ports.registry.aliases(MODEL)).toMatchObject({ champion: '3' });
  });

  test('a champion that nobody shares traffic with cannot be restored to itself', async () => {
    await share();
    await expect(planRestore(ports, MODEL, { to: '2' })).rejects.toMatchObject({ exitCode: 6 });
  });

  test('a model without a champion has nothing to roll back', async () => {
    await expect(planRestore(ports, 'nobody', {})).rejects.toMatchObject({ exitCode: 5 });
  });
});

function createPorts(folder: string) {
  const router = createMemoryRouter();
  const evidence = createMemoryTraffic({ router });
  return {
    data: createDuckdbDataStore({ temporaryDirectory: path.join(folder, 'tmp') }),
    training: createMemoryTraining({ root: path.join(folder, 'jobs'), play: () => Promise.resolve(trainedModel({})) }),
    registry: createMemoryRegistry(),
    serving: createMemoryServing(),
    gateway: () => ({ router, evidence }),
    load: createMemoryLoad(),
    evidence: createMemoryEvidence(),
    notifier: { notify: () => Promise.resolve() },
  } satisfies Ports;
}

/** A version as a run leaves it: its record names its artifact, its server and the policy that it was made under. */
async function register(ports: ReturnType<typeof createPorts>, folder: string, name: string): Promise<void> {
  const file = path.join(folder, 'model.txt');
  await writeFile(file, name);
  const files = [{ path: 'model.txt', sha256: await fileDigest(file), bytes: name.length }];
  const { manifest } = await ports.evidence.putTree(folder, ['model.txt']);
  const record = await putJson(ports.evidence, {
    artifact: { manifest, digest: artifactDigest(files) },
    serving: { command: ['serve'], folder },
    policy: { digest: 'p', evidence: await putJson(ports.evidence, served(MODEL, folder)) },
  });
  const { runId } = await ports.registry.openRun({
    model: MODEL,
    key: name,
    name,
    startedAtMs: 0,
    params: {},
    tags: {},
    dataset: { name: 'd', digest: 'd', source: 's' },
  });
  await ports.registry.register({
    model: MODEL,
    key: name,
    runId,
    artifact: { directory: folder, files },
    record: { paramsDigest: 'p', datasetDigest: 'd', environmentHash: 'e', artifactDigest: artifactDigest(files) },
    tags: { [RECORD_TAG]: JSON.stringify(record) },
  });
}
