import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createScorecardWorld } from './scorecard-world.ts';

let world: Awaited<ReturnType<typeof createScorecardWorld>>;
beforeAll(async () => {
  world = await createScorecardWorld();
});
afterAll(() => world.dispose());

const RECALL = { name: 'recall by g', group: 'quality', metric: 'recall', by: 'g', atLeast: 0.3, minimum: 100 };

describe('a group that is gone from the holdout', () => {
  test.each(['champion', 'run'] as const)('EV3, N12: is missing when the baseline of the %s had it', async (whose) => {
    const counted = { a: 900, b: 900, c: 900 };
    const { reasons, verdict } = await world.judge([RECALL], { [whose]: counted });
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual([
      'Recall by g on g=c was not measured: the holdout has no row of this slice, of which the baseline had enough.',
    ]);
  });

  test('is not missed when it never was there', async () => {
    expect(await world.judge([RECALL], { run: { a: 900, b: 900 } })).toMatchObject({ verdict: 'pass', of: 2 });
  });
});
