import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServedWorld } from './served-world.ts';
import type { ServedWorld } from './served-world.ts';

const MODEL = 'contested';
const ROLLOUT = { steps: [5, 50], stepAtLeast: '200ms', stepAtMost: '3s', soak: '1s', look: '100ms', lease: '1s' };

/** Somebody else edits the route while a rollout is on its way: nobody fights, a person hears of it. */
describe('a route that two parties write', () => {
  let world: ServedWorld;
  beforeAll(async () => {
    world = await createServedWorld(MODEL);
    await world.change({ rollout: { ...ROLLOUT, soakLease: '1s' } });
    await world.bootstrap();
  }, 60_000);
  afterAll(() => world.close());

  /** A run whose challenger has 5 % and too little traffic to be judged. */
  async function atFivePercent(): Promise<{ run: string; told: number }> {
    await world.arrive({ requestsPerSecond: 1, challenger: {} });
    const run = await world.approved();
    await world.untilWeight(5);
    await world.untilAtWork(`${run}/rollout-1`, 'watchPhase');
    return { run, told: world.notices.length };
  }
  /** Why the champion got everything back, once per reason. */
  const forcedFor = (run: string, reason: RegExp) =>
    world.router.changes.filter(({ forced, route }) => forced && route?.writtenBy === run && reason.test(route.reason));

  test('CA2: foreign weights are held and told, not overwritten; harm takes the traffic back with one write', async () => {
    const { run, told } = await atFivePercent();
    await world.router.tamper(MODEL, 40);
    await world.untilTold(told);
    expect(world.notices.slice(told)).toEqual([`${MODEL}: the rollout is held at 5 %`]);
    expect(world.router.current(MODEL)?.challenger?.percent).toBe(40);
    await world.arrive({ challenger: { errors: 0.5 } });
    expect(await world.result(run)).toMatchObject({ outcome: 'rolled-back', reason: expect.stringMatching(/^harm: /) });
    expect(forcedFor(run, /harm/)).toHaveLength(1);
    expect(await world.remains()).toMatchObject({ champion: '1', route: { 1: 100 } });
  });

  test('the next step is not written over a foreign change; it is held until a person speaks', async () => {
    const { run, told } = await atFivePercent();
    // The weights are as they were, but the route is not: only the next write finds out.
    await world.router.tamper(MODEL);
    await world.arrive({ challenger: {} });
    await world.untilTold(told);
    expect(world.notices[told]).toBe(`${MODEL}: the rollout is held at 5 %: 50 % was not set`);
    expect(await world.sheetOf(run)).toMatchObject({ weightPercent: 5 });
    await world.untilAtWork(`${run}/rollout-1`, 'watchPhase');
    await world.signal(run, 'rollback', { by: 'bo@example', reason: 'two writers' });
    expect(await world.result(run)).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringContaining('person: two writers'),
    });
    const shares = world.router.changes.map(({ route }) => route?.challenger?.percent);
    expect(shares).not.toContain(50);
    expect(await world.remains()).toMatchObject({ champion: '1', route: { 1: 100 } });
  });

  test('a person who says that it may go on has it go on: the same share is set again, over the other, then the next', async () => {
    const { run, told } = await atFivePercent();
    await world.router.tamper(MODEL, 40);
    await world.untilTold(told);
    await world.untilAtWork(`${run}/rollout-1`, 'watchPhase');
    await world.signal(run, 'goOn', { by: 'bo@example', reason: 'theirs was a mistake' });
    await world.arrive({ challenger: {} });
    await world.untilWeight(50);
    expect(forcedFor(run, /resumed at 5 %/).map(({ route }) => route?.challenger?.percent)).toEqual([5]);
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted' });
  });
});
