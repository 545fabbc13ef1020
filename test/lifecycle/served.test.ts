import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { present } from '../present.ts';
import { createServedWorld } from './served-world.ts';
import type { ServedWorld } from './served-world.ts';

const MODEL = 'served';
const SOAK = { steps: [5, 50], stepAtLeast: '200ms', stepAtMost: '20s', soak: '1s', look: '100ms', lease: '1s' };
const healthy = { champion: {}, challenger: {} };

/** One model's life behind a gateway: each test is one run, and begins with what the last one left. */
describe('a policy with servers and traffic', () => {
  let world: ServedWorld;

  beforeAll(async () => {
    world = await createServedWorld(MODEL);
    await world.change({ rollout: { ...SOAK, soakLease: '1s' } });
  }, 60_000);
  afterAll(() => world.close());
  afterEach(async () => {
    world.traffic.darken(null);
    await world.arrive(healthy);
  });

  test('DA1: the first champion gets the route before the pointer, without shadow or canary', async () => {
    expect(await world.bootstrap()).toMatchObject({ outcome: 'promoted', champion: '1' });
    expect(await world.remains()).toEqual({ champion: '1', servers: ['served-v1'], jobs: [], route: { 1: 100 } });
    expect((await world.sheetOf(present((await world.decisions(MODEL)).at(-1)?.run))).stages).toMatchObject([
      { stage: 'drift' },
      { stage: 'dataset' },
      { stage: 'training' },
      { stage: 'scorecard' },
      { stage: 'shadow', state: 'skipped' },
      { stage: 'approval' },
      { stage: 'rollout', state: 'skipped' },
      { stage: 'promotion', state: 'done' },
    ]);
  });

  test('CA2: errors of the challenger return the traffic with the numbers, and the pointer has not moved', async () => {
    await world.arrive({ challenger: { errors: 0.2 } });
    const result = await world.result(await world.approved());
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      stage: 'rollout',
      champion: '1',
      challenger: '2',
      reason: expect.stringMatching(/^harm: .*20(\.\d+)? %.*traffic restored in \d+\.\d s$/),
    });
    expect(await world.remains()).toEqual({ champion: '1', servers: ['served-v1'], jobs: [], route: { 1: 100 } });
    expect((await world.registry.version(MODEL, '2'))?.tags).toMatchObject({
      'understudy.stage': 'rolled-back',
      'understudy.rolled_back': expect.stringContaining('20'),
    });
    expect(world.pointer).toHaveLength(1);
  });

  test('PR4: a rollback finds the very champion process that served before, which was never started again', () => {
    expect(world.serving.starts(MODEL, '1')).toBe(1);
  });

  test('CA6: a healthy challenger walks 5, 50 and 100 % and only then gets the pointer and the route alone', async () => {
    const first = world.router.changes.length;
    const run = await world.approved();
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '3' });
    expect(await world.remains()).toEqual({ champion: '3', servers: ['served-v3'], jobs: [], route: { 3: 100 } });
    const steps = world.router.changes
      .slice(first)
      .map(({ route }) => [route?.champion.version, route?.shadow?.percent, route?.challenger?.percent]);
    expect(steps).toEqual([
      ['1', 100, 0],
      ['1', undefined, 0],
      ['1', undefined, 5],
      ['1', undefined, 50],
      ['1', undefined, 100],
      ['3', undefined, undefined],
    ]);
    expect((await world.sheetOf(run)).stages.find(({ stage }) => stage === 'rollout')).toMatchObject({
      result: '5 % clear, 50 % clear, 100 % clear',
    });
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '3', previous: '1' });
  });

  test('N6: the pointer does not move before the soak is over', () => {
    const full = present(world.router.changes.findLast(({ route }) => route?.challenger?.percent === 100));
    expect(present(world.pointer.at(-1)).atMs - full.atMs).toBeGreaterThanOrEqual(1000);
  });

  test('PR4: the promoted server is the one that was judged: started once, the old champion stopped', () => {
    expect(world.serving.starts(MODEL, '3')).toBe(1);
    expect(world.serving.living()).toEqual(['served-v3']);
  });

  test('P7: a challenger that nobody can see loses its traffic when the lease is over', async () => {
    const run = await world.approved();
    await world.untilWeight(5);
    world.traffic.darken();
    await world.untilWeight(0);
    world.traffic.darken(null);
    expect(await world.result(run)).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringMatching(/^dark: /),
    });
    expect(await world.remains()).toMatchObject({ champion: '3', servers: ['served-v3'], route: { 3: 100 } });
  });

  test('RB6: a gateway that cannot be written to is waited for', async () => {
    const run = await world.start();
    await world.question(run);
    world.router.failApply('unavailable', 2);
    await world.decide(run, 'approve');
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '5' });
  });

  test('RB3: a person returns the traffic during the rollout; the run ends rolled back in their words', async () => {
    await world.arrive({ requestsPerSecond: 1 });
    const run = await world.approved();
    await world.untilWeight(5);
    await world.untilAtWork(`${run}/rollout-1`, 'watchPhase');
    await world.signal(run, 'rollback', { by: 'bo@example', reason: 'customers complain' });
    expect(await world.result(run)).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringContaining('person: customers complain (bo@example)'),
    });
    expect(await world.remains()).toEqual({ champion: '5', servers: ['served-v5'], jobs: [], route: { 5: 100 } });
  });

  test('AP3: an approval before the question, twice, or of a run that another trigger joined changes nothing', async () => {
    const run = await world.start();
    const early = {
      candidate: 'c',
      scorecard: 's',
      decision: 'approve',
      approver: 'ana@example',
      reason: 'hurry',
    } as const;
    expect(await world.say(run, early)).toMatchObject({ answer: 'not-open' });
    expect(await world.trigger(MODEL, '2001-01-10T07:00:00Z', { kind: 'alert' })).toEqual({ answer: 'joined', run });
    expect(await world.decide(run, 'approve')).toMatchObject({ answer: 'accepted', missing: 0 });
    expect(await world.decide(run, 'approve')).toMatchObject({ answer: 'already-decided' });
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '7' });
    expect(world.pointer.map(({ version }) => version)).toEqual(['1', '3', '5', '7']);
    expect(
      (await world.decisions(MODEL)).filter((record) => record.run === run).map((record) => record.decision),
    ).toEqual(expect.arrayContaining(['duplicate', 'candidate']));
  });

  test('PR1: a pointer that somebody moved meanwhile blocks the promotion, and nothing is overwritten', async () => {
    const run = await world.start();
    await world.question(run);
    world.registry.meddle(MODEL, 'champion', '1');
    await world.decide(run, 'approve');
    expect(await world.result(run)).toMatchObject({
      outcome: 'blocked',
      stage: 'promotion',
      reason: expect.stringMatching(/^PointerMovedOutOfBand: .*expected v7, found v1/),
    });
    expect(await world.remains()).toEqual({ champion: '1', servers: ['served-v7'], jobs: [], route: { 7: 100 } });
  });
});
