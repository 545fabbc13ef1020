import { expect, test } from '@jest/globals';
import { createRollout } from '../../activities/rollout.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryNotifier } from '../fakes/memory-notifier.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';

test('a rollout that is held again for another reason is told again, and the same telling is known as one', async () => {
  const notifier = createMemoryNotifier();
  const router = createMemoryRouter();
  const gateway = () => ({ router, evidence: createMemoryTraffic({ router }) });
  const rollout = createRollout({ gateway, notifier, evidence: createMemoryEvidence() });
  const held = { model: 'churn', run: 'retrain/churn/1', percent: 25 };
  await rollout.tellHeld({ ...held, reason: 'somebody removed the route' });
  await rollout.tellHeld({ ...held, reason: 'somebody removed the route' });
  await rollout.tellHeld({ ...held, reason: 'a metric is dark' });
  const [first, again, other] = notifier.received.map(({ key }) => key);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});
