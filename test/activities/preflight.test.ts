import { expect, test } from '@jest/globals';
import { lookAhead, planOf, sayObstacles } from '../../activities/preflight.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../../activities/ports/port-failure.ts';
import { createMemoryRouter } from '../fakes/memory-router.ts';
import { createMemoryTraffic } from '../fakes/memory-traffic.ts';
import { served } from '../lifecycle/policies.ts';

const { policy, scorecard } = served('churn', '/', { traffic: { route: 'churn', requestTimeout: '5s' } });

async function look(timeouts: 'each route' | number | undefined) {
  const router = createMemoryRouter();
  const able = async () => {
    const { timeouts: _own, ...others } = await router.capabilities();
    return { ...others, ...(timeouts === undefined ? {} : { timeouts }) };
  };
  const gateway = () => ({
    router: { ...router, capabilities: able },
    evidence: createMemoryTraffic({ router }),
  });
  const found = await lookAhead({ gateway }, planOf(policy, scorecard));
  return { states: found.map(({ state }) => state), found };
}

test.each([
  ['ends answers at each route’s own time', 'each route'],
  ['ends all answers by then', 5000],
] as const)('a gateway that %s counts a server that hangs', async (_what, timeouts) => {
  expect((await look(timeouts)).states).toEqual(['ok']);
});

test('CA2: a gateway that ends no answer would not count a server that hangs; that is said before a run', async () => {
  const { found, states } = await look(undefined);
  expect(states).toEqual(['ok', 'warning']);
  expect(found[1]).toMatchObject({
    text: expect.stringContaining('an answer later than 5 s is to be bad'),
    next: expect.stringContaining('kubernetes.gateway.requestTimeout'),
  });
  expect(sayObstacles(found)).toBeUndefined();
});

test('a gateway that copies all requests or none is not asked for a share of them', async () => {
  const router = createMemoryRouter({ capabilities: { mirrorsAllOrNone: true } });
  const gateway = () => ({ router, evidence: createMemoryTraffic({ router }) });
  const ask = async (percent: number) => {
    const spec = { ...policy.spec, shadow: { ...policy.spec.shadow, percent } };
    return sayObstacles(await lookAhead({ gateway }, planOf({ ...policy, spec }, scorecard)));
  };
  expect(await ask(50)).toContain('copies all requests or none, and shadow.percent is 50');
  expect(await ask(100)).toBeUndefined();
});

/** What is found of a gateway that cannot be asked so many times. */
async function lookAway(times: number, code: PortFailureCode) {
  const router = createMemoryRouter();
  let asked = 0;
  const capabilities = async () => {
    asked += 1;
    if (asked <= times) throw new PortFailure(code, 'nobody answers');
    return router.capabilities();
  };
  const gateway = () => ({ router: { ...router, capabilities }, evidence: createMemoryTraffic({ router }) });
  return lookAhead({ gateway }, planOf(policy, scorecard));
}

test('a gateway that is just being restarted does not cost a run its turn', async () => {
  expect(await lookAway(1, 'unavailable')).toMatchObject([{ state: 'ok' }]);
});

test('of one that is away nobody says that the policy is wrong', async () => {
  expect(await lookAway(1, 'timeout')).toEqual([
    { name: 'route churn', state: 'problem', text: 'nobody answers', next: expect.stringContaining('trigger the run') },
  ]);
});

test('one that ends answers later than the policy says is named with its time', async () => {
  expect((await look(10_000)).found[1]).toMatchObject({
    text: expect.stringContaining('ends answers after 10 s only'),
  });
});
