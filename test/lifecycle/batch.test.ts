import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fileDigest } from '../../activities/artifact.ts';
import { getJson } from '../../activities/context.ts';
import { hashEnvironment } from '../../activities/environment.ts';
import type { Snapshot } from '../../activities/ports/data-store.ts';
import { missingFields } from '../../scorecards/records/run-record.ts';
import type { RunRecord } from '../../scorecards/records/run-record.ts';
import type { EvidenceRef } from '../../scorecards/vocabulary.ts';
import { eventually } from '../eventually.ts';
import { present } from '../present.ts';
import { daysFrom, writeDays } from './data.ts';
import { applied } from './policies.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;
const MODEL = 'batch';

/** One model's life, in the order of its data time; each test is one run. */
describe('a batch policy', () => {
  let world: World;
  const run = (asOf: string, kind: string) => `retrain/${MODEL}/${asOf.replaceAll(/[-:]/g, '')}-${kind}`;
  const outcome = async (id: string) => world.result(id);

  beforeAll(async () => {
    world = await createWorld();
    await writeDays(world.folder, daysFrom('2001-01-01', 40, 200, 12));
    await world.apply(applied(MODEL, world.folder));
  }, 60_000);
  afterAll(() => world.close());

  test('TR3: a check of a model without champion is blocked and says what to do', async () => {
    await world.trigger(MODEL, '2001-01-07T06:00:00Z', { kind: 'check' });
    const result = await outcome(run('2001-01-07T06:00:00Z', 'check'));
    expect(result).toMatchObject({
      outcome: 'blocked',
      reason: expect.stringContaining('understudy trigger batch --kind bootstrap'),
    });
  });

  test('DA1: the first model is bootstrapped by an explicit approval and promoted', async () => {
    const id = run('2001-01-08T06:00:00Z', 'bootstrap');
    expect(await world.trigger(MODEL, '2001-01-08T06:00:00Z', { kind: 'bootstrap' })).toEqual({
      answer: 'started',
      run: id,
    });
    expect(await world.decide(id, 'approve')).toMatchObject({ answer: 'wrong-kind' });
    expect(await world.decide(id, 'bootstrap')).toMatchObject({ answer: 'accepted' });
    expect(await outcome(id)).toMatchObject({ outcome: 'promoted', champion: '1' });
    expect(present((await world.registry.version(MODEL, '1'))?.tags)).toMatchObject({ 'understudy.stage': 'champion' });
  });

  test('RG3: from the champion tags lead to run record, snapshot, scorecard and approval, and each resolves', async () => {
    const { tags } = present(await world.registry.version(MODEL, '1'));
    const record = await getJson<RunRecord>(world.evidence, refIn(tags));
    const manifest = await getJson<Snapshot & { asOf: string }>(world.evidence, present(record.data).manifest);
    const scorecard = await world.evidenceNamed(present(tags['understudy.scorecard_digest']));
    const approval = await world.evidenceNamed(present(tags['understudy.approval_id']));
    expect(missingFields(record)).toEqual([]);
    expect(manifest.digest).toBe(record.data?.snapshotDigest);
    expect(scorecard).toMatchObject({ verdict: 'pass', candidate: record.artifact?.digest });
    expect(approval).toMatchObject({
      outcome: 'approved',
      decisions: [{ approver: 'ana@example', decision: 'bootstrap' }],
    });
  });

  test('DA6: the record leads to every source file with its digest, to as-of and to the label watermark', async () => {
    const { tags } = present(await world.registry.version(MODEL, '1'));
    const record = await getJson<RunRecord>(world.evidence, refIn(tags));
    const manifest = await getJson<Snapshot & { asOf: string }>(world.evidence, present(record.data).manifest);
    expect(manifest).toMatchObject({
      asOf: '2001-01-08T06:00:00.000Z',
      labelWatermark: expect.stringMatching(/^2001-01-0/),
    });
    expect(manifest.sources.length).toBeGreaterThanOrEqual(14);
    expect(manifest.sources.filter((source) => !/^[0-9a-f]{64}$/.test(source.sha256))).toEqual([]);
  });

  test('TN6: the digest of what the trainer was told, its parameters, its seed and what it said are in the record', async () => {
    const { tags } = present(await world.registry.version(MODEL, '1'));
    const record = await getJson<RunRecord>(world.evidence, refIn(tags));
    const told = present(world.training.started.find((job) => job.spec.mode === 'train')).spec;
    expect(record.training.specDigest).toMatch(/^[0-9a-f]{64}$/);
    expect([record.params, record.seeds.training, record.importances]).toEqual([told.params, told.seed, { x: 7 }]);
  });

  test('RP4: the digest of the lockfile that the policy names is part of the environment hash', async () => {
    const { tags } = present(await world.registry.version(MODEL, '1'));
    const { environment } = await getJson<RunRecord>(world.evidence, refIn(tags));
    const { hash, ...fields } = present(environment);
    expect(fields.lockfileDigest).toBe(await fileDigest(join(world.folder, 'requirements.lock')));
    expect(hashEnvironment({ ...fields, lockfileDigest: 'f'.repeat(64) }).hash).not.toBe(hash);
  });

  test('TR3: a check while the data are steady ends no-drift and is a suppressed decision', async () => {
    await world.trigger(MODEL, '2001-01-10T06:00:00Z', { kind: 'check' });
    expect(await outcome(run('2001-01-10T06:00:00Z', 'check'))).toMatchObject({ outcome: 'no-drift', stage: 'drift' });
    expect(await world.decisions(MODEL)).toContainEqual(
      expect.objectContaining({ decision: 'suppressed', outcome: 'no-drift' }),
    );
  });

  test('N14: after a training the next one waits for the cooldown, in data time', async () => {
    expect(await world.trigger(MODEL, '2001-01-08T12:00:00Z')).toMatchObject({ answer: 'suppressed' });
    await world.apply(applied(MODEL, world.folder, { triggers: { cooldown: '10d' } }));
    const early = await world.trigger(MODEL, '2001-01-11T06:00:00Z');
    expect(early).toMatchObject({ answer: 'cooling-down', until: '2001-01-18T06:00:00.000Z' });
  });

  test('TR6: a schedule that finds too few new labels is suppressed, with both numbers', async () => {
    await world.apply(applied(MODEL, world.folder, { triggers: { minNewLabels: 5000 } }));
    await world.trigger(MODEL, '2001-01-12T06:00:00Z', { kind: 'schedule' });
    const { reason } = await outcome(run('2001-01-12T06:00:00Z', 'schedule'));
    expect(reason).toMatch(/^\d+ labelled rows since .* triggers\.minNewLabels asks for 5,000\.$/);
    expect(await world.decisions(MODEL)).toContainEqual(expect.objectContaining({ decision: 'suppressed', reason }));
    await world.apply(applied(MODEL, world.folder));
  });

  test('TR1: drift starts a training whose candidate is approved and promoted; a second trigger joins it', async () => {
    const id = run('2001-01-15T06:00:00Z', 'check');
    expect(await world.trigger(MODEL, '2001-01-15T06:00:00Z', { kind: 'check' })).toEqual({
      answer: 'started',
      run: id,
    });
    const second = await world.trigger(MODEL, '2001-01-15T07:00:00Z', { kind: 'alert' });
    expect(second).toEqual({ answer: 'joined', run: id });
    await world.decide(id, 'approve');
    expect(await outcome(id)).toMatchObject({ outcome: 'promoted', champion: '2' });
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '2', previous: '1' });
    expect(await world.decisions(MODEL)).toContainEqual(expect.objectContaining({ decision: 'duplicate', run: id }));
  });

  test('EV4: a candidate worse than the champion on the same rows is rejected by the scorecard with the criterion', async () => {
    world.script.quality = 'poor';
    await world.trigger(MODEL, '2001-01-20T06:00:00Z');
    const result = await outcome(run('2001-01-20T06:00:00Z', 'manual'));
    world.script.quality = 'good';
    expect(result).toMatchObject({ outcome: 'rejected', stage: 'scorecard', reason: expect.stringContaining('auc') });
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '2' });
    expect(world.notices).toContain('batch: rejected in stage scorecard');
    const rejected = present(await world.registry.version(MODEL, '3'));
    expect(world.registry.run(rejected.runId)).toMatchObject({
      status: 'FINISHED',
      tags: { 'understudy.outcome': 'ended without promotion' },
    });
  });

  test('AP3: a decision on other digests is refused as stale, recorded, counted by reason, and changes nothing; then a person rejects', async () => {
    const id = run('2001-01-22T06:00:00Z', 'manual');
    await world.trigger(MODEL, '2001-01-22T06:00:00Z');
    const { candidate, scorecard } = await world.question(id);
    const word = { decision: 'approve', approver: 'ana@example', reason: 'fine' } as const;
    expect(await world.say(id, { ...word, candidate: 'f'.repeat(64), scorecard })).toMatchObject({
      answer: 'stale-candidate',
    });
    expect(await world.say(id, { ...word, candidate, scorecard: 'f'.repeat(64) })).toMatchObject({
      answer: 'stale-scorecard',
    });
    expect(await world.say(id, { ...word, candidate, scorecard, approver: 'eve@example' })).toMatchObject({
      answer: 'not-authorised',
    });
    await world.signal(id, 'decide', { nonsense: true });
    await world.decide(id, 'reject');
    expect(await outcome(id)).toMatchObject({
      outcome: 'rejected',
      stage: 'approval',
      reason: expect.stringContaining('a test said so'),
    });
    const refused = ['stale-candidate', 'stale-scorecard', 'not-authorised', 'malformed'];
    expect((await world.sheetOf(id)).approval.refused.map((refusal) => refusal.answer)).toEqual(refused);
    const counted = async () =>
      (await world.telemetry.registry.metrics()).match(/(?<=^understudy_approval_rejected_total.*")[\w-]+(?="} 1$)/gm);
    // Nothing waits for the counting, so it may come after the decision.
    await eventually(counted, (reasons) => refused.every((reason) => reasons?.includes(reason)));
  });

  test('AP4: nobody answers for 72 hours, which is a recorded reject and never an approval', async () => {
    const id = run('2001-01-24T06:00:00Z', 'manual');
    await world.trigger(MODEL, '2001-01-24T06:00:00Z');
    await world.question(id);
    const asked = await world.env.currentTimeMs();
    expect(await outcome(id)).toMatchObject({ outcome: 'expired', stage: 'approval' });
    expect((await world.env.currentTimeMs()) - asked).toBeGreaterThanOrEqual(3 * DAY);
    // TR3: the decision was due after 24 hours; somebody was told, once.
    expect(world.notices.filter((title) => title === 'batch: no decision within 24 h')).toHaveLength(1);
    expect(await world.registry.aliases(MODEL)).toMatchObject({ champion: '2' });
  });

  test('RP1: a retry from the scorecard reuses data and training by digest and trains nothing', async () => {
    world.script.quality = 'poor';
    const first = run('2001-01-26T06:00:00Z', 'manual');
    await world.trigger(MODEL, '2001-01-26T06:00:00Z');
    expect(await outcome(first)).toMatchObject({ outcome: 'rejected' });
    const trainings = world.training.started.filter((job) => job.spec.mode === 'train').length;
    // The scorecard was wrong, not the model: a looser one is applied and the run is taken up again.
    await world.apply(loosened(applied(MODEL, world.folder, { shadow: { atLeast: 20, disagreement: '100%' } })));
    const again = await world.trigger(MODEL, '2001-01-26T06:00:00Z', {
      kind: 'retry',
      key: 'again',
      retryOf: { run: first, from: 'scorecard' },
    });
    const id = run('2001-01-26T06:00:00Z', 'retry');
    expect(again).toEqual({ answer: 'started', run: id });
    await world.decide(id, 'reject');
    expect(await outcome(id)).toMatchObject({ outcome: 'rejected', stage: 'approval' });
    expect(world.training.started.filter((job) => job.spec.mode === 'train')).toHaveLength(trainings);
    world.script.quality = 'good';
    await world.apply(applied(MODEL, world.folder));
  });

  test('TR8: while paused every trigger is recorded as suppressed, and resuming opens the door', async () => {
    await world.watch(MODEL).executeUpdate('pause', { args: [{ by: 'bo@example', reason: 'holiday' }] });
    expect(await world.trigger(MODEL, '2001-01-28T06:00:00Z')).toEqual({
      answer: 'paused',
      by: 'bo@example',
      reason: 'holiday',
    });
    await world.watch(MODEL).executeUpdate('resume', { args: [{ by: 'bo@example', reason: 'back' }] });
    expect(await world.trigger(MODEL, '2001-01-28T07:00:00Z')).toMatchObject({ answer: 'started' });
    await world.decide(run('2001-01-28T07:00:00Z', 'manual'), 'reject');
    await outcome(run('2001-01-28T07:00:00Z', 'manual'));
  });

  test('a missing day in train or holdout blocks the run and names the day', async () => {
    await world.trigger(MODEL, '2001-02-15T06:00:00Z');
    const result = await outcome(run('2001-02-15T06:00:00Z', 'manual'));
    expect(result).toMatchObject({
      outcome: 'blocked',
      stage: 'dataset',
      reason: expect.stringMatching(/^Data(Missing|Stale): /),
    });
  });
});

function refIn(tags: Readonly<Record<string, string>>): EvidenceRef {
  return JSON.parse(present(tags['understudy.record'])) as EvidenceRef;
}

function loosened(policy: ReturnType<typeof applied>): ReturnType<typeof applied> {
  const criteria = policy.scorecard.spec.criteria.filter(
    (criterion) => criterion.group === 'size' || criterion.group === 'latency',
  );
  return {
    ...policy,
    scorecardDigest: '3'.repeat(64),
    scorecard: { ...policy.scorecard, spec: { ...policy.scorecard.spec, criteria } },
  };
}
