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
import { eventually } from '../eventually.ts';
import { applied } from '../lifecycle/policies.ts';
import { present } from '../present.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const NOBODY = { temporal: { address: '127.0.0.1:1' }, mlflow: { uri: 'http://127.0.0.1:1' } };
const USER = { name: 'u', user: { token: 't' } };
const KUBECONFIG = {
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [USER],
  contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'here',
};

const PULL = { command: ['pull'], deadline: 60_000 };

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

async function look(
  settings: object,
  policies: readonly PolicyFile[] = [],
  hear: (text: string) => void = () => undefined,
): Promise<readonly Check[]> {
  const config = await write('understudy.config.yaml', { ...NOBODY, ...settings });
  const silent = { write: () => undefined, color: false };
  const err = { write: hear, color: false };
  const screen = { out: silent, err, json: true, columns: 80, canAsk: false, config, identity: 'test' };
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

describe('the doctor is patient', () => {
  test('with a server that takes its time, and says whom it waits for', async () => {
    const told: string[] = [];
    const waited = eventually(
      async () => told.filter((text) => text.includes(metrics)),
      (found) => found.length > 0,
    );
    counters.removeAllListeners('request');
    // Answers when somebody has been told of the wait, and not before.
    counters.on('request', (_, response) => void waited.then(() => response.end()));
    const checks = await look({ gateway: { metrics } }, [], (text) => void told.push(text));
    expect(named(checks, 'gateway')).toEqual([{ name: 'gateway', state: 'ok', text: metrics }]);
    expect(await waited).toEqual([`waiting for ${metrics}\n`]);
  });
});

describe('the doctor looks at what lies in S3', () => {
  const away = { s3: { endpoint: 'http://127.0.0.1:1' } };
  const next = expect.stringMatching(/^check s3\.endpoint and s3\.region/);
  const given = { ...process.env };
  beforeEach(() => {
    process.env = { ...given, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  });
  afterEach(() => {
    process.env = { ...given };
  });

  test('not at all, where neither settings nor policies name it', async () => {
    const { policy, scorecard } = applied('churn', folder);
    const checks = await look(away, [{ policy, scorecard } as PolicyFile]);
    expect(checks.filter(({ name }) => name.startsWith('s3'))).toEqual([]);
  });

  test('the evidence of the settings, and each path of the policies once', async () => {
    const data = {
      observations: { path: 's3://lake/seen/day=*/*.parquet', time: 'seen', id: 'id' },
      labels: { path: 's3://lake/known/day=*/*.parquet', id: 'id', label: 'y', availableAt: 'known_at' },
    };
    const { policy, scorecard } = applied('churn', folder, { data });
    const file = { policy, scorecard } as PolicyFile;
    const checks = await look({ ...away, evidence: { uri: 's3://facts/understudy' } }, [file, file]);
    const problem = (name: string, place: string) => ({
      name,
      state: 'problem',
      text: expect.stringContaining(place),
      next,
    });
    expect(checks.filter(({ name }) => name.startsWith('s3'))).toEqual([
      problem('s3 evidence', 's3://facts/understudy'),
      problem('s3 data', 's3://lake/seen/'),
      problem('s3 data', 's3://lake/known/'),
    ]);
  });
});

test('OP10: a program that pulls the data in an image asks for a cluster, too', async () => {
  const image = `registry.example/pull@${DIGEST}`;
  const { policy, scorecard } = applied('churn', folder);
  const { data } = policy.spec;
  const pulling = { ...policy, spec: { ...policy.spec, data: { ...data, pull: { ...PULL, image } } } };
  const checks = await look({}, [{ policy: pulling, scorecard } as PolicyFile]);
  expect(named(checks, 'cluster')).toEqual([
    expect.objectContaining({
      state: 'problem',
      text: `churn asks for spec.data.pull.image ${image}, and the settings name no cluster`,
    }),
  ]);
});

test('EV6: the doctor says of a policy whose tests no worker will run what the run would say', async () => {
  const training = { backend: 'kubernetes' as const, image: `registry.example/trainer@${DIGEST}`, command: ['train'] };
  const { policy, scorecard } = applied('churn', folder, { training });
  const tests = {
    name: 'ours',
    group: 'quality',
    metric: 'command',
    command: ['test'],
    atMost: 0,
    minimum: 1,
  } as const;
  const spec = {
    ...scorecard.spec,
    criteria: [...scorecard.spec.criteria, { ...present(scorecard.spec.criteria[0]), ...tests }],
  };
  const asked = [{ policy, scorecard: { ...scorecard, spec } } as PolicyFile];
  expect(named(await look({}, asked), 'tests')).toEqual([
    expect.objectContaining({ state: 'problem', text: expect.stringContaining('the tests of "ours"') }),
  ]);
  expect(named(await look({ worker: { testCommands: true } }, asked), 'tests')).toEqual([]);
});
