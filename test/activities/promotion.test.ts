import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { putJson } from '../../activities/context.ts';
import { createOpening } from '../../activities/opening.ts';
import { createPromotion } from '../../activities/promotion.ts';
import type { PromotionOrder } from '../../activities/promotion.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { ModelRegistry } from '../../activities/ports/model-registry.ts';
import type { Decision } from '../../scorecards/decision.ts';
import type { RunContext } from '../../scorecards/run.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import { createMemoryRegistry } from '../fakes/memory-registry.ts';
import { artifact, MODEL, policyWith, recordOf, register } from './promotion-world.ts';

const DIGEST = { one: '', two: '', three: '' };

describe('promotion', () => {
  const evidence = createMemoryEvidence();
  let registry: ReturnType<typeof createMemoryRegistry>;
  let context: RunContext;
  let record: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-promotion-'));
    for (const name of ['one', 'two', 'three'] as const) DIGEST[name] = (await artifact(folder, name)).digest;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    registry = createMemoryRegistry();
    const applied = await putJson(evidence, { policy: policyWith('x', 'y') });
    context = {
      run: `retrain/${MODEL}/1`,
      model: MODEL,
      asOf: '2001-01-01T00:00:00.000Z',
      folder: '/',
      generation: 1,
      applied,
      bootstrap: false,
    };
    record = JSON.stringify(await recordOf(evidence, ['x', 'y']));
    await register(registry, folder, 'one', record);
    await register(registry, folder, 'two', record);
    await registry.setAlias(MODEL, 'champion', '1');
  });

  /** Version 2, approved by ana, against champion 1, unless `change` says otherwise. */
  async function order(
    change: {
      readonly verdict?: string;
      readonly decisions?: readonly Partial<Decision>[];
      readonly outcome?: string;
      readonly candidate?: string;
    } = {},
  ): Promise<PromotionOrder> {
    const { candidate = DIGEST.two } = change;
    const scorecard = await putJson(evidence, {
      verdict: change.verdict ?? 'pass',
      candidate,
      run: context.run,
    });
    const said = {
      candidate,
      scorecard: scorecard.sha256,
      decision: 'approve',
      approver: 'ana@example',
      reason: 'fine',
    };
    const decisions = (change.decisions ?? [{}]).map((part) => ({ ...said, ...part }));
    const approval = await putJson(evidence, { decisions, outcome: change.outcome ?? 'approved' });
    const expected = { version: '1', digest: DIGEST.one, record: scorecard };
    return { context, version: '2', candidate, scorecard, approval, expected };
  }

  test('PR1: the pointer moves, is read back, and names the version before', async () => {
    const { promote } = createPromotion({ registry, evidence });
    await expect(promote(await order())).resolves.toMatchObject({ previous: '1' });
    expect(await registry.aliases(MODEL)).toMatchObject({ champion: '2', previous: '1' });
  });

  test('PR1: an answer that is lost after the write is one promotion, not two', async () => {
    const losing = losingFirstAnswer(registry);
    const { promote } = createPromotion({ registry: losing, evidence });
    const same = await order();
    await expect(promote(same)).rejects.toThrow('the answer was lost');
    await expect(promote(same)).resolves.toMatchObject({ previous: '1' });
    expect(await registry.aliases(MODEL)).toMatchObject({ champion: '2', previous: '1' });
  });

  test('PR1: a pointer that somebody moved in between stops the promotion and is not overwritten', async () => {
    await register(registry, folder, 'three', record);
    registry.meddle(MODEL, 'champion', '3');
    const { promote } = createPromotion({ registry, evidence });
    await expect(promote(await order())).rejects.toMatchObject({ code: 'pointer-moved' });
    expect(await registry.aliases(MODEL)).toMatchObject({ champion: '3' });
  });

  test.each([
    ['a scorecard that failed', { verdict: 'fail' }, "the scorecard's verdict is fail"],
    ['a scorecard that is inconclusive', { verdict: 'inconclusive' }, "the scorecard's verdict is inconclusive"],
    [
      'a decision on another candidate',
      { decisions: [{ candidate: 'f'.repeat(64) }] },
      'no decision "approve" names this candidate',
    ],
    [
      'a decision on an earlier scorecard',
      { decisions: [{ scorecard: 'f'.repeat(64) }] },
      'no decision "approve" names this candidate',
    ],
    [
      'a rejection',
      { decisions: [{ decision: 'reject' as const }], outcome: 'rejected' },
      "the approval's outcome is rejected",
    ],
    ['silence', { decisions: [], outcome: 'expired' }, "the approval's outcome is expired"],
  ])('PR2: %s moves no pointer, whoever asks', async (_, change, reason) => {
    const { promote } = createPromotion({ registry, evidence });
    await expect(promote(await order(change))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining(reason),
    });
    expect(await registry.aliases(MODEL)).toEqual({ champion: '1' });
  });

  test('RP5: a version whose artifact is not the approved one is refused before the pointer moves', async () => {
    const { promote } = createPromotion({ registry, evidence });
    await expect(promote({ ...(await order()), version: '1' })).rejects.toMatchObject({ code: 'artifact-changed' });
  });

  test.each([
    [
      'names no drift baseline',
      async () => putJson(evidence, { features: ['x'] }),
      'record-incomplete',
      'no drift baseline',
    ],
    [
      'names a baseline that is nowhere',
      async () => putJson(evidence, { baseline: { uri: 'memory:gone', sha256: 'f'.repeat(64), bytes: 1 } }),
      'not-found',
      '',
    ],
    [
      'names a baseline of nothing',
      async () => putJson(evidence, { features: ['x', 'y'], baseline: await putJson(evidence, {}) }),
      'record-incomplete',
      'no counts of "x", "y"',
    ],
    ['lacks a feature of the policy', async () => recordOf(evidence, ['x']), 'record-incomplete', 'no counts of "y";'],
    [
      'lacks a feature it was trained on',
      async () => recordOf(evidence, ['x', 'y'], { features: ['z'] }),
      'record-incomplete',
      'no counts of "z";',
    ],
    [
      'has a sketch of no rows',
      async () => recordOf(evidence, ['x', 'y'], { rows: 0 }),
      'record-incomplete',
      'no counts of "x", "y";',
    ],
    [
      'has counts without the grid they were counted on',
      async () => recordOf(evidence, ['x', 'y'], { grids: [] }),
      'record-incomplete',
      'no counts of "x", "y";',
    ],
  ])('DA4: a version whose record %s moves no pointer', async (_, write, code, said) => {
    registry = createMemoryRegistry();
    await register(registry, folder, 'one', record);
    await register(registry, folder, 'two', JSON.stringify(await write()));
    await registry.setAlias(MODEL, 'champion', '1');
    const { promote } = createPromotion({ registry, evidence });
    await expect(promote(await order())).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
    expect(await registry.aliases(MODEL)).toEqual({ champion: '1' });
  });

  test('DA4: where neither policy nor record names a feature, nothing could be seen to drift, and nothing is promoted', async () => {
    const applied = await putJson(evidence, { policy: { spec: { data: {} } } });
    await register(registry, folder, 'three', JSON.stringify(await recordOf(evidence, [])));
    const { promote } = createPromotion({ registry, evidence });
    const given = await order({ candidate: DIGEST.three });
    const bare = { ...given, version: '3', context: { ...context, applied } };
    await expect(promote(bare)).rejects.toMatchObject({
      code: 'record-incomplete',
      message: expect.stringContaining('its record names none'),
    });
  });

  test('RG2: the champion moves with a recorded sign-off only: its version names approval, scorecard and promotion', async () => {
    const { promote } = createPromotion({ registry, evidence });
    const given = await order();
    await promote(given);
    expect((await registry.version(MODEL, '2'))?.tags).toMatchObject({
      'understudy.approval_id': given.approval.sha256,
      'understudy.scorecard_digest': given.scorecard.sha256,
      'understudy.promotion_id': `${context.run}/1`,
      'understudy.promoted_from': '1',
    });
  });

  test('a champion that Understudy did not register has no record, and that is said', async () => {
    await register(registry, folder, 'three');
    await registry.setAlias(MODEL, 'champion', '3');
    const gateway = () => {
      throw new Error('no route is asked for');
    };
    const opening = createOpening({ registry, evidence, gateway }, { links: {} });
    const trigger = { kind: 'manual', key: 'k', asOf: context.asOf, by: 'test' } as const;
    const input = {
      schemaVersion: 1,
      run: context.run,
      model: MODEL,
      trigger,
      receivedAt: context.asOf,
      applied: { folder: '/' },
    };
    await expect(opening.openRun(input as Parameters<typeof opening.openRun>[0])).rejects.toMatchObject({
      code: 'record-incomplete',
    });
  });
});

/** The first move of the champion is carried out, but its answer never arrives. */
function losingFirstAnswer(registry: ModelRegistry): ModelRegistry {
  let lost = false;
  return {
    ...registry,
    setAlias: async (model, alias, version) => {
      await registry.setAlias(model, alias, version);
      if (alias !== 'champion' || lost) return;
      lost = true;
      throw new PortFailure('timeout', 'the answer was lost');
    },
  };
}
