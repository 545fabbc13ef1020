import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDecisionLog } from '../../activities/decision-log.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { canonicalJson } from '../../scorecards/canonical-json.ts';
import { replayLog } from '../../scorecards/canary/replay-log.ts';
import { createMemoryEvidence } from '../fakes/memory-evidence.ts';
import type { MemoryEvidence } from '../fakes/memory-evidence.ts';
import { present } from '../present.ts';
import { STEP } from '../scorecards/canary/phases.ts';
import { keptLog, lookNumbers, RUN, upTo, watchedPhase } from './watched-phase.ts';

const HEALTHY = { requestsPerSecond: 40 };
const HARMFUL = { requestsPerSecond: 200, challenger: { errors: 0.2 } };
/** Harm that takes a while to be shown: chunks are written before it ends. */
const SLOWLY = { requestsPerSecond: 20, challenger: { errors: 0.03 } };
/** Harm that is shown after the first chunk and before the second. */
const SOON = { requestsPerSecond: 20, challenger: { errors: 0.06 } };

let evidence: MemoryEvidence;
beforeEach(() => {
  evidence = createMemoryEvidence();
});
afterEach(async () => evidence.dispose());

test('every look is one line, in canonical form, and the judge says the same of each again', async () => {
  const { attempt } = await watchedPhase(evidence, HARMFUL);
  const { result } = await attempt();
  const lines = await keptLog(evidence);
  expect(present(result).word).toBe('rollback');
  expect(lookNumbers(lines)).toEqual(upTo(present(result).looks));
  expect(lines.map(({ kind }) => kind)).toEqual(['phase', ...upTo(present(result).looks).map(() => 'look'), 'end']);
  expect(replayLog(lines)).toMatchObject({ phases: [{ word: 'rollback', ended: 'decided' }] });
  expect(replayLog(lines).difference).toBeUndefined();
  const [first] = lines;
  expect(canonicalJson(JSON.parse(canonicalJson(first)))).toBe(canonicalJson(first));
});

test('a look that saw nothing is a line with its reason, and no count of zero', async () => {
  const { attempt, counters } = await watchedPhase(evidence, HEALTHY);
  counters.darken();
  await attempt({ diesAtLook: 13 });
  const looks = (await keptLog(evidence)).filter((line) => line.kind === 'look');
  expect(looks).toHaveLength(12);
  expect(looks[0]).toMatchObject({ reading: { kind: 'gap' }, look: { kind: 'missed' } });
  expect(replayLog(await keptLog(evidence))).toMatchObject({ phases: [{ gaps: 12, word: 'dark' }] });
});

describe('a worker that dies', () => {
  test.each([
    ['before its first heartbeat was heard', -1],
    ['after one', 0],
    ['right before a chunk was written', 10],
    ['right after one', 11],
    ['between two chunks', 16],
    ['and was heard until the end', 28],
  ])('%s costs no look and doubles none', async (_, heard) => {
    const { attempt } = await watchedPhase(evidence, SLOWLY);
    const before = await attempt({ diesAtLook: 30 });
    expect(before.error).toMatchObject({ message: 'the worker died' });
    const { result } = await attempt({ heartbeat: before.heartbeats[heard] });
    const lines = await keptLog(evidence);
    expect(present(result).looks).toBeGreaterThan(40);
    expect(lookNumbers(lines)).toEqual(upTo(present(result).looks));
    expect(replayLog(lines).difference).toBeUndefined();
    expect(replayLog(lines).phases).toMatchObject([
      { word: present(result).word, requests: { challenger: present(result).challenger.requests }, ended: 'decided' },
    ]);
  });

  test('after it had decided gives the same answer again, without another look', async () => {
    const { attempt } = await watchedPhase(evidence, HARMFUL);
    const first = await attempt();
    const again = await attempt({ heartbeat: first.heartbeats.at(-2) });
    expect(again.scrapes).toBe(0);
    expect({ ...again.result, endedAt: '' }).toEqual({ ...first.result, endedAt: '' });
  });
});

test('a watch that looks seldom beats in between, and is not thought dead', async () => {
  const { attempt } = await watchedPhase(evidence, HEALTHY);
  const { heartbeats } = await attempt({ diesAtLook: 2, order: { plan: { ...STEP, lookMs: 5100 } } });
  expect(heartbeats).toHaveLength(2);
  expect(heartbeats[1]).toEqual(heartbeats[0]);
});

test('an attempt that reads the log of another goes on beating what it was given', async () => {
  const { attempt } = await watchedPhase(evidence, SLOWLY);
  const before = await attempt({ diesAtLook: 30 });
  const after = await attempt({ heartbeat: before.heartbeats[0], diesAtLook: 1 });
  expect(after.heartbeats.length).toBeGreaterThan(1);
  expect(after.heartbeats).toEqual(after.heartbeats.map(() => before.heartbeats[0]));
});

test('an attempt that was thought dead cannot write beside the one that took over', async () => {
  const { attempt } = await watchedPhase(evidence, SLOWLY);
  const zombie = await attempt({ diesAtLook: 6 });
  await attempt({ heartbeat: zombie.heartbeats.at(-1), diesAtLook: 20 });
  const log = openDecisionLog(evidence, { run: RUN, phase: 'step-5', scheduledAt: 1_800_000_000_000 });
  const late = log.append(0, [{ kind: 'end', phase: 'step-5', looks: 0, why: 'decided', word: 'clear' }]);
  await expect(late).rejects.toMatchObject({ code: 'conflict' });
  expect(replayLog(await keptLog(evidence)).difference).toBeUndefined();
});

test('a watch that is called off keeps its looks and says so', async () => {
  const { attempt } = await watchedPhase(evidence, HEALTHY);
  const { error } = await attempt({ calledOffAtLook: 5 });
  expect(error).toBeDefined();
  const lines = await keptLog(evidence);
  expect(lookNumbers(lines)).toEqual(upTo(5));
  expect(lines.at(-1)).toMatchObject({ kind: 'end', why: 'called-off', word: 'cancelled' });
  expect(replayLog(lines).difference).toBeUndefined();
});

test('a step that is held and watched again under the same name has two watches in the log', async () => {
  const { attempt } = await watchedPhase(evidence, HARMFUL);
  await attempt({ scheduledAt: 1_800_000_000_000 });
  await attempt({ scheduledAt: 1_800_000_600_000, order: { holding: true } });
  const { difference, phases } = replayLog(await keptLog(evidence));
  expect(difference).toBeUndefined();
  expect(phases.map(({ phase }) => phase)).toEqual(['step-5', 'step-5']);
});

describe('an evidence store that is away', () => {
  const away = () => {
    throw new PortFailure('unavailable', 'the store is away');
  };

  test('RB6: does not keep harm from being answered', async () => {
    const { attempt } = await watchedPhase({ ...evidence, put: away, recall: away, remember: away }, HARMFUL);
    expect(present((await attempt()).result).word).toBe('rollback');
  });

  test('RB6: that never answers does not either', async () => {
    const hangs = async () => new Promise<never>(() => undefined);
    const { attempt } = await watchedPhase({ ...evidence, put: hangs, recall: hangs }, HARMFUL);
    expect(present((await attempt()).result).word).toBe('rollback');
  });

  test('RB6: that never answers does not keep the watch from seeing harm that comes to light later', async () => {
    const hangs = async () => new Promise<never>(() => undefined);
    const { attempt } = await watchedPhase({ ...evidence, put: hangs }, SOON);
    const { word, looks } = present((await attempt()).result);
    expect(word).toBe('rollback');
    expect(looks).toBeGreaterThan(12);
  });

  test('RB6: does not keep traffic with a challenger that nobody sees any more', async () => {
    const { attempt, counters } = await watchedPhase({ ...evidence, put: away, remember: away }, HEALTHY);
    counters.darken();
    expect(present((await attempt({ order: { lapseMs: 0 } })).result).word).toBe('dark');
  });

  test('for a while costs no look', async () => {
    const keeps: MemoryEvidence['put'] = async (body, type) => evidence.put(body, type);
    const answers: MemoryEvidence['put'][] = [away, away, away, ...upTo(100).map(() => keeps)];
    const put: MemoryEvidence['put'] = async (body, type) => present(answers.shift())(body, type);
    const { attempt } = await watchedPhase({ ...evidence, put }, SLOWLY);
    const { result } = await attempt();
    expect(lookNumbers(await keptLog(evidence))).toEqual(upTo(present(result).looks));
  });
});
