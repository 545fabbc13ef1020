import { preflightContract } from '../contracts/preflight.ts';
import { applied } from '../lifecycle/policies.ts';
import { createMemoryPreflight } from './memory-preflight.ts';

preflightContract('memory-preflight', async () => {
  const preflight = createMemoryPreflight();
  const training = { backend: 'kubernetes' as const, command: ['train'], image: `i@sha256:${'a'.repeat(64)}` };
  return {
    preflight,
    using: applied('churn', '/', { training }).policy,
    elsewhere: applied('churn', '/').policy,
    obstruct: async () =>
      preflight.obstruct({ name: 'cluster', state: 'problem', text: 'nobody answers', next: 'see why' }),
    stop: async () => undefined,
  };
});
