import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { Where } from '../../faults/kubernetes-proxy.ts';
import { present } from '../../present.ts';
import { until } from '../cluster.ts';
import {
  FAULTS,
  TIMEOUT_MS,
  inLanes,
  met,
  oneAfterTheOther,
  patiently,
  timesAsked,
  untilAsked,
  veryPatiently,
} from './fault.ts';
import type { FaultName } from './fault.ts';
import { openServingLines } from './serving-world.ts';
import type { Kept, ServingLine, ServingLines } from './serving-world.ts';

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

let world: ServingLines;

/** They may be collected with their anchor before we come to delete them: then the fault meets nobody. */
const collected: readonly Where[] = [
  { verb: 'delete', resource: 'deployments' },
  { verb: 'delete', resource: 'services' },
];
const writes: readonly Where[] = [
  { verb: 'create', resource: 'configmaps' },
  { verb: 'create', resource: 'services' },
  { verb: 'create', resource: 'deployments' },
  { verb: 'patch', resource: 'deployments' },
  { verb: 'delete', resource: 'configmaps' },
  ...collected,
];
const reads: readonly Where[] = [
  { verb: 'get', resource: 'configmaps' },
  { verb: 'get', resource: 'services' },
  { verb: 'get', resource: 'deployments' },
  { verb: 'list', resource: 'deployments' },
  { verb: 'list', resource: 'endpointslices' },
  { verb: 'list', resource: 'pods' },
];
const cases = oneAfterTheOther(writes, reads);
type Case = (typeof cases)[number];

/** Starts without a pod, for endpoints are made up here, gets one, is found by others, and is stopped. */
async function wholeLife({ faults, where }: Case): Promise<void> {
  const isSlow = faults.includes('delay');
  const through = isSlow ? world.throughHastyLine : world.throughLine;
  await through(async (line) => {
    const { proxy, serving, model, name } = line;
    await world.answering(name);
    for (const fault of faults) FAULTS[fault](proxy, where);
    await served(line);
    await veryPatiently(async () => serving.stop(model, '1'));
    expect(faults.every((fault) => met(proxy, fault)) || collected.includes(where)).toBe(true);
    // What was held up may arrive after the removal: its owner is gone, so it is collected; an anchor owns nothing then,
    // and goes with the next removal.
    const late = isSlow && where.verb === 'create' ? 1 : 0;
    await world.nothingLeft(name, async () => (late === 1 ? serving.stop(model, '1') : undefined));
    expect(world.ever('Deployment', name).length).toBeLessThanOrEqual(1 + late);
    expect(world.ever('Service', name).length).toBeLessThanOrEqual(1 + late);
  });
}

/** Until it has its pod, is marked as ready and can be found; never another one than the first. */
async function served({ serving, model, name, request }: ServingLine): Promise<void> {
  const server = await veryPatiently(async () => serving.ensure(request(0)));
  const first = await world.kept(name);
  await veryPatiently(async () => serving.ensure(request(1)));
  expect(await veryPatiently(async () => serving.find(model, '1'))).toEqual(server);
  expect(await veryPatiently(async () => serving.list(model))).toEqual([server]);
  const now = await world.kept(name);
  expect(now.deployment?.spec?.replicas).toBe(1);
  expect(now.deployment?.metadata?.annotations).toMatchObject({ 'understudy.dev/was-ready': 'true' });
  const uids = ({ deployment, service }: Kept) => [deployment, service].map((one) => present(one).metadata?.uid);
  expect(uids(now)).toEqual(uids(first));
}

/** A server that is ready, through a line that does not break yet. */
async function serve(line: ServingLine): Promise<void> {
  await world.answering(line.name);
  await line.serving.ensure(line.request(1));
}

const created: Where = { verb: 'create', resource: 'deployments' };

/** Two tries fail in these words; once nothing breaks any more there is exactly one Deployment. */
async function failsThenMakesOne(line: ServingLine, message: RegExp): Promise<void> {
  const asked = patiently(async () => line.serving.ensure(line.request(1)), 2);
  await expect(asked).rejects.toMatchObject({ name: 'PortFailure', message: expect.stringMatching(message) });
  line.proxy.calm();
  await world.answering(line.name);
  await veryPatiently(async () => line.serving.ensure(line.request(1)));
  expect(world.ever('Deployment', line.name)).toHaveLength(1);
  await removed(line);
}

async function removed({ serving, model, name }: ServingLine): Promise<void> {
  await serving.stop(model, '1');
  await world.nothingLeft(name);
}

describe('a server through a line that breaks', () => {
  let outcome: (row: Case) => Promise<void>;
  beforeAll(async () => {
    world = await openServingLines();
    outcome = inLanes(8, cases, wholeLife);
  }, 60_000);
  afterAll(async () => world.close());

  test.each(cases)(
    'P5: $said at $where.verb $where.resource: one Deployment and one Service ever, and nothing left of them',
    async (row) => {
      await expect(outcome(row)).resolves.toBeUndefined();
    },
  );

  test.each<readonly [FaultName, RegExp]>([
    ['conflict', /^create deployments proxied-\d+-v1 in namespace \S+ was answered 409: Conflict \(injected\)$/],
    ['throttle', /^create deployments proxied-\d+-v1 in namespace \S+ was answered 429: TooManyRequests \(injected\)$/],
    [
      'fail-503',
      /^create deployments proxied-\d+-v1 in namespace \S+ was answered 503: ServiceUnavailable \(injected\)$/,
    ],
    [
      'reset-before',
      /^create deployments proxied-\d+-v1 in namespace \S+: the API server http:\S+ could not be reached/,
    ],
  ])('P5: %s without end is a clear error when patience ends, and loses nothing', async (fault, message) => {
    await world.throughLine(async (line) => {
      FAULTS[fault](line.proxy, { ...created, times: 1000 });
      await expect(failsThenMakesOne(line, message)).resolves.toBeUndefined();
    });
  });

  test('P5: no answer for too long is a clear error when patience ends, and loses nothing', async () => {
    await world.throughHastyLine(async (line) => {
      line.proxy.delay(2 * TIMEOUT_MS, { ...created, times: 1000 });
      const message = /^create deployments proxied-\d+-v1 in namespace \S+ was not answered in time by http:/;
      await expect(failsThenMakesOne(line, message)).resolves.toBeUndefined();
    });
  });

  test.each([
    ['deployments', 'Deployment'],
    ['services', 'Service'],
  ] as const)('P5: what a slow request creates of %s after the removal is collected', async (resource, kind) => {
    await world.throughLine(async (line) => {
      line.proxy.delay(4_000, { verb: 'create', resource });
      const asked = untilAsked(line.proxy, 'POST', `/${resource}`, 1);
      const late = line.serving.ensure(line.request(1)).catch((error: unknown) => error);
      await asked;
      await line.serving.stop(line.model, '1');
      await until('what comes late', async () => world.ever(kind, line.name).at(0));
      expect(await late).toMatchObject({ message: expect.stringContaining('was deleted while it was waited for') });
      await world.nothingLeft(line.name);
    });
  });

  test('P5: a stale look at a Deployment that was made larger since does not make it smaller', async () => {
    await world.throughLine(async (line) => {
      await serve(line);
      const at = { name: line.name, namespace: world.space.name };
      await world.apps.patchNamespacedDeployment({ ...at, body: { spec: { replicas: 3 } } }, MERGE);
      line.proxy.stale(1, { resource: 'deployments', name: line.name });
      await line.serving.ensure(line.request(2));
      expect([...line.proxy.fired]).toEqual([['stale', 1]]);
      expect((await world.kept(line.name)).deployment?.spec?.replicas).toBe(3);
      await removed(line);
    });
  });

  test('P5: a stale answer about a Deployment that was deleted behind our back makes exactly one new one', async () => {
    await world.throughLine(async (line) => {
      await serve(line);
      const at = { name: line.name, namespace: world.space.name };
      await world.apps.deleteNamespacedDeployment({ ...at, propagationPolicy: 'Background' });
      line.proxy.stale(1, { resource: 'deployments', name: line.name });
      await line.serving.ensure(line.request(1));
      expect([...line.proxy.fired]).toEqual([['stale', 1]]);
      expect((await world.kept(line.name)).all).toContain(`Deployment ${line.name}`);
      expect(world.ever('Deployment', line.name)).toHaveLength(2);
      await removed(line);
    });
  });

  test('P5: a Service that is still being deleted is not taken for the new one', async () => {
    await world.throughLine(async (line) => {
      await serve(line);
      const at = { name: line.name, namespace: world.space.name };
      const held = (finalizers: string[] | null) => ({ ...at, body: { metadata: { finalizers } } });
      await world.core.patchNamespacedService(held(['example.com/held']), MERGE);
      await world.core.deleteNamespacedService(at);
      const twice = untilAsked(line.proxy, 'GET', `/services/${line.name}`, 2);
      const again = line.serving.ensure(line.request(1));
      try {
        await twice;
      } finally {
        await world.core.patchNamespacedService(held(null), MERGE);
      }
      await again;
      expect((await world.kept(line.name)).service?.metadata).not.toHaveProperty('deletionTimestamp');
      expect(world.ever('Service', line.name)).toHaveLength(2);
      await removed(line);
    });
  });

  test('P5: what an earlier anchor owned is not adopted: it goes with it', async () => {
    await world.throughLine(async (line) => {
      await serve(line);
      for (const resource of ['services', 'deployments']) {
        line.proxy.status(ofAnEarlierAnchor, { verb: 'get', resource });
      }
      await line.serving.ensure(line.request(1));
      expect(line.proxy.fired.get('status')).toBe(2);
      expect(timesAsked(line.proxy, 'GET', `/services/${line.name}`)).toBe(2);
      await removed(line);
    });
  });

  test('P5: a server that does not become one is said to, and nothing is left, though its removal was disturbed', async () => {
    await world.throughLine(async (line) => {
      line.proxy.fail(503, { verb: 'delete', resource: 'configmaps' });
      const asked = line.serving.ensure(line.request(1, { readyWithinMs: 500 }));
      await expect(asked).rejects.toThrow(/^the server proxied-\d+-v1 (cannot serve|was not ready within 500 ms)/);
      expect([...line.proxy.fired]).toEqual([['fail', 1]]);
      await world.nothingLeft(line.name);
    });
  });
});

/** As it is for a moment when an anchor was deleted and made anew: the collector has not come yet. */
function ofAnEarlierAnchor({ metadata }: { metadata?: { ownerReferences?: { uid: string }[] } }): void {
  for (const owner of metadata?.ownerReferences ?? []) owner.uid = '00000000-0000-0000-0000-000000000000';
}
