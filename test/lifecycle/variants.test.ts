import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getJson } from '../../activities/context.ts';
import { gatherReport } from '../../clients/report/gather.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { trainedModel } from '../fakes/memory-training.ts';
import { present } from '../present.ts';
import { daysFrom, writeDays } from './data.ts';
import { applied, served } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const MODEL = 'shapes';
/** The scorecard of these policies allows 1 MB. */
const TOO_LARGE = 'x'.repeat(1_200_000);
const VARIANTS = { command: ['train'], variants: ['main', 'small'] };

/** Two models of one training, of which the policy prefers the artifact itself. */
describe('TN8: a trainer that hands in variants', () => {
  let world: World;
  const made = (main: string, small: string) => () =>
    trainedModel({ 'model.txt': main }, { metrics: { rows: 1 } }, { small: { 'model.txt': small } });
  const recordOf = async (version: string): Promise<RunRecord> => {
    const { tags } = present(await world.registry.version(MODEL, version));
    return getJson<RunRecord>(world.evidence, JSON.parse(present(tags['understudy.record'])) as EvidenceRef);
  };
  const begin = async (asOf: string): Promise<string> => world.newRun(MODEL, asOf, 'bootstrap');
  const scorecardLine = async (run: string): Promise<string> =>
    present((await world.sheetOf(run)).stages.find(({ stage }) => stage === 'scorecard')).result ?? '';

  beforeAll(async () => {
    world = await createWorld();
    await writeDays(world.folder, daysFrom('2001-01-01', 30, 200, 12));
    await world.apply(served(MODEL, world.folder, { training: VARIANTS, shadow: { skip: true } }));
  }, 60_000);
  afterAll(() => world.close());

  test('none passes: the run ends with what is wrong with each, and no server is left', async () => {
    world.script.training = made('poor a', `good ${TOO_LARGE}`);
    const result = await world.result(await begin('2001-01-08T06:00:00Z'));
    expect(result).toMatchObject({ outcome: 'rejected', stage: 'scorecard', challenger: '1' });
    expect(result.reason).toMatch(
      /Ranking \(auc\) is .* Variant small: \d+ of \d+ findings pass: Artifact \(bytes\) is 1\.2/,
    );
    expect(world.serving.living()).toEqual([]);
  }, 60_000);

  test('the preferred one is too expensive: the other one becomes candidate, and champion', async () => {
    world.script.training = made(`good ${TOO_LARGE}`, 'good and small');
    const run = await begin('2001-01-09T06:00:00Z');
    expect(await world.decide(run, 'bootstrap')).toMatchObject({ answer: 'accepted' });
    expect(await world.result(run)).toMatchObject({ outcome: 'promoted', champion: '4', challenger: '4' });
    expect(await scorecardLine(run)).toMatch(/^main: .*Artifact \(bytes\) is 1\.2.*; small: 4 of 4 findings pass/);
    expect(world.serving.living()).toEqual([`${MODEL}-v4`]);
    expect(await recordOf('4')).toMatchObject({ variant: 'small', artifact: { bytes: 'good and small'.length } });
    const tags = present(await world.registry.version(MODEL, '4')).tags;
    const { digest } = present((await recordOf('4')).artifact);
    expect(await world.evidenceNamed(present(tags['understudy.scorecard_digest']))).toMatchObject({
      verdict: 'pass',
      variant: 'small',
      candidate: digest,
    });
    expect(await gatherReport({ evidence: world.evidence }, run)).toMatchObject({
      version: '4',
      training: { digest, variant: 'small' },
      record: { variant: 'small' },
      verdict: { verdict: 'pass', variant: 'small' },
    });
  }, 60_000);

  test('both pass: the first in the order of the policy goes on', async () => {
    world.script.training = made('good one', 'good two');
    const run = await world.newRun(MODEL, '2001-01-20T06:00:00Z');
    await world.question(run);
    expect((await world.sheetOf(run)).challenger).toMatchObject({ version: '5' });
    expect(world.serving.living()).toEqual([`${MODEL}-v4`, `${MODEL}-v5`]);
    expect(await world.decide(run, 'reject')).toMatchObject({ answer: 'accepted' });
    expect(await world.result(run)).toMatchObject({ outcome: 'rejected', challenger: '5' });
    expect(world.serving.living()).toEqual([`${MODEL}-v4`]);
  }, 60_000);

  test('what the team’s tests say of each is asked once: the report shows what people are asked to approve', async () => {
    const tested = applied('tested', world.folder, { training: VARIANTS, shadow: { skip: true } });
    const { criteria } = tested.scorecard.spec;
    const own = { ...present(criteria.at(-1)), name: 'ours', metric: 'command' as const, command: ['x'], atMost: 0 };
    const spec = { ...tested.scorecard.spec, criteria: [...criteria, own] };
    await world.apply({ ...tested, scorecard: { ...tested.scorecard, spec } });
    let asked = 0;
    world.script.testing = () => ({ does: 'ends', exitCode: 0, log: `asked ${(asked += 1)} times` });
    world.script.training = made('good one', 'good two');
    const run = await world.newRun('tested', '2001-01-09T06:00:00Z', 'bootstrap');
    const { scorecard } = await world.question(run);
    expect(asked).toBe(2);
    expect(await gatherReport({ evidence: world.evidence }, run)).toMatchObject({
      scorecard: { variant: 'main', result: { sha256: scorecard } },
    });
    expect(await world.evidence.keys(`runs/${run}/performance`)).toHaveLength(1);
    expect(await world.decide(run, 'reject')).toMatchObject({ answer: 'accepted' });
    await world.result(run);
  }, 60_000);

  test('one that the policy names was not handed in: the trainer contradicts it, by name', async () => {
    world.script.training = () => trainedModel({ 'model.txt': 'good alone' }, { metrics: { rows: 1 } });
    const result = await world.result(await world.newRun(MODEL, '2001-01-25T06:00:00Z'));
    expect(result).toMatchObject({ stage: 'training' });
    expect(result.reason).toContain(
      'training.variants names small, the trainer handed in main; expected it in variants',
    );
  }, 60_000);
});
