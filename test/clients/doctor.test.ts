import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { examine } from '../../clients/doctor.ts';
import type { Check } from '../../clients/doctor.ts';
import type { PolicyFile } from '../../clients/policy-file.ts';
import { applied } from '../lifecycle/policies.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const NOBODY = { temporal: { address: '127.0.0.1:1' }, mlflow: { uri: 'http://127.0.0.1:1' } };
const USER = { name: 'u', user: { token: 't' } };
const KUBECONFIG = {
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [USER],
  contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'here',
};

let folder: string;
let counters: Server;
let metrics: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-doctor-'));
  counters = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => counters.listen(0, '127.0.0.1', resolve));
  metrics = `http://127.0.0.1:${(counters.address() as AddressInfo).port}/metrics`;
  const courier = { image: `registry.example/worker@${DIGEST}`, exchange: 'http://worker.example:9466' };
  await write('platform.yaml', { namespace: 'train', courier, serving: { namespace: 'serve' } });
  await write('kubeconfig', KUBECONFIG);
});
afterEach(async () => {
  counters.close();
  await rm(folder, { recursive: true });
});

const write = async (name: string, content: object): Promise<string> => {
  await writeFile(path.join(folder, name), JSON.stringify(content));
  return path.join(folder, name);
};

async function look(settings: object, policies: readonly PolicyFile[] = []): Promise<readonly Check[]> {
  const config = await write('understudy.config.yaml', { ...NOBODY, ...settings });
  const silent = { write: () => undefined, color: false };
  const screen = { out: silent, err: silent, json: true, columns: 80, canAsk: false, config, identity: 'test' };
  return examine(screen, policies);
}
const named = (checks: readonly Check[], name: string) => checks.filter((check) => check.name === name);
const onCluster = () => ({
  kubeconfig: 'kubeconfig',
  platform: 'platform.yaml',
  gateway: { namespace: 'serve', name: 'public', address: 'http://models.example', metrics: [metrics] },
});

describe('the doctor looks and changes nothing', () => {
  test('a state folder that is not there yet is fine, and is not made', async () => {
    const checks = await look({ state: 'deep/state' });
    const text = `${path.join(folder, 'deep', 'state')} (made when it is first needed)`;
    expect(named(checks, 'state')).toEqual([{ name: 'state', state: 'ok', text }]);
    expect(await readdir(folder)).not.toContain('deep');
  });

  test('a state folder below a file is a problem', async () => {
    await write('taken', {});
    const text = expect.stringContaining('cannot write');
    expect(named(await look({ state: 'taken' }), 'state')).toEqual([
      expect.objectContaining({ state: 'problem', text }),
    ]);
    expect(named(await look({ state: 'taken/state' }), 'state')).toEqual([
      expect.objectContaining({ state: 'problem', text }),
    ]);
  });

  test('settings with a cluster, and a policy that asks for all of it, leave no secret and no folder behind', async () => {
    const { policy, scorecard } = applied('churn', folder, {
      training: { backend: 'kubernetes', image: `registry.example/trainer@${DIGEST}`, command: ['train'] },
      serving: { backend: 'kubernetes', image: `registry.example/server@${DIGEST}`, command: ['serve'] },
      traffic: { gateway: 'httproute', route: 'churn' },
    });
    const before = await readdir(folder);
    const checks = await look({ kubernetes: onCluster() }, [{ policy, scorecard } as PolicyFile]);
    expect(named(checks, 'cluster')).toEqual([expect.objectContaining({ state: 'problem' })]);
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(
      [...before, 'understudy.config.yaml'].toSorted(),
    );
  });
});

describe('the doctor asks the gateways that policies can name', () => {
  test('the one of the cluster, where there is no other', async () => {
    expect(named(await look({ kubernetes: onCluster() }), 'gateway')).toEqual([
      { name: 'gateway', state: 'ok', text: metrics },
    ]);
  });

  test('both, where the settings name both', async () => {
    const gateway = { metrics: 'http://127.0.0.1:1/metrics' };
    expect(named(await look({ gateway, kubernetes: onCluster() }), 'gateway')).toEqual([
      expect.objectContaining({ state: 'problem', next: 'understudy stack up, or set gateway.metrics' }),
      { name: 'gateway', state: 'ok', text: metrics },
    ]);
  });

  test('each replica of the one of the cluster, by what is to be corrected', async () => {
    const replicas = [metrics, 'http://127.0.0.1:1/metrics'];
    const kubernetes = { ...onCluster(), gateway: { ...onCluster().gateway, metrics: replicas } };
    expect(named(await look({ kubernetes }), 'gateway')).toEqual([
      { name: 'gateway', state: 'ok', text: metrics },
      expect.objectContaining({ state: 'problem', next: 'correct kubernetes.gateway.metrics' }),
    ]);
  });
});
