import { describe, expect, test } from '@jest/globals';
import type { RunEnded, TriggerAnswer, TriggerRequest } from '../../scorecards/trigger.ts';
import { answerTrigger, emptyWatch, runHasEnded, runStarted, sentenceOf } from '../../scorecards/watch.ts';
import type { WatchState } from '../../scorecards/watch.ts';
import { applied } from '../lifecycle/policies.ts';

const MODEL = 'churn';
const NOW = '2001-03-01T00:00:00.000Z';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();

const asked = (change: Partial<TriggerRequest> = {}): TriggerRequest => ({
  kind: 'manual',
  key: 'one',
  asOf: NOW,
  by: 'ana@example',
  ...change,
});
const watching = (triggers: object = { cooldown: '24h', maxRunsPerWeek: 3 }): WatchState => ({
  ...emptyWatch(MODEL),
  applied: applied(MODEL, '/', { triggers }),
});
const ended = (run: string, change: Partial<RunEnded> = {}): RunEnded => ({
  run,
  outcome: 'promoted',
  stage: 'promotion',
  reason: 'it is better',
  trained: true,
  endedAt: NOW,
  ...change,
});

const answerOf = (state: WatchState, request: TriggerRequest, now = NOW) => answerTrigger(state, request, now).answer;
const runOf = (answer: TriggerAnswer): string => ('run' in answer ? answer.run : `no run: ${sentenceOf(answer)}`);

/** One run from its trigger to its end, which is told at once. */
function lived(state: WatchState, request: TriggerRequest, change: Partial<RunEnded> = {}): WatchState {
  const started = answerTrigger(state, request, NOW);
  return runHasEnded(runStarted(started.state), ended(runOf(started.answer), change));
}

describe('what the door answers', () => {
  test('TR1: an idle model starts a run, and the decision waits for its end', () => {
    const { state, answer } = answerTrigger(watching(), asked(), NOW);
    expect(answer).toEqual({ answer: 'started', run: `retrain/${MODEL}/20010301T000000Z-manual` });
    expect(state).toMatchObject({ starting: { run: runOf(answer), receivedAt: NOW }, outbox: [] });
  });

  test.each([
    ['about to start', (state: WatchState) => state],
    ['in flight', runStarted],
  ])('TR1: while a run is %s, another trigger joins it and is recorded as its duplicate', (_, go) => {
    const first = answerTrigger(watching(), asked(), NOW);
    const second = answerTrigger(go(first.state), asked({ key: 'two' }), at(1));
    expect(second.answer).toEqual({ answer: 'joined', run: runOf(first.answer) });
    expect(second.state.outbox).toMatchObject([
      { model: MODEL, trigger: { key: 'two' }, decision: 'duplicate', run: runOf(first.answer), receivedAt: at(1) },
    ]);
  });

  test('TR1: after a training the model cools down, until a time that is named', () => {
    const { state, answer } = answerTrigger(lived(watching(), asked()), asked({ key: 'two', asOf: at(HOUR) }), NOW);
    expect(answer).toEqual({ answer: 'cooling-down', until: at(DAY), reason: `the last training was as of ${NOW}` });
    expect(state.outbox.at(-1)).toMatchObject({ decision: 'suppressed', reason: sentenceOf(answer) });
  });

  test('TR1: without a policy a trigger is suppressed, and the reason says what to do', () => {
    const { state, answer } = answerTrigger(emptyWatch(MODEL), asked(), NOW);
    expect(answer).toEqual({ answer: 'suppressed', reason: expect.stringContaining('understudy apply -f') });
    expect(state.outbox).toMatchObject([{ decision: 'suppressed' }]);
  });

  test('TR1, TR8: a paused model says who paused it and why, whoever asks', () => {
    const paused = { ...watching(), paused: { by: 'bo@example', reason: 'holiday', at: NOW } };
    const retry = asked({ ignoreCooldown: true, retryOf: { run: 'retrain/churn/1', from: 'scorecard' } });
    for (const request of [asked(), asked({ kind: 'check' }), retry]) {
      const { state, answer } = answerTrigger(paused, request, NOW);
      expect(answer).toEqual({ answer: 'paused', by: 'bo@example', reason: 'holiday' });
      expect(state.outbox).toMatchObject([{ decision: 'suppressed', reason: 'paused by bo@example: holiday' }]);
    }
  });

  test('TR8: a run that is in flight ends as always while its model is paused', () => {
    const started = answerTrigger(watching(), asked(), NOW);
    const paused = { ...runStarted(started.state), paused: { by: 'bo@example', reason: 'holiday', at: NOW } };
    const after = runHasEnded(paused, ended(runOf(started.answer)));
    expect(after.active).toBeUndefined();
    expect(after).toMatchObject({ paused: { by: 'bo@example' }, outbox: [{ decision: 'candidate' }] });
  });

  test('alerts start nothing where the policy says so; a person still may', () => {
    const deaf = watching({ alerts: false });
    expect(answerOf(deaf, asked({ kind: 'alert' }))).toEqual({
      answer: 'suppressed',
      reason: 'the policy says triggers.alerts: false',
    });
    expect(answerOf(deaf, asked())).toMatchObject({ answer: 'started' });
  });

  test('an as-of before the last decision is suppressed; the same as-of is not', () => {
    const state = lived(watching(), asked(), { trained: false, outcome: 'no-drift', stage: 'drift' });
    expect(answerOf(state, asked({ key: 'two', asOf: at(-1) }))).toEqual({
      answer: 'suppressed',
      reason: `as-of ${at(-1)} lies before the last decision, made as of ${NOW}`,
    });
    expect(answerOf(state, asked({ key: 'two' }))).toMatchObject({ answer: 'started' });
  });

  test.each([
    ['joined', { answer: 'joined', run: 'r' }, 'joined r, which is already running'],
    ['started', { answer: 'started', run: 'r' }, 'started r'],
    ['cooling down', { answer: 'cooling-down', until: NOW, reason: 'why' }, `cooling down until ${NOW}: why`],
    ['suppressed', { answer: 'suppressed', reason: 'why' }, 'suppressed: why'],
    ['paused', { answer: 'paused', by: 'bo', reason: 'why' }, 'paused by bo: why'],
  ] as const)('the answer %s is one sentence', (_, answer, sentence) => {
    expect(sentenceOf(answer)).toBe(sentence);
  });
});

describe('cooldown and limit', () => {
  const after = (trainings: readonly number[]): WatchState => ({ ...watching(), trained: trainings.map(at) });
  const byPerson = asked({ ignoreCooldown: true, asOf: at(HOUR) });

  test('N14: the cooldown counts data time from the last training, and is over at its very end', () => {
    expect(answerOf(after([0]), asked({ asOf: at(DAY - 1) }))).toMatchObject({
      answer: 'cooling-down',
      until: at(DAY),
    });
    expect(answerOf(after([0]), asked({ asOf: at(DAY) }))).toMatchObject({ answer: 'started' });
  });

  test('N14: a run that did not train starts no cooldown', () => {
    const state = lived(watching(), asked(), { trained: false, outcome: 'no-drift', stage: 'drift' });
    expect(state.trained).toEqual([]);
    expect(answerOf(state, asked({ key: 'two', asOf: at(1) }))).toMatchObject({ answer: 'started' });
  });

  test('N14: the fourth training within seven days is suppressed with both numbers, the next week starts again', () => {
    const thrice = after([0, 2 * DAY, 4 * DAY]);
    expect(answerOf(thrice, asked({ asOf: at(7 * DAY - 1) }))).toEqual({
      answer: 'suppressed',
      reason: '3 trainings within 7 days, the policy allows 3 (triggers.maxRunsPerWeek)',
    });
    expect(answerOf(thrice, asked({ asOf: at(7 * DAY) }))).toMatchObject({ answer: 'started' });
  });

  test('N14: a person may ignore the cooldown and the limit, and the record keeps that', () => {
    const thrice = after([-2, -1, 0]);
    const { state, answer } = answerTrigger(thrice, byPerson, NOW);
    expect(answer).toMatchObject({ answer: 'started' });
    expect(state.starting?.trigger).toMatchObject({ ignoreCooldown: true, by: 'ana@example' });
  });

  test('N14: a retry of a run is not held back by the training that it repeats', () => {
    const retry = asked({ kind: 'retry', asOf: at(-DAY), retryOf: { run: 'retrain/churn/1', from: 'scorecard' } });
    expect(answerOf({ ...after([0]), lastAsOf: NOW }, retry)).toMatchObject({ answer: 'started' });
  });
});

describe('the same trigger twice', () => {
  test('gets the answer of the first and is recorded as a duplicate, even when the run has ended', () => {
    const state = lived(watching(), asked());
    const { answer } = answerTrigger(state, asked(), at(HOUR));
    expect(answer).toEqual({ answer: 'joined', run: state.runs[0] });
  });

  test('is the same within a day; afterwards it is a trigger like any other', () => {
    const state = lived(watching(), asked());
    const later = asked({ asOf: at(2 * DAY) });
    expect(answerOf(state, later, at(DAY - 1))).toMatchObject({ answer: 'joined' });
    expect(answerOf(state, later, at(DAY))).toMatchObject({ answer: 'started' });
  });

  test('is remembered for at most 500 keys, so that the state stays small', () => {
    const keys = Array.from({ length: 600 }, (_, index) => `key-${index}`);
    const full = keys.reduce((state, key) => answerTrigger(state, asked({ key }), NOW).state, emptyWatch(MODEL));
    expect(full.seen.map(({ key }) => key)).toEqual(keys.slice(-500));
  });
});

describe('run ids', () => {
  test('are named by model, data time in UTC, and kind; the same moment again is numbered', () => {
    const free = watching({ cooldown: '0s', maxRunsPerWeek: 100 });
    const moments = ['2001-03-01T02:00:00+02:00', NOW, NOW, at(HOUR)];
    const state = moments.reduce(
      (so, asOf, index) => lived(so, asked({ key: `${index}`, asOf, ignoreCooldown: true })),
      free,
    );
    const first = `retrain/${MODEL}/20010301T000000Z-manual`;
    expect(state.runs).toEqual([first, `${first}-2`, `${first}-3`, `retrain/${MODEL}/20010301T010000Z-manual`]);
  });

  test('are the same for the same state and request', () => {
    expect(answerTrigger(watching(), asked(), NOW)).toEqual(answerTrigger(watching(), asked(), NOW));
  });
});

describe('the end of a run', () => {
  test('of another run, or told twice, changes nothing', () => {
    const started = answerTrigger(watching(), asked(), NOW);
    const active = runStarted(started.state);
    expect(runHasEnded(active, ended('retrain/churn/other'))).toBe(active);
    const over = runHasEnded(active, ended(runOf(started.answer)));
    expect(runHasEnded(over, ended(runOf(started.answer)))).toBe(over);
    expect(runStarted(over)).toBe(over);
  });

  test('records outcome and reason, and unlocks the model', () => {
    const over = lived(watching(), asked(), { outcome: 'rejected', stage: 'scorecard', reason: 'recall fell' });
    expect(over).not.toHaveProperty('active');
    expect(over.outbox).toMatchObject([{ decision: 'gate-failed', outcome: 'rejected', reason: 'recall fell' }]);
    expect(over).toMatchObject({ lastAsOf: NOW, trained: [NOW] });
  });
});
