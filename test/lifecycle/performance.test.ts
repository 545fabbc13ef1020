import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SCORED_DATA, writeScoredDay } from '../activities/scored-world.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'scored';
const run = (asOf: string, kind: string) => `retrain/${MODEL}/${asOf.replaceAll(/[-:]/g, '')}-${kind}`;

/** A model whose scores are logged; each test is one run, in the order of its data time. */
describe('a policy that declares a score', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    for (let index = 0; index < 7; index += 1) await writeScoredDay(world.folder, index, { version: '0' });
    for (let index = 7; index < 9; index += 1) await writeScoredDay(world.folder, index, { revenue: 0.5 });
    for (let index = 9; index < 11; index += 1) await writeScoredDay(world.folder, index, { flipped: true });
    const policy = applied(MODEL, world.folder, {
      data: { ...SCORED_DATA, labels: { ...SCORED_DATA.labels, maturity: '0d' } },
      drift: {
        window: '2d',
        persistence: { windows: 1, of: 1 },
        minimum: 100,
        kpi: { name: 'revenue', column: 'revenue' },
      },
    });
    await world.apply(policy);
    const first = run('2001-01-08T06:00:00Z', 'bootstrap');
    await world.trigger(MODEL, '2001-01-08T06:00:00Z', { kind: 'bootstrap' });
    await world.decide(first, 'bootstrap');
    await world.result(first);
  }, 60_000);
  afterAll(() => world.close());

  test('DA9: revenue that halves while the labels hold is told to people, and the check ends without a run', async () => {
    await world.trigger(MODEL, '2001-01-10T06:00:00Z', { kind: 'check' });
    const result = await world.result(run('2001-01-10T06:00:00Z', 'check'));
    expect(result).toMatchObject({ outcome: 'no-drift', stage: 'drift' });
    expect(world.notices).toContain("scored: the business falls while the model's own numbers hold");
  });

  test('MO6: labels that flip while inputs stay as they were start a training', async () => {
    await world.trigger(MODEL, '2001-01-12T06:00:00Z', { kind: 'check' });
    const result = await world.result(run('2001-01-12T06:00:00Z', 'check'));
    // What the champion could not know, a candidate that still believes the old labels cannot either.
    expect(result).toMatchObject({ outcome: 'rejected', stage: 'scorecard' });
    expect(world.training.started.filter((job) => job.spec.mode === 'train')).toHaveLength(2);
  });
});
