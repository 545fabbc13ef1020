import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { TrainingJob } from '../../activities/ports/training-backend.ts';
import { gatherReport } from '../../clients/report/gather.ts';
import { eventually } from '../eventually.ts';
import type { Attempt } from '../fakes/memory-training.ts';
import { present } from '../present.ts';
import { createServedWorld } from './served-world.ts';
import type { ServedWorld } from './served-world.ts';

const MODEL = 'stopped';
const untouched = { champion: '1', servers: ['stopped-v1'], jobs: [], route: { 1: 100 } };

interface Row {
  readonly stage: string;
  /** The activity that the run stays in. */
  readonly activity: string;
  /** Makes the run stay there. */
  readonly linger: () => unknown;
  /** Starts the run, and has it approved for the stages behind the question. */
  readonly start: () => Promise<string>;
  /** The workflow whose activity it is, when it is the child. */
  readonly of?: string;
}

/** The champion's predictions fail at once, the challenger's take for ever. */
function championFails({ name }: TrainingJob): Attempt {
  return name.includes('holdout-a') ? { does: 'ends', exitCode: 64, log: 'usage: predict.py' } : { does: 'hangs' };
}

/** Runs that do not reach their end: called off by a person in each stage, or turned away by the shadow. */
describe('a run that is stopped', () => {
  let world: ServedWorld;
  const route = () => world.router.current(MODEL);

  beforeAll(async () => {
    world = await createServedWorld(MODEL);
    await world.bootstrap();
  }, 60_000);
  afterAll(() => world.close());
  afterEach(async () => {
    world.gates.open();
    world.script.training = undefined;
    world.script.predicting = undefined;
    world.startUp.ms = 0;
    world.mirror.pairs = 40;
    world.mirror.turned = 0;
    await world.arrive();
  });

  const asked = async () => world.start();
  const approved = async () => world.approved();
  const exposed = async () => {
    const run = await approved();
    await world.untilWeight(5);
    return run;
  };
  const rows: readonly Row[] = [
    { stage: 'drift', activity: 'measureDrift', linger: () => world.gates.hold('drift'), start: asked },
    { stage: 'dataset', activity: 'buildDataset', linger: () => world.gates.hold('dataset'), start: asked },
    {
      stage: 'training',
      activity: 'watchJob',
      linger: () => (world.script.training = () => ({ does: 'hangs' })),
      start: asked,
    },
    { stage: 'scorecard', activity: 'judgeScorecard', linger: () => world.gates.hold('scorecard'), start: asked },
    { stage: 'shadow', activity: 'watchShadow', linger: () => (world.mirror.pairs = 2), start: asked },
    { stage: 'approval', activity: 'people', linger: () => undefined, start: asked },
    {
      stage: 'rollout',
      activity: 'watchPhase',
      linger: async () => world.arrive({ requestsPerSecond: 1 }),
      start: exposed,
      of: '/rollout-1',
    },
    { stage: 'promotion', activity: 'promote', linger: () => world.gates.hold('promotion'), start: approved },
  ];

  test.each(rows)(
    'P6: a run that is aborted in $stage leaves nothing behind',
    async ({ stage, activity, linger, start, of = '' }) => {
      await linger();
      const run = await start();
      await world.untilAtWork(`${run}${of}`, activity);
      await world.signal(run, 'abort', { by: 'bo@example', reason: 'wrong data' });
      expect(await world.result(run)).toMatchObject({ outcome: 'aborted', stage, reason: 'wrong data (bo@example)' });
      expect(await world.remains()).toEqual(untouched);
      expect(world.pointer).toHaveLength(1);
    },
  );

  test('P6: an abort while the answer to the promotion is lost puts the pointer back', async () => {
    world.gates.hold('answer');
    const run = await world.approved();
    await world.untilAtWork(run, 'promote');
    await eventually(async () => world.gates.reached.has('answer'), Boolean);
    await world.signal(run, 'abort', { by: 'bo@example', reason: 'too late' });
    await eventually(
      async () => route(),
      (now) => now?.reason === 'the run is over',
    );
    world.gates.open();
    expect(await world.result(run)).toMatchObject({ outcome: 'aborted', stage: 'promotion' });
    expect(await world.remains()).toEqual(untouched);
    expect(world.pointer.at(-1)).toMatchObject({ version: '1' });
  });

  test('P5: a server that was still starting when the predictions failed is stopped too', async () => {
    world.startUp.ms = 700;
    world.script.predicting = championFails;
    const result = await world.result(await world.start());
    expect(result).toMatchObject({
      outcome: 'failed',
      stage: 'scorecard',
      reason: expect.stringMatching(/^TrainerUsage: .*; its log ends with: usage: predict\.py · next: /),
    });
    expect((await gatherReport(world, result.run))?.end?.logTail).toBe('usage: predict.py');
    await eventually(
      async () => world.serving.starts(MODEL, present(result.challenger)),
      (starts) => starts === 1,
    );
    expect(await world.remains()).toEqual(untouched);
  });

  test('a second stop is told who was first', async () => {
    world.script.training = () => ({ does: 'hangs' });
    const run = await world.start();
    await world.untilAtWork(run, 'watchJob');
    const stop = async (by: string) =>
      world.client.workflow.getHandle(run).executeUpdate('abort', { args: [{ by, reason: 'no' }] });
    expect(await stop('ana@example')).toMatchObject({ accepted: true });
    expect(await stop('bo@example')).toEqual({ accepted: false, reason: 'already stopped by ana@example' });
    expect(await world.result(run)).toMatchObject({ outcome: 'aborted', reason: 'no (ana@example)' });
  });

  test('SH2: a shadow whose answers differ too often rejects the candidate with share and ceiling', async () => {
    world.mirror.turned = 40;
    const result = await world.result(await world.start());
    expect(result).toMatchObject({
      outcome: 'rejected',
      stage: 'shadow',
      reason: expect.stringMatching(/disagreement 100.* %.*40 of 40 pairs.*at most 30.* % was agreed/),
    });
    expect(await world.remains()).toEqual(untouched);
  });

  test('SH6: a shadow with too few pairs is inconclusive, which is never a pass', async () => {
    await world.change({ shadow: { atLeast: 20, within: '500ms' } });
    world.mirror.pairs = 5;
    const result = await world.result(await world.start());
    await world.change();
    expect(result).toMatchObject({
      outcome: 'inconclusive',
      stage: 'shadow',
      reason: expect.stringMatching(/^shadow: 5 pairs, at least 20 are wanted/),
    });
    expect(await world.remains()).toEqual(untouched);
  });
});
