import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../activities/artifact.ts';
import { getJson } from '../../activities/context.ts';
import type { TrainingJob } from '../../activities/ports/training-backend.ts';
import type { ScorecardResult, KeptVerdict } from '../../activities/scorecard.ts';
import type { Session } from '../../clients/connect.ts';
import { describeRun } from '../../clients/describe.ts';
import { gatherReport } from '../../clients/report/gather.ts';
import type { BestF1 } from '../../scorecards/operating-point.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { Scorecard, ScorecardCriterion } from '../../scorecards/scorecard-schema.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { trainedModel } from '../fakes/memory-training.ts';
import type { Attempt } from '../fakes/memory-training.ts';
import { present } from '../present.ts';
import { daysFrom, predictFile, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'cuts';

/** A trainer that hands in what its model says of training rows, besides the model. */
function telling({ spec }: TrainingJob): Attempt {
  const model = trainedModel({ 'model.txt': `good ${spec.run}` }, { metrics: { rows: 1 } });
  const write = async (output: string): Promise<void> => {
    await ('write' in model ? model.write?.(output) : undefined);
    const into = join(output, 'out-of-sample.parquet');
    const rows = await predictFile(present(spec.files[0]).path, into, 'good');
    const sha256 = createHash('sha256')
      .update(await readFile(into))
      .digest('hex');
    const result = JSON.parse(await readFile(join(output, 'result.json'), 'utf8')) as object;
    const outOfSample = { path: 'out-of-sample.parquet', sha256, rows };
    await writeFile(join(output, 'result.json'), JSON.stringify({ ...result, outOfSample }));
  };
  return { does: 'ends', exitCode: 0, write };
}

const COMPARED: ScorecardCriterion = {
  name: 'f1',
  group: 'quality',
  metric: 'f1',
  versusChampion: { noWorseBy: 0.2 },
  minimum: 50,
  judge: 'interval',
  confidence: 0.95,
};

function judgedByBestF1(folder: string): AppliedPolicy {
  const { scorecard, ...others } = applied(MODEL, folder);
  const { spec } = scorecard;
  const criteria = [...spec.criteria, COMPARED];
  const own: Scorecard = { ...scorecard, spec: { ...spec, operatingPoint: { bestF1: 'training' }, criteria } };
  return { ...others, scorecard: own, scorecardDigest: digestOf(own) };
}

describe('EV1: a scorecard that asks for the threshold of best F1', () => {
  let world: World;
  const recordOf = async (version: string): Promise<RunRecord> => {
    const { tags } = present(await world.registry.version(MODEL, version));
    return getJson<RunRecord>(world.evidence, JSON.parse(present(tags['understudy.record'])) as EvidenceRef);
  };
  const pointOf = async (version: string) => {
    const { bestF1, predictions } = present((await recordOf(version)).outOfSample);
    return { ...(bestF1 as BestF1), predictions: predictions.sha256 };
  };
  const keptOf = async (run: string): Promise<KeptVerdict> => {
    const noted = present(await world.evidence.recall(`runs/${run}/scorecard-1`));
    return getJson<KeptVerdict>(world.evidence, (await getJson<ScorecardResult>(world.evidence, noted)).result);
  };

  beforeAll(async () => {
    world = await createWorld();
    await writeDays(world.folder, daysFrom('2001-01-01', 30, 200));
  }, 60_000);
  afterAll(() => world.close());

  test('a champion from before has none: no successor is compared with it, and the run says what to do', async () => {
    await world.apply(applied(MODEL, world.folder));
    const first = await world.newRun(MODEL, '2001-01-08T06:00:00Z', 'bootstrap');
    await world.decide(first, 'bootstrap');
    expect(await world.result(first)).toMatchObject({ outcome: 'promoted', champion: '1' });
    expect(await recordOf('1')).not.toHaveProperty('outOfSample');
    await world.apply(judgedByBestF1(world.folder));
    world.script.training = telling;
    const second = await world.newRun(MODEL, '2001-01-10T06:00:00Z');
    expect(await world.result(second)).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('judge by threshold or top until a model with it is champion'),
    });
  }, 60_000);

  test('each version keeps its own, found on its own training, and both are judged at it', async () => {
    await world.apply(applied(MODEL, world.folder));
    const third = await world.newRun(MODEL, '2001-01-12T06:00:00Z');
    await world.decide(third, 'approve');
    expect(await world.result(third)).toMatchObject({ outcome: 'promoted', champion: '3' });
    await world.apply(judgedByBestF1(world.folder));
    const fourth = await world.newRun(MODEL, '2001-01-15T06:00:00Z');
    await world.decide(fourth, 'approve');
    expect(await world.result(fourth)).toMatchObject({ outcome: 'promoted', champion: '4' });
    const { notes, operatingPoint, operatingPointFrom } = await keptOf(fourth);
    const [theirs, ours] = [await pointOf('3'), await pointOf('4')];
    expect(operatingPointFrom).toEqual({ challenger: ours, champion: theirs });
    expect(operatingPoint).toEqual({ challenger: ours.threshold, champion: theirs.threshold });
    expect([ours.rows, theirs.rows]).toEqual([1000, 1000]);
    expect(ours.predictions).not.toBe(theirs.predictions);
    const note: unknown = expect.stringMatching(
      /^Operating point: each model flags from the threshold of best F1 .*; champion from/,
    );
    expect(notes).toContainEqual(note);
    expect(await gatherReport({ evidence: world.evidence }, fourth)).toMatchObject({ verdict: { notes } });
    const session = { client: world.client, ask: async (_: string, question: () => unknown) => question() };
    const { lines } = await describeRun(session as unknown as Session, { evidence: world.evidence }, fourth);
    expect(lines).toContainEqual(['how it was judged', note]);
    expect(lines.map(([key]) => key)).toContain('flagged from');
  }, 60_000);
});
