import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { createOpening } from '../../activities/opening.ts';
import { examine } from '../../clients/doctor.ts';
import type { PolicyFile } from '../../clients/policy-file.ts';
import type { PolicyInput } from '../../scorecards/policy/schema.ts';
import { loadSettings } from '../../workers/settings-file.ts';
import { wirePorts } from '../../workers/wiring.ts';
import { configFor } from '../activities/adapters/kubernetes/api-server.ts';
import { serverThat } from '../server-that.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { applied } from '../lifecycle/policies.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const NOBODY = { temporal: { address: '127.0.0.1:1' }, mlflow: { uri: 'http://127.0.0.1:1' } };
const V1 = 'gateway.networking.k8s.io/v1';
const GATEWAY = {
  '/gateways/public': { metadata: { name: 'public', namespace: 'edge' }, spec: { gatewayClassName: 'traefik' } },
  '/gatewayclasses/traefik': {
    metadata: { name: 'traefik' },
    spec: { controllerName: 'traefik.io/gateway-controller' },
  },
};

let folder: string;
let server: Awaited<ReturnType<typeof serverThat>>;
/** What the API server has, by the end of its path; all else is not found. */
let objects: Readonly<Record<string, object>>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-lines-'));
  objects = {};
  server = await serverThat(answer);
  const courier = { image: `registry.example/worker@${DIGEST}`, exchange: 'http://worker.example:9466' };
  await write('platform.yaml', { namespace: 'train', courier, serving: { namespace: 'serve' } });
  await writeFile(path.join(folder, 'kubeconfig'), configFor(server.uri).exportConfig());
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Whoever asks about his rights has them all; nodes and quotas there are none. */
function answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
  const [name = ''] = Object.keys(objects).filter((end) => url.split('?')[0]?.endsWith(end));
  const allowed = { status: { allowed: true, userInfo: { username: 'ana' } } };
  const missing = { kind: 'Status', reason: 'NotFound', message: 'not found', code: 404 };
  const lists = /(nodes|resourcequotas)(\?|$)/.test(url) ? { items: [] } : undefined;
  const found = method === 'POST' ? allowed : (objects[name] ?? lists);
  response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ?? missing));
}

async function write(name: string, content: object): Promise<string> {
  await writeFile(path.join(folder, name), JSON.stringify(content));
  return path.join(folder, name);
}

const CLUSTER = {
  kubeconfig: 'kubeconfig',
  platform: 'platform.yaml',
  gateway: {
    namespace: 'serve',
    name: 'public',
    gatewayNamespace: 'edge',
    listener: 'inside',
    address: 'http://models.example',
    metrics: ['http://127.0.0.1:1/metrics'],
    hostnames: ['models.example'],
  },
};

/** What to do by the doctor about the finding of this name, when the run says the very same. */
async function nextOf(name: string, change: Partial<PolicyInput['spec']>) {
  const config = await write('understudy.config.yaml', { ...NOBODY, kubernetes: CLUSTER });
  const order = applied('churn', folder, change);
  const silent = { write: () => undefined, color: false };
  const screen = { out: silent, err: silent, json: true, columns: 80, canAsk: false, config, identity: 'test' };
  const all = await examine(screen, [{ policy: order.policy, scorecard: order.scorecard } as PolicyFile]);
  const { gateway, preflight } = wirePorts(await loadSettings(config), () => undefined);
  const ports = { registry: createMemoryRegistry(), evidence: createMemoryEvidence(), gateway };
  const opening = createOpening({ ...ports, ...(preflight && { preflight }) }, { links: {} });
  const trigger = { kind: 'bootstrap', key: 'k', asOf: '2026-03-01T00:00:00.000Z', by: 'test' } as const;
  const input = { schemaVersion: 1, run: 'retrain/churn/1', model: 'churn', trigger } as const;
  const { refused } = await opening.openRun({ ...input, receivedAt: trigger.asOf, applied: order });
  const found = all.find((one) => one.name === name && one.state === 'problem');
  expect(refused).toContain(`${name}: ${found?.text} · next: ${found?.next}`);
  const [said = '', ...lines] = (found?.next ?? '').split('\n');
  return { text: found?.text, said, lines: lines.join('\n'), yaml: parse(lines.join('\n')) as unknown };
}

const routed = (more: object): Partial<PolicyInput['spec']> => ({
  serving: { command: ['serve'] },
  traffic: { gateway: 'httproute', route: 'theirs', ...more },
  shadow: { skip: true },
});

describe('doctor and plan print the lines to add', () => {
  test('for an adopted route that is not there: both Services on the Gateway of the settings', async () => {
    objects = GATEWAY;
    const { said, yaml } = await nextOf('route theirs', routed({ ownership: 'adopted', rule: 'predict' }));
    expect(said).toContain('apply this with the names and ports of your two Services');
    expect(yaml).toEqual({
      apiVersion: V1,
      kind: 'HTTPRoute',
      metadata: { name: 'theirs', namespace: 'serve' },
      spec: {
        parentRefs: [{ name: 'public', namespace: 'edge', sectionName: 'inside' }],
        hostnames: ['models.example'],
        rules: [
          {
            name: 'predict',
            matches: [{ path: { type: 'PathPrefix', value: '/theirs' } }],
            backendRefs: [
              { name: 'theirs-champion', port: 80, weight: 100 },
              { name: 'theirs-challenger', port: 80, weight: 0 },
            ],
          },
        ],
      },
    });
  });

  test('for a Gateway that is not there: one with a listener that takes our routes', async () => {
    const { said, yaml } = await nextOf('route theirs', routed({}));
    expect(said).toMatch(/kubernetes\.gateway in understudy\.config\.yaml, or apply this with a class/);
    const listener = { name: 'inside', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } };
    expect(yaml).toEqual({
      apiVersion: V1,
      kind: 'Gateway',
      metadata: { name: 'public', namespace: 'edge' },
      spec: { gatewayClassName: 'your-class', listeners: [listener] },
    });
  });

  test('for two backends of one name: the line to change', async () => {
    const backend = { name: 'model', port: 8080, weight: 90 };
    const rules = [{ backendRefs: [{ name: 'other' }] }, { backendRefs: [backend, { ...backend, weight: 10 }] }];
    const metadata = { name: 'theirs', namespace: 'serve' };
    objects = { ...GATEWAY, '/httproutes/theirs': { metadata, spec: { rules } } };
    const { lines, said, text } = await nextOf('route theirs', routed({ ownership: 'adopted' }));
    expect(text).toContain('lists the backend model twice');
    expect(said).toContain('kubectl edit httproute theirs -n serve');
    expect(said).toContain('spec.rules[1].backendRefs[1]');
    expect(lines).toBe('- name: model-challenger # was model\n  port: 8080\n  weight: 10');
  });

  test.each([
    [
      'training job',
      'spec.training',
      (image: string) => ({ training: { backend: 'kubernetes', image, command: ['t'] } }),
    ],
    ['servers', 'spec.serving', (image: string) => ({ serving: { backend: 'kubernetes', image, command: ['serve'] } })],
  ] as const)(
    'for the image of a %s by its tag: the line, and what tells its digest',
    async (name, section, change) => {
      const found = await nextOf(
        name,
        change('registry.example:5000/team/model:latest') as Partial<PolicyInput['spec']>,
      );
      expect(found.said).toContain('docker buildx imagetools inspect registry.example:5000/team/model:latest');
      expect(found.said).toContain(`in ${section},`);
      expect(found.lines).toBe('image: registry.example:5000/team/model@sha256:<digest>');
    },
  );
});
