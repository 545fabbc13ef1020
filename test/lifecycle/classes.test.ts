import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../activities/artifact.ts';
import { scorecardSchema } from '../../scorecards/scorecard-schema.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import { trainedModel } from '../fakes/memory-training.ts';
import { present } from '../present.ts';
import { daysFrom, nameClasses, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'queues';
const ABOUT = { minimum: 20, versusChampion: { noWorseBy: 0.1 } };

function naming(folder: string): AppliedPolicy {
  const policy = applied(MODEL, folder);
  const scorecard = scorecardSchema.parse({
    ...policy.scorecard,
    spec: {
      task: 'multiclass',
      signedOffBy: ['lead@example'],
      criteria: [
        {
          name: 'calls',
          group: 'business',
          metric: 'cost',
          class: 'red',
          falseNegative: 1,
          falsePositive: 1,
          atMost: 0.45,
        },
        { name: 'classes alike', group: 'quality', metric: 'macroF1', atLeast: 0.5, ...ABOUT },
        { name: 'found', group: 'quality', metric: 'recall', class: 'red', by: 'g', ...ABOUT },
        { name: 'tail', group: 'latency', metric: 'p99', atMost: '5s' },
        { name: 'artifact', group: 'size', metric: 'bytes', atMost: '1MB' },
      ].map((one) => ({ ...one, minimum: 20 })),
    },
  });
  return { ...policy, scorecard, scorecardDigest: digestOf(scorecard) };
}

/** Labels are texts and predictions have no score: every stage must do without. */
describe('a model that names one of several classes', () => {
  let world: World;
  const stageOf = async (run: string, name: string) =>
    present((await world.sheetOf(run)).stages.find(({ stage }) => stage === name)).result;

  beforeAll(async () => {
    world = await createWorld();
    const days = daysFrom('2001-01-01', 20, 300);
    await writeDays(world.folder, days);
    await nameClasses(world.folder, days);
    world.script.training = () => trainedModel({ 'model.txt': 'naming a' }, { metrics: { rows: 1 } });
    await world.apply(naming(world.folder));
  }, 60_000);
  afterAll(() => world.close());

  test('EV1: the first is bootstrapped by what is absolute', async () => {
    const run = await world.newRun(MODEL, '2001-01-08T06:00:00Z', 'bootstrap');
    expect(await world.decide(run, 'bootstrap')).toMatchObject({ answer: 'accepted' });
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '1' });
  }, 60_000);

  test('EV1: the next is compared with it class by class, and what needs scores is left out and said', async () => {
    const run = await world.newRun(MODEL, '2001-01-16T06:00:00Z');
    expect(await world.decide(run, 'approve')).toMatchObject({ answer: 'accepted' });
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '2' });
    expect(await stageOf(run, 'scorecard')).toContain('6 of 6 findings pass');
    expect(await stageOf(run, 'shadow')).toContain('the scorecard has no operating point');
  }, 60_000);
});
