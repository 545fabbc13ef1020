import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gatherReport } from '../../clients/report/gather.ts';
import { createServedWorld } from './served-world.ts';
import type { ServedWorld } from './served-world.ts';

const MODEL = 'skewed';
const SOAK = { steps: [50], stepAtLeast: '200ms', stepAtMost: '20s', soak: '1s', look: '100ms', lease: '1s' };
const WAIVER = { feature: 'x', by: 'lead@example', reason: 'the new sensor sends percent', until: '2001-01-31' };

/** A champion serves; its successor is given a feature in other units than it was trained on. */
describe('a feature that is served in other units', () => {
  let world: ServedWorld;

  beforeAll(async () => {
    world = await createServedWorld(MODEL);
    await world.change({ rollout: { ...SOAK, soakLease: '1s' } });
    await world.bootstrap();
    await world.arrive({ champion: {}, challenger: {} });
    world.mirror.inputs = '{"x": 9%}';
  }, 60_000);
  afterAll(() => world.close());

  test('FE1: ends the run before anybody is asked, and nobody was served by it', async () => {
    const result = await world.result(await world.start());
    expect(result).toMatchObject({
      outcome: 'rejected',
      stage: 'shadow',
      reason: expect.stringMatching(/^skew: "x" is out of the range that training had in 100 % of 40 served values/),
    });
    expect(await world.remains()).toEqual({ champion: '1', servers: ['skewed-v1'], jobs: [], route: { 1: 100 } });
  });

  test('TR2: is decided as a failed gate: a candidate was trained, and the shadow alone could see it', async () => {
    const decided = (await world.decisions(MODEL)).at(-1);
    expect(decided).toMatchObject({
      decision: 'gate-failed',
      outcome: 'rejected',
      reason: expect.stringMatching(/^skew: /),
    });
    expect(world.training.started.filter((job) => job.spec.mode === 'train')).toHaveLength(2);
    expect(world.notices.at(-1)).toBe('skewed: rejected in stage shadow');
  });

  test('TR7: is told and lets the candidate go on where the policy answers it with less than a block', async () => {
    await world.change({ rollout: { ...SOAK, soakLease: '1s' }, drift: { respond: { skew: 'retrain' } } });
    const run = await world.start();
    await world.decide(run, 'reject');
    expect(await world.result(run)).toMatchObject({ outcome: 'rejected', stage: 'approval' });
    expect((await gatherReport(world, run))?.skew?.reasons).toEqual([
      expect.stringContaining('"x" is out of the range'),
    ]);
  });

  test('FE1: is let pass by a waiver, whose name and reason stand in the sheet of the approval and in the report', async () => {
    await world.change({
      rollout: { ...SOAK, soakLease: '1s' },
      shadow: { atLeast: 20, within: '10s', skew: { waivers: [WAIVER] } },
    });
    const run = await world.approved();
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted' });
    const told = /"x" is out of the range .* Waived by lead@example until 2001-01-31: the new sensor sends percent/;
    const { stages } = await world.sheetOf(run);
    expect(stages.find(({ stage }) => stage === 'shadow')?.result).toMatch(told);
    expect((await gatherReport(world, run))?.skew?.waived).toEqual([expect.stringMatching(told)]);
  });
});
