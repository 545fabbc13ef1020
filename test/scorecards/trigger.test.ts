import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decisionOf } from '../../scorecards/trigger.ts';
import type { RunEnded, TriggerRequest } from '../../scorecards/trigger.ts';
import { OUTCOMES, STAGES, TRIGGER_KINDS } from '../../scorecards/vocabulary.ts';
import { answerTrigger, emptyWatch, runHasEnded, runStarted } from '../../scorecards/watch.ts';
import type { WatchState } from '../../scorecards/watch.ts';
import { applied } from '../lifecycle/policies.ts';

/** `duplicate` is for triggers that started no run. */
const OF_RUNS = ['candidate', 'gate-failed', 'blocked', 'failed', 'suppressed'];

describe('what the end of a run means for its trigger', () => {
  test('TR3: every outcome at every stage is one decision of the closed list, and never a duplicate', () => {
    const decisions = OUTCOMES.flatMap((outcome) => STAGES.map((stage) => decisionOf({ outcome, stage })));
    expect([...new Set(decisions)].toSorted()).toEqual(OF_RUNS.toSorted());
    expect(decisions).toHaveLength(OUTCOMES.length * STAGES.length);
  });

  test.each([
    ['promoted', 'candidate'],
    ['rolled-back', 'candidate'],
    ['expired', 'candidate'],
    ['no-drift', 'suppressed'],
    ['blocked', 'blocked'],
    ['failed', 'failed'],
    ['lost', 'failed'],
  ] as const)('TR3: %s is %s, wherever it happened', (outcome, decision) => {
    expect(new Set(STAGES.map((stage) => decisionOf({ outcome, stage })))).toEqual(new Set([decision]));
  });

  test.each(['rejected', 'inconclusive'] as const)(
    'TR3: %s is a failed gate, but by a person it is a candidate, and without enough data it is suppressed',
    (outcome) => {
      expect(STAGES.map((stage) => [stage, decisionOf({ outcome, stage })])).toEqual([
        ['drift', 'suppressed'],
        ['dataset', 'gate-failed'],
        ['training', 'gate-failed'],
        ['scorecard', 'gate-failed'],
        ['shadow', 'gate-failed'],
        ['approval', 'candidate'],
        ['rollout', 'gate-failed'],
        ['promotion', 'gate-failed'],
      ]);
    },
  );

  test('TR3: an aborted run had a candidate once its scorecard passed', () => {
    expect(STAGES.map((stage) => decisionOf({ outcome: 'aborted', stage }))).toEqual([
      ...Array.from({ length: 4 }, () => 'suppressed'),
      ...Array.from({ length: 4 }, () => 'candidate'),
    ]);
  });
});

const NOW = '2001-03-01T00:00:00.000Z';
const at = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();
const DAY = 86_400_000;
const POLICY = applied('churn', '/', { triggers: { cooldown: '24h', maxRunsPerWeek: 3 } });

/** Something that happens to a model: a knock, or news of the run in flight. */
const knock = fc.record({
  kind: fc.constantFrom(...TRIGGER_KINDS),
  key: fc.nat(400).map((key) => `key-${key}`),
  asOf: fc.nat(60).map((days) => at(days * DAY)),
  ignoreCooldown: fc.boolean(),
});
const news = fc.constantFrom('started', 'ended', 'ended twice', 'another ended', 'paused', 'resumed');
const result = fc.record({
  outcome: fc.constantFrom(...OUTCOMES),
  stage: fc.constantFrom(...STAGES),
  trained: fc.boolean(),
  reason: fc.constant('why'),
  endedAt: fc.constant(NOW),
});
const events = fc.array(fc.record({ knock, news: fc.array(news, { maxLength: 3 }), result }), {
  minLength: 1000,
  maxLength: 1000,
  size: 'max',
});

function hear(state: WatchState, word: string, end: Omit<RunEnded, 'run'>): WatchState {
  const run = (state.active ?? state.starting)?.run ?? 'none';
  const over = () => runHasEnded(state, { ...end, run });
  const { paused: _, ...running } = state;
  const effects: Record<string, () => WatchState> = {
    started: () => runStarted(state),
    ended: over,
    'ended twice': () => runHasEnded(over(), { ...end, run }),
    'another ended': () => runHasEnded(state, { ...end, run: 'retrain/churn/another' }),
    paused: () => ({ ...state, paused: { by: 'bo', reason: 'why', at: NOW } }),
    resumed: () => running,
  };
  return effects[word]?.() ?? state;
}

test('TR3: 1,000 random triggers among random news give one decision each, none two, none lost', () => {
  fc.assert(
    fc.property(events, (happened) => {
      let state: WatchState = { ...emptyWatch('churn'), applied: POLICY };
      for (const [index, event] of happened.entries()) {
        ({ state } = answerTrigger(state, { ...event.knock, by: 'ana@example' }, at(index * 1000)));
        state = event.news.reduce((so, word) => hear(so, word, event.result), state);
      }
      const name = (one: { trigger: TriggerRequest; receivedAt: string }) => `${one.trigger.key} ${one.receivedAt}`;
      const pending = [state.starting, state.active].filter((one) => one !== undefined).map(name);
      const decided = state.outbox.map(name);
      expect(pending.length).toBeLessThanOrEqual(1);
      expect([...decided, ...pending].toSorted()).toEqual(
        happened.map((event, index) => `${event.knock.key} ${at(index * 1000)}`).toSorted(),
      );
      expect(new Set(state.runs).size).toBe(state.runs.length);
    }),
    { numRuns: 30, endOnFailure: true }, // Shrinking a thousand events takes minutes.
  );
});
