import { afterEach, describe, expect, test } from '@jest/globals';
import { judgeNewLabels } from '../../scorecards/new-labels.ts';
import { present } from '../present.ts';
import { createScoredWorld } from './scored-world.ts';

describe('TR6: new labels', () => {
  let world: Awaited<ReturnType<typeof createScoredWorld>> | undefined;
  afterEach(() => world?.dispose());

  test('are rows after the champion’s own days whose label was known a maturity before as-of', async () => {
    world = await createScoredWorld({ triggers: { minNewLabels: 1000 } });
    for (let index = 10; index < 15; index += 1) await world.write(index, { labelled: Number(index !== 12) });
    // 600 each of the 10th, 11th and 12th; none of the 13th; of the 14th those known by 06:00, an hour after their row.
    expect((await world.measure(14)).newLabels).toEqual({
      labelled: 1926,
      needed: 1000,
      isEnough: true,
      reason:
        '1,926 labelled rows since 2001-01-10 are mature as of 2001-01-14T06:00:00.000Z; triggers.minNewLabels asks for 1,000.',
    });
  }, 60_000);

  test('are none where no label came, and are not asked for without a minimum', async () => {
    world = await createScoredWorld({ triggers: { minNewLabels: 1 } });
    expect(present((await world.measure(10)).newLabels).isEnough).toBe(true);
    await world.dispose();
    world = await createScoredWorld();
    expect((await world.measure(10)).newLabels).toBeUndefined();
  }, 60_000);

  test('are enough from the very number on', () => {
    const when = { since: '2001-01-10T00:00:00.000Z', mature: '2001-01-13T00:00:00.000Z' };
    expect(judgeNewLabels(4999, 5000, when)).toMatchObject({
      isEnough: false,
      reason: '4,999 labelled rows since 2001-01-10 are mature as of 2001-01-13; triggers.minNewLabels asks for 5,000.',
    });
    expect(judgeNewLabels(5000, 5000, when).isEnough).toBe(true);
  });
});
