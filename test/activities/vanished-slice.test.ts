import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCheckedWorld } from './checked-world.ts';

let world: Awaited<ReturnType<typeof createCheckedWorld>>;
beforeAll(async () => {
  world = await createCheckedWorld();
});
afterAll(() => world.dispose());

test('EV3, fairlearn/fairlearn#999: a group that is absent from a window is noticed, though no row of it can be judged', async () => {
  const window = { from: '2001-01-08T00:00:00.000Z', until: '2001-01-10T00:00:00.000Z' };
  const before = await world.window('2001-01-08T06:00:00Z', window);
  expect(before.findings.filter(({ criterion }) => criterion.metric === 'vanishedSlices')).toMatchObject([
    { level: 'none', criterion: { column: 'g' } },
  ]);
  for (const day of ['2001-01-08', '2001-01-09']) await world.rewrite(day, "select * from day where g = 'b'");
  const { verdict } = await world.window('2001-01-08T06:00:00Z', window);
  expect(verdict.byKind.quality).toBe('warn');
  expect(verdict.reasons).toContainEqual(
    expect.stringMatching(/^g: no row in 2 days where it is a \(about 89 expected\)/),
  );
});
