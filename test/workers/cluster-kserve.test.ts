import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clusterKserve } from '../../workers/cluster-kserve.ts';
import { loadSettings } from '../../workers/settings-file.ts';

const GATEWAY =
  'gateway: { namespace: models, name: public, address: "http://m.example", metrics: ["http://m.example:9100"] }';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-kserve-'));
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'here',
  };
  await writeFile(path.join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
});
afterAll(async () => rm(folder, { recursive: true }));

const settings = async (...lines: readonly string[]) => {
  const file = path.join(folder, 'settings.yaml');
  await writeFile(file, `kubernetes: { kubeconfig: kubeconfig, platform: none.yaml, ${lines.join(', ')} }\n`);
  return loadSettings(file);
};

test('a cluster is asked for KServe only when the settings say that it has it', async () => {
  expect(clusterKserve(await settings(GATEWAY))).toBeUndefined();
  expect(clusterKserve(await settings(GATEWAY, 'kserve: {}'))).toBeDefined();
});

test('KServe without the Gateway that it hangs its routes on is refused, with the setting', async () => {
  await expect(settings('kserve: {}')).rejects.toThrow('kubernetes.kserve: kserve needs gateway');
});

test('each route and mode has one gateway, made once', async () => {
  const gateways = clusterKserve(await settings(GATEWAY, 'kserve: { namespace: elsewhere }'))?.gateways;
  const target = { gateway: 'kserve', route: 'churn', ownership: 'dedicated' } as const;
  expect(gateways?.(target)).toBe(gateways?.({ ...target, mode: 'standard' }));
  expect(gateways?.(target)).not.toBe(gateways?.({ ...target, mode: 'knative' }));
  expect(gateways?.(target)).not.toBe(gateways?.({ ...target, route: 'other' }));
});
