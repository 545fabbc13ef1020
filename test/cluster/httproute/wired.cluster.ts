import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createRollout } from '../../../activities/rollout.ts';
import type { PhaseResult } from '../../../activities/phase.ts';
import { PortFailure } from '../../../activities/ports/port-failure.ts';
import type { ChooseGateway, TrafficTarget } from '../../../activities/ports/gateway.ts';
import { loadSettings } from '../../../workers/settings-file.ts';
import { wirePorts } from '../../../workers/wiring.ts';
import { createMemoryEvidence } from '../../fakes/memory-evidence.ts';
import { countByVersion, countOf, sendTraffic, until } from '../../traffic.ts';
import { gatewayMetricsUrl, gatewayUrl } from '../cluster.ts';
import { gateway, makeWorld } from './world.ts';
import type { World } from './world.ts';

/** A step at 10 % that is watched for longer than any test lasts. */
const PLAN = {
  mode: 'canary',
  percent: 10,
  lookMs: 200,
  atLeastMs: 600_000,
  atMostMs: 600_000,
  harmRatio: 1.5,
  alpha: 0.01,
  beta: 0.05,
  floor: 0.005,
  ceiling: 0.05,
  safeRatio: 2,
  safeRate: 0.01,
  minBadEvents: 3,
} as const;

describe('the gateway that the settings of a worker name', () => {
  let world: World;
  let home = '';
  let choose: ChooseGateway;
  const target = (route: string, more: Partial<TrafficTarget> = {}): TrafficTarget => ({
    gateway: 'httproute',
    route,
    ownership: 'dedicated',
    ...more,
  });

  beforeAll(async () => {
    world = await makeWorld({ champion: '7', challenger: '8' });
    home = await mkdtemp(path.join(tmpdir(), 'understudy-wired-'));
    await writeFile(path.join(home, 'kubeconfig'), world.account.exportConfig());
    await writeFile(
      path.join(home, 'platform.yaml'),
      `namespace: ${world.namespace}\ncourier: { image: 'a@sha256:${'0'.repeat(64)}', exchange: 'http://worker:9466' }\n`,
    );
    await writeFile(
      path.join(home, 'understudy.config.yaml'),
      `kubernetes:
  kubeconfig: kubeconfig
  platform: platform.yaml
  gateway:
    namespace: ${world.namespace}
    name: ${gateway.name}
    gatewayNamespace: ${gateway.namespace}
    listener: web
    address: ${gatewayUrl()}
    metrics: ['${gatewayMetricsUrl()}']
    requestTimeout: 10s
    class: { controller: traefik.io/gateway-controller }
`,
    );
    choose = wirePorts(await loadSettings(path.join(home, 'understudy.config.yaml')), () => undefined).gateway;
  }, 60_000);
  afterAll(async () => {
    await rm(home, { recursive: true });
    await world.stop();
  });

  /** At 10 % and served. */
  async function atTenPercent(traffic: TrafficTarget): Promise<string> {
    const { router } = choose(traffic);
    await router.apply(world.route(traffic.route, 10));
    await until('the route is loaded', async () => router.loaded(traffic.route));
    const address = await router.address(traffic.route);
    await until('the challenger is served', async () => 8 in countByVersion(await sendTraffic(address, 'm', 10)));
    return address;
  }

  /** Somebody edits the route while a step is watched; what the watch makes of it. */
  async function watchWhile(traffic: TrafficTarget, edit: () => Promise<void>): Promise<PhaseResult> {
    const evidence = createMemoryEvidence();
    const context = {
      run: `retrain/${traffic.route}/1`,
      model: traffic.route,
      asOf: '2001-01-01T00:00:00.000Z',
      folder: home,
      generation: 1,
      applied: await evidence.put('{}', 'application/json'),
      bootstrap: false,
    };
    const activities = createRollout({ gateway: choose, evidence, notifier: { notify: async () => undefined } });
    const environment = new MockActivityEnvironment();
    const looks: unknown[] = [];
    environment.on('heartbeat', (pulse: unknown) => looks.push(pulse));
    const order = { context, traffic, phase: 'step-10', plan: PLAN, lapseMs: 60_000 };
    const watch = async () => activities.watchPhase(order);
    const watched: Promise<PhaseResult> = environment.run(watch);
    await until('it is being watched', async () => looks.length > 1);
    await edit();
    return watched;
  }

  test('CA5: a policy with gateway httproute is routed and counted by the settings alone', async () => {
    const traffic = target('wired');
    const { evidence, router } = choose(traffic);
    expect(await router.capabilities()).toEqual({ weights: true, mirror: true, failover: false, timeouts: 10_000 });
    const address = await atTenPercent(traffic);
    const before = await evidence.scrape('wired');
    const answers = countByVersion(await sendTraffic(address, 'm', 200));
    // Whoever changes another route of this gateway makes it begin its turns anew.
    expect(answers['8']).toBeGreaterThan(10);
    expect(answers['8']).toBeLessThan(30);
    const since = async (arm: 'champion' | 'challenger' | 'shadow') =>
      countOf(await evidence.scrape('wired'), arm) - countOf(before, arm);
    const counted = async () => [await since('champion'), await since('challenger')].join();
    await until('all are counted', async () => (await counted()) === [answers['7'], answers['8']].join());
  });

  test('SH1: a challenger is shadowed on its own Service, and copies are never counted as its share of live traffic', async () => {
    const traffic = target('shadowed');
    const { evidence, router } = choose(traffic);
    await router.apply(
      world.route('shadowed', 0, { shadow: { version: '8', url: world.url('challenger'), percent: 100 } }),
    );
    const address = await router.address('shadowed');
    const before = world.arrived('challenger');
    expect(countByVersion(await sendTraffic(address, 'm', 100))).toEqual({ 7: 100 });
    await until('100 copies are counted', async () => countOf(await evidence.scrape('shadowed'), 'shadow') >= 100);
    expect(world.arrived('challenger') - before).toBeGreaterThanOrEqual(100);
    expect(countOf(await evidence.scrape('shadowed'), 'challenger')).toBe(0);
    await router.apply(world.route('shadowed', 10));
    await until('the challenger is served', async () => 8 in countByVersion(await sendTraffic(address, 'm', 10)));
    await until('and counted', async () => countOf(await evidence.scrape('shadowed'), 'challenger') > 0);
  });

  test('CA2: another field manager edits our route mid-step: the watch ends with freeze and names the share', async () => {
    const traffic = target('edited');
    await atTenPercent(traffic);
    const weight = { op: 'replace', path: '/spec/rules/0/backendRefs/1/weight', value: 30 };
    const seen = await watchWhile(traffic, async () => world.patch('edited', [weight]));
    expect(seen).toMatchObject({
      word: 'freeze',
      reason: 'somebody else changed the route edited: the challenger has 25 %, not 10 %',
    });
    const { router } = choose(traffic);
    await expect(router.apply(world.route('edited', 50))).rejects.toMatchObject({
      name: PortFailure.name,
      code: 'foreign-write',
      message: expect.stringContaining('a-person'),
    });
    await router.apply(world.route('edited', 0), { force: true });
    expect((await router.read('edited'))?.challenger?.percent).toBe(0);
  });

  test('CA2: the same in an adopted route, whose other parts the rollback leaves alone', async () => {
    const traffic = target('theirs', { ownership: 'adopted', rule: 'model' });
    const ref = (name: string, weight: number) => ({ name, port: 8080, weight });
    await world.create({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'theirs' },
      spec: {
        parentRefs: [gateway],
        rules: [
          {
            name: 'model',
            matches: [{ path: { type: 'PathPrefix', value: '/theirs' } }],
            backendRefs: [ref('champion', 100), ref('challenger', 0)],
          },
        ],
      },
    });
    await atTenPercent(traffic);
    const seen = await watchWhile(traffic, async () =>
      world.patch('theirs', [
        { op: 'replace', path: '/spec/rules/0/backendRefs/1/weight', value: 30 },
        { op: 'add', path: '/spec/hostnames', value: ['theirs.example'] },
      ]),
    );
    expect(seen).toMatchObject({ word: 'freeze', reason: expect.stringContaining('25 %, not 10 %') });
    const { router } = choose(traffic);
    await expect(router.apply(world.route('theirs', 50))).rejects.toMatchObject({ code: 'foreign-write' });
    await router.apply(world.route('theirs', 0), { force: true });
    expect((await world.live('theirs')).spec).toMatchObject({
      hostnames: ['theirs.example'],
      rules: [{ backendRefs: [{ weight: 120 }, { weight: 0 }] }],
    });
  });
});
