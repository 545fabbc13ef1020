import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { artifactDigest, fileDigest } from '../../activities/artifact.ts';
import type { Ports } from '../../activities/context.ts';
import { putJson } from '../../activities/context.ts';
import { leavePending, pendingRollbacks, settleRollback } from '../../activities/pending-rollback.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { planOffline, restoreOffline } from '../../clients/offline-restore.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { reconcileRollbacks } from '../../workers/reconcile-rollbacks.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryServing } from '../fakes/memory-serving.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import { served } from '../lifecycle/policies.ts';
import { present } from '../present.ts';

const MODEL = 'shop';
const WORD = { by: 'ana@example', reason: 'complaints', away: ['the registry is away'] };

let folder: string;
let world: Awaited<ReturnType<typeof createWorld>>;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-offline-'));
  world = await createWorld();
});
afterEach(async () => {
  await world.evidence.dispose();
  await rm(folder, { recursive: true });
});

/** Version 1 was champion before version 2; both are on record, and the registry is asked by nobody. */
async function createWorld() {
  const router = createMemoryRouter();
  const evidence = createMemoryEvidence();
  const serving = createMemoryServing();
  const registry = createMemoryRegistry();
  const away = new Proxy(registry, {
    get: () => () => {
      throw new PortFailure('unavailable', 'the registry was asked');
    },
  });
  const gateway = () => ({ router, evidence: createMemoryTraffic({ router }) });
  const ports = { evidence, serving, gateway, registry: away } as unknown as Ports;
  const record = async (name: string): Promise<EvidenceRef> => {
    const file = path.join(folder, 'model.txt');
    await writeFile(file, name);
    const files = [{ path: 'model.txt', sha256: await fileDigest(file), bytes: name.length }];
    const { manifest } = await evidence.putTree(folder, ['model.txt']);
    return putJson(evidence, {
      artifact: { manifest, digest: artifactDigest(files) },
      serving: { command: ['serve'], folder },
      policy: { digest: 'p', evidence: await putJson(evidence, served(MODEL, folder)) },
    });
  };
  const note = async (key: string, value: object) =>
    evidence.remember(`runs/retrain/${MODEL}/${key}`, await putJson(evidence, value));
  const [one, two] = [await record('one'), await record('two')];
  await note('a/end', { outcome: 'promoted', challenger: '1', record: one, endedAt: '2026-01-01T00:00:00.000Z' });
  await note('b/opened-1', {
    champion: { version: '1', digest: 'd', record: one },
    receivedAt: '2026-01-02T00:00:00.000Z',
  });
  await note('b/end', { outcome: 'promoted', challenger: '2', record: two, endedAt: '2026-01-03T00:00:00.000Z' });
  return { ports, router, evidence, serving, registry, note };
}

const share = async (percent?: number) =>
  world.router.apply({
    name: MODEL,
    model: MODEL,
    champion: { version: '2', url: 'http://127.0.0.1:2' },
    ...(percent === undefined ? {} : { challenger: { version: '3', url: 'http://127.0.0.1:3', percent } }),
    writtenBy: 'retrain/shop/c',
    reason: 'canary',
    requestTimeoutMs: 1000,
  });

describe('RB6: without registry and Temporal', () => {
  test('a challenger loses its share by one write, no server is touched, and its weight of nothing is written down', async () => {
    await share(25);
    const plan = await planOffline(world.ports, MODEL, {});
    expect(plan).toMatchObject({ from: '2', to: '2' });
    const { kept, pending } = await restoreOffline(world.ports, plan, WORD);
    expect(world.router.changes).toHaveLength(2);
    expect(world.router.current(MODEL)).toMatchObject({
      champion: { version: '2', url: 'http://127.0.0.1:2' },
      challenger: { version: '3', percent: 0 },
      writtenBy: 'rollback by ana@example',
    });
    expect(world.serving.living()).toEqual([]);
    expect(kept).toBe(true);
    expect(await pendingRollbacks(world.evidence)).toEqual([pending]);
    expect(pending).toMatchObject({ run: 'retrain/shop/c', away: ['the registry is away'] });
  });

  test('the version before comes back, served by its own record', async () => {
    await share();
    const plan = await planOffline(world.ports, MODEL, {});
    expect(plan).toMatchObject({ from: '2', to: '1' });
    await restoreOffline(world.ports, plan, WORD);
    expect(world.router.current(MODEL)).toMatchObject({ champion: { version: '1' } });
    expect(world.serving.living()).toEqual([`${MODEL}-v1`]);
  });

  test('the same order given twice does not bring back what the first took off', async () => {
    await share();
    await restoreOffline(world.ports, await planOffline(world.ports, MODEL, {}), WORD);
    const again = planOffline(world.ports, MODEL, {});
    await expect(again).rejects.toMatchObject({ message: 'no version of shop before v1 is known here' });
    expect(await planOffline(world.ports, MODEL, { to: '2' })).toMatchObject({ from: '1', to: '2' });
  });

  test('a version of one’s choice comes back also while a challenger has a share', async () => {
    await share(25);
    await restoreOffline(world.ports, await planOffline(world.ports, MODEL, { to: '1' }), WORD);
    expect(world.router.current(MODEL)).toMatchObject({ champion: { version: '1' } });
    expect(world.router.current(MODEL)).not.toHaveProperty('challenger');
  });

  test('a store that is away does not keep the traffic, and the record is handed to the person', async () => {
    await share(25);
    const fails = async () => Promise.reject(new PortFailure('unavailable', 'the store is away'));
    const ports = { ...world.ports, evidence: { ...world.evidence, keys: fails, put: fails } };
    const { kept } = await restoreOffline(ports, await planOffline(ports, MODEL, {}), WORD);
    expect(kept).toBe(false);
    expect(world.router.current(MODEL)).toMatchObject({ challenger: { percent: 0 } });
  });

  test('a store that never answers holds it up for a moment and not for ever', async () => {
    await share(25);
    const hangs = async () => new Promise<never>(() => undefined);
    const ports = { ...world.ports, evidence: { ...world.evidence, keys: hangs, put: hangs } };
    const { kept } = await restoreOffline(ports, await planOffline(ports, MODEL, {}), WORD);
    expect(kept).toBe(false);
    expect(world.router.current(MODEL)).toMatchObject({ challenger: { percent: 0 } });
  });

  test('a note that cannot be read any more says nothing, and the others do', async () => {
    await share();
    world.evidence.damage((await world.note('d/end', { endedAt: 'unreadable' })).sha256);
    expect(await planOffline(world.ports, MODEL, {})).toMatchObject({ from: '2', to: '1' });
  });

  test('without the policy of any version nobody is said to have the traffic who has not', async () => {
    await share();
    const record = await putJson(world.evidence, { policy: { digest: 'p' } });
    await world.note('c/end', { outcome: 'promoted', challenger: '4', record, endedAt: '2026-01-04T00:00:00.000Z' });
    const planned = planOffline(world.ports, MODEL, { to: '1' });
    await expect(planned).rejects.toMatchObject({ message: expect.stringContaining('says how v1') });
  });

  test.each([
    ['unknown', {}, 'nothing', 69],
    [MODEL, { to: '9' }, 'nothing that is kept here says how v9', 5],
    [MODEL, { to: '2' }, 'v2 has all traffic of shop already', 6],
  ])('what %s %j asks for and nobody knows is said', async (model, wanted, message, exitCode) => {
    await share();
    const planned = planOffline(world.ports, model, wanted);
    await expect(planned).rejects.toMatchObject({ exitCode, message: expect.stringContaining(message) });
  });
});

describe('a worker that can ask again', () => {
  /** Runs that were signalled; all of them end at once. */
  function fakeClient(told: unknown[]): Pick<Client, 'workflow'> {
    const getHandle = (run: string) => ({
      signal: async (_: unknown, word: object) => void told.push({ run, ...word }),
      result: async () => undefined,
    });
    return { workflow: { getHandle } } as unknown as Pick<Client, 'workflow'>;
  }

  beforeEach(async () => {
    for (const name of ['one', 'two']) await register(name);
    await world.registry.setAlias(MODEL, 'champion', '2');
    await share();
    await restoreOffline(world.ports, await planOffline(world.ports, MODEL, {}), WORD);
  });

  async function register(name: string): Promise<void> {
    const dataset = { name: 'd', digest: 'd', source: 's' };
    const run = { model: MODEL, key: name, name, startedAtMs: 0, params: {}, tags: {}, dataset };
    const { runId } = await world.registry.openRun(run);
    const files = [{ path: 'model.txt', sha256: await fileDigest(path.join(folder, 'model.txt')), bytes: 3 }];
    const record = {
      paramsDigest: 'p',
      datasetDigest: 'd',
      environmentHash: 'e',
      artifactDigest: artifactDigest(files),
    };
    await world.registry.register({
      model: MODEL,
      key: name,
      runId,
      artifact: { directory: folder, files },
      record,
      tags: {},
    });
  }

  test('RB6: tells the run, lets the pointer follow the traffic, and does so once', async () => {
    const [told, said]: [unknown[], string[]] = [[], []];
    const ports = { evidence: world.evidence, registry: world.registry };
    await reconcileRollbacks(ports, fakeClient(told), (line) => said.push(line));
    expect(told).toEqual([{ run: 'retrain/shop/c', by: 'ana@example', reason: 'complaints' }]);
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '1', previous: '2' });
    expect(said).toEqual([expect.stringContaining('followed, the pointer moved from v2 to v1')]);
    await reconcileRollbacks(ports, fakeClient(told), (line) => said.push(line));
    expect(told).toHaveLength(1);
  });

  test('PR1: leaves a pointer that somebody moved since', async () => {
    world.registry.meddle(MODEL, 'champion', '7');
    const [pending] = await pendingRollbacks(world.evidence);
    const ports = { evidence: world.evidence, registry: world.registry };
    expect(await settleRollback(ports, { ...WORD, ...(pending as NonNullable<typeof pending>) })).toMatchObject({
      outcome: 'moved-on',
    });
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '7' });
    expect(await pendingRollbacks(world.evidence)).toEqual([]);
  });

  test('is not kept from one model’s rollback by another’s that fails, whose later ones wait for it', async () => {
    const lost = { schemaVersion: 1, model: 'lost', ...WORD, writtenAt: '2026-01-01T00:00:00.000Z' } as const;
    await leavePending(world.evidence, { ...lost, from: '3', to: '2', startedAt: '2026-01-01T00:00:00.000Z' });
    await leavePending(world.evidence, { ...lost, from: '2', to: '1', startedAt: '2026-01-02T00:00:00.000Z' });
    const known = new Map([[MODEL, async () => world.registry.aliases(MODEL)]]);
    const aliases = async (model: string) => present(known.get(model))();
    const ports = { evidence: world.evidence, registry: { ...world.registry, aliases } };
    const reconciling = reconcileRollbacks(ports, fakeClient([]), () => undefined);
    await expect(reconciling).rejects.toBeInstanceOf(Error);
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '1' });
    expect((await pendingRollbacks(world.evidence)).map(({ model }) => model)).toEqual(['lost', 'lost']);
  });

  test('keeps what it cannot reconcile for the next one, and says so', async () => {
    const said: string[] = [];
    const reconciling = reconcileRollbacks(world.ports, fakeClient([]), (line) => said.push(line));
    await expect(reconciling).rejects.toMatchObject({ code: 'unavailable' });
    expect(said).toEqual([expect.stringContaining('is not reconciled: the registry was asked')]);
    expect(await pendingRollbacks(world.evidence)).toHaveLength(1);
  });
});
