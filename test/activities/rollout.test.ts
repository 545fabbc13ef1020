import { expect, test } from '@jest/globals';
import { createRollout } from '../../activities/rollout.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryNotifier } from '../fakes/memory-notifier.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';

function makeRollout() {
  const notifier = createMemoryNotifier();
  const router = createMemoryRouter();
  const gateway = () => ({ router, evidence: createMemoryTraffic({ router }) });
  return { notifier, rollout: createRollout({ gateway, notifier, evidence: createMemoryEvidence() }) };
}

test('a rollout that is held again for another reason is told again, and the same telling is known as one', async () => {
  const { notifier, rollout } = makeRollout();
  const held = { model: 'churn', run: 'retrain/churn/1', percent: 25 };
  await rollout.tellHeld({ ...held, reason: 'somebody removed the route' });
  await rollout.tellHeld({ ...held, reason: 'somebody removed the route' });
  await rollout.tellHeld({ ...held, reason: 'a metric is dark' });
  const [first, again, other] = notifier.received.map(({ key }) => key);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('the owner is told what the challenger really has, and which share could not be set', async () => {
  const { notifier, rollout } = makeRollout();
  const held = { model: 'churn', run: 'retrain/churn/1', reason: 'somebody else changed the route' };
  await rollout.tellHeld({ ...held, percent: 5 });
  await rollout.tellHeld({ ...held, percent: 5, refused: 50 });
  await rollout.tellHeld({ ...held, percent: 0, refused: 5 });
  expect(notifier.received.map(({ title }) => title)).toEqual([
    'churn: the rollout is held at 5 %',
    'churn: the rollout is held at 5 %: 50 % was not set',
    'churn: the rollout is held at 0 %: 5 % was not set',
  ]);
});
