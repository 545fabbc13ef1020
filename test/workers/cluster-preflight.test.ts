import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createOpening } from '../../activities/opening.ts';
import { lookAhead, planOf } from '../../activities/preflight.ts';
import type { PreflightFinding } from '../../activities/ports/preflight.ts';
import { freePorts } from '../../infra/stack/free-port.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import { clusterPreflight } from '../../workers/cluster-preflight.ts';
import { loadSettings } from '../../workers/settings-file.ts';
import { wirePorts } from '../../workers/wiring.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import { applied } from '../lifecycle/policies.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const PINNED = `registry.example/team/trainer@${DIGEST}`;
const ON_A_CLUSTER: PolicyInput['spec']['training'] = { backend: 'kubernetes', image: PINNED, command: ['train'] };

let folder = '';
let closed = 0;

beforeAll(async () => {
  [closed = 0] = await freePorts(1);
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-preflight-'));
  const platform = (image: string) =>
    `namespace: train\ncourier: { image: '${image}', exchange: 'http://worker.example:9466' }\n`;
  await writeFile(path.join(folder, 'platform.yaml'), platform(PINNED));
  await writeFile(path.join(folder, 'by-tag.yaml'), platform('registry.example/worker:latest'));
  await writeFile(path.join(folder, 'no-user.yaml'), `${platform(PINNED)}user: 0\n`);
  const cluster = { server: `https://127.0.0.1:${closed}` };
  const kubeconfig = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'here',
  };
  await writeFile(path.join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
  const none = { ...kubeconfig, 'current-context': 'elsewhere' };
  await writeFile(path.join(folder, 'no-context'), JSON.stringify(none));
});
afterAll(() => rm(folder, { recursive: true }));

/** The settings with this section `kubernetes`. */
async function settings(section: object | undefined) {
  const file = path.join(folder, 'understudy.config.yaml');
  await writeFile(file, JSON.stringify(section === undefined ? {} : { kubernetes: section }));
  return loadSettings(file);
}

const policy = (training: PolicyInput['spec']['training']) => applied('churn', folder, { training }).policy;
const problem = (name: string, text: string, next: string): PreflightFinding => ({
  name,
  state: 'problem',
  text: expect.stringContaining(text) as unknown as string,
  next: expect.stringContaining(next) as unknown as string,
});

/** Section of the settings → what is wrong with it, and how it is mended. */
const BAD_SETTINGS: [string, object, string, string][] = [
  [
    'the kubeconfig is not there',
    { kubeconfig: 'nowhere/kubeconfig', platform: 'platform.yaml' },
    'nowhere/kubeconfig" is not there; expected the path of a file',
    'set KUBECONFIG',
  ],
  [
    'the kubeconfig has no such context',
    { kubeconfig: 'no-context', platform: 'platform.yaml' },
    'no context "elsewhere" with a cluster; it has: here',
    'correct kubernetes in understudy.config.yaml',
  ],
  [
    'there is no platform template',
    { kubeconfig: 'kubeconfig', platform: 'nowhere.yaml' },
    'nowhere.yaml, which cannot be read; expected a file of kind TrainingPlatform',
    'correct kubernetes in understudy.config.yaml',
  ],
  [
    'an image of the platform is a tag',
    { kubeconfig: 'kubeconfig', platform: 'by-tag.yaml' },
    'courier.image: "registry.example/worker:latest" is not pinned; expected name@sha256:…',
    'or allow tags there by requireDigests: false:\ncourier:\n  image: registry.example/worker@sha256:<digest>',
  ],
  [
    'a field of the platform is wrong',
    { kubeconfig: 'kubeconfig', platform: 'no-user.yaml' },
    'user: expected a user other than root',
    'correct the fields named above in ',
  ],
];

describe('what the doctor finds wrong with the settings of a cluster', () => {
  test.each(BAD_SETTINGS)('%s', async (_, section, text, next) => {
    const found = await clusterPreflight(await settings(section)).look();
    expect(found).toEqual([problem('cluster', text, next)]);
  });

  test('an API server that nobody reaches is named by its address', async () => {
    const file = await settings({ kubeconfig: 'kubeconfig', platform: 'platform.yaml' });
    const found = await clusterPreflight(file).look();
    expect(found).toEqual([
      problem('cluster', `the API server https://127.0.0.1:${closed} could not be reached`, 'check the address'),
    ]);
  }, 30_000);

  test('a policy for a cluster finds settings without one, with the lines to add', async () => {
    const found = await clusterPreflight(await settings(undefined)).look(policy(ON_A_CLUSTER));
    expect(found).toEqual([
      problem('cluster', 'churn asks for spec.training.backend kubernetes', 'kubernetes: { platform: platform.yaml }'),
    ]);
  });

  test('a policy that needs no cluster is not held up by one that is away', async () => {
    const file = await settings({ kubeconfig: 'kubeconfig', platform: 'platform.yaml' });
    expect(await clusterPreflight(file).look(policy({ command: ['train'] }))).toEqual([]);
  });

  test('settings without a cluster need none', async () => {
    expect(await clusterPreflight(await settings(undefined)).look()).toEqual([]);
  });
});

test('two clusters of one name are refused by whoever reads the settings', async () => {
  const file = path.join(folder, 'twice.yaml');
  const section = 'kubernetes: { platform: platform.yaml }\n';
  await writeFile(file, `${section}stack: { mlflow: 0 }\n${section}`);
  await expect(loadSettings(file)).rejects.toThrow(/twice\.yaml is not YAML: Map keys must be unique at line 3/);
});

test('a worker does not start with a kubeconfig that is not there', async () => {
  const file = await settings({ kubeconfig: 'nowhere/kubeconfig', platform: 'platform.yaml' });
  expect(() => wirePorts(file, () => undefined)).toThrow('is not there; expected the path of a file');
});

describe('a run is refused when it opens', () => {
  const registry = createMemoryRegistry();
  const evidence = createMemoryEvidence();
  const router = createMemoryRouter({ capabilities: { mirror: false } });
  const gateway = () => ({ router, evidence: createMemoryTraffic({ router }) });
  let runs = 0;
  const open = async (section: object | undefined, change: Partial<PolicyInput['spec']>) => {
    const preflight = clusterPreflight(await settings(section));
    const opening = createOpening({ registry, evidence, gateway, preflight }, { links: {} });
    const trigger = { kind: 'bootstrap', key: 'k', asOf: '2026-03-01T00:00:00.000Z', by: 'test' } as const;
    const run = `retrain/churn/${(runs += 1)}`;
    const input = { schemaVersion: 1, run, model: 'churn', trigger, receivedAt: trigger.asOf } as const;
    return opening.openRun({ ...input, applied: applied('churn', folder, change) });
  };

  test('with the settings that lack a cluster, and the lines to add', async () => {
    const { refused } = await open(undefined, { training: ON_A_CLUSTER });
    expect(refused).toBe(
      'nothing was started, because this cannot work: cluster: churn asks for spec.training.backend kubernetes, and the ' +
        'settings name no cluster · next: add to understudy.config.yaml:\nkubernetes: { platform: platform.yaml }',
    );
  });

  test.each(BAD_SETTINGS)('when %s', async (_, section, text) => {
    expect((await open(section, { training: ON_A_CLUSTER })).refused).toContain(text);
  });

  test('when KUBECONFIG, the variable, names a file that is not there', async () => {
    const nowhere = path.join(folder, 'nowhere');
    const replaced = jest.replaceProperty(process, 'env', { ...process.env, KUBECONFIG: nowhere });
    try {
      const { refused } = await open({ platform: 'platform.yaml' }, { training: ON_A_CLUSTER });
      expect(refused).toMatch(
        /the kubeconfig of KUBECONFIG or \S+ cannot be read: .*nowhere.* · next: .*set KUBECONFIG$/,
      );
    } finally {
      replaced.restore();
    }
  });

  test('when nobody reaches the API server', async () => {
    const section = { kubeconfig: 'kubeconfig', platform: 'platform.yaml' };
    const { refused } = await open(section, { training: ON_A_CLUSTER });
    expect(refused).toContain(`the API server https://127.0.0.1:${closed} could not be reached`);
  }, 30_000);

  test('and not when its policy asks for nothing outside', async () => {
    expect(await open(undefined, {})).not.toHaveProperty('refused');
  });
});

describe('the gateway of a policy', () => {
  const traffic = { gateway: 'httproute', route: 'churn' } as const;
  const { policy: served, scorecard } = applied('churn', '/', { traffic, serving: { command: ['serve'] } });
  const router = createMemoryRouter({ capabilities: { mirror: false } });
  const gateway = () => ({ router, evidence: createMemoryTraffic({ router }) });

  test('without mirroring is refused before anything is started', async () => {
    expect(await lookAhead({ gateway }, planOf(served, scorecard))).toEqual([
      problem('route churn', 'gateway httproute cannot mirror requests', 'HTTPRouteRequestMirror'),
    ]);
  });

  test('needs no mirror for a first champion, or when the shadow is skipped', async () => {
    const skipped = { ...served, spec: { ...served.spec, shadow: { ...served.spec.shadow, skip: true } } };
    expect(await lookAhead({ gateway }, planOf(served, scorecard, false))).toMatchObject([{ state: 'ok' }]);
    expect(await lookAhead({ gateway }, planOf(skipped, scorecard))).toMatchObject([{ state: 'ok' }]);
  });

  test('that this worker does not have is refused with the setting to add', async () => {
    const wired = wirePorts(await settings(undefined), () => undefined);
    expect(await lookAhead({ gateway: wired.gateway }, planOf(served, scorecard))).toEqual([
      problem('route churn', 'this worker has none: add kubernetes.gateway to understudy.config.yaml', 'spec.traffic'),
    ]);
  });
});
