import { expect, test } from '@jest/globals';
import { lookAtServers } from '../../../../activities/adapters/kubernetes-preflight/servers.ts';
import { platformSchema } from '../../../../activities/adapters/kubernetes-training/manifest-platform.ts';
import type { PolicyInput } from '../../../../scorecards/policy/schema.ts';
import { applied } from '../../../lifecycle/policies.ts';

const IMAGE = `registry.example/server@sha256:${'b'.repeat(64)}`;
const courier = { image: IMAGE, exchange: 'http://worker.example:9466' };
const training = platformSchema.parse({ namespace: 'train', courier });
const both = platformSchema.parse({
  namespace: 'train',
  courier,
  serving: { namespace: 'serve', ceilings: { memory: '1Gi' } },
});

type Serving = NonNullable<PolicyInput['spec']['serving']>;
const policy = (serving: Serving) => {
  const traffic = { gateway: 'httproute' as const, route: 'churn' };
  return applied('churn', '/', { serving, traffic }).policy;
};

test('a server that the platform allows is let through', () => {
  expect(lookAtServers(both, policy({ backend: 'kubernetes', image: IMAGE }))).toMatchObject([{ state: 'ok' }]);
});

test.each([
  [
    'asks for servers where none run',
    training,
    { image: IMAGE },
    /churn asks for spec\.serving\.backend kubernetes, and the platform template serves nothing/,
  ],
  [
    'names its image by a tag',
    both,
    { image: 'registry.example/server:latest' },
    /serving\.image: registry\.example\/server:latest is not pinned; expected name@sha256:…/,
  ],
  [
    'asks for more than the ceiling',
    both,
    { image: IMAGE, resources: { memory: '2Gi' } },
    /serving\.resources\.memory: 2Gi is above the platform's ceiling of 1Gi/,
  ],
])('a policy that %s is refused', (_, platform, serving, text) => {
  expect(lookAtServers(platform, policy({ backend: 'kubernetes', ...serving }))).toEqual([
    { name: 'servers', state: 'problem', text: expect.stringMatching(text), next: expect.stringMatching(/serving/) },
  ]);
});

test('servers elsewhere are nobody’s business here', () => {
  expect(lookAtServers(training, policy({ command: ['serve'] }))).toEqual([]);
  expect(lookAtServers(training)).toEqual([]);
});
