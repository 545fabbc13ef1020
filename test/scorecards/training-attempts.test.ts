import { describe, expect, test } from '@jest/globals';
import { FAILURES } from '../../activities/failures.ts';
import { ATTEMPT_DEFAULTS, budgetLeft, decideAttempt, firstAttempt } from '../../scorecards/training-attempts.ts';
import type { AttemptFailure, AttemptPolicy, AttemptsSpent } from '../../scorecards/training-attempts.ts';

const GIB = 2 ** 30;
const policy: AttemptPolicy = { ...ATTEMPT_DEFAULTS, memorySteps: [8 * GIB, 16 * GIB], gpuKinds: 2 };
const first = firstAttempt(4 * GIB);
const failure = (type: string, more: Partial<AttemptFailure> = {}): AttemptFailure => ({
  type,
  attempts: 1,
  evictions: 0,
  suspensions: 0,
  ...more,
});
const spent = (more: Partial<AttemptsSpent>): AttemptsSpent => ({ ...first, ...more });

const AGAIN = [
  'Preempted',
  'NodeDeviceError',
  'TrainerDependency',
  'TrainerTemporary',
  'TrainerError',
  'TrainerKilled',
  'OutOfMemory',
  'ImagePullFailed',
  'QueueDeadlineExceeded',
  'Unschedulable',
  'QuotaExceeded',
];

test('every failure type but the listed ones is final, also one that nobody knows', () => {
  const types = [...new Set(Object.values(FAILURES).map(({ type }) => type)), 'Unheard', 'toString'];
  const again = types.filter((type) => decideAttempt(failure(type), first, policy).again);
  expect(again.toSorted()).toEqual(AGAIN.toSorted());
});

describe('budgets', () => {
  test.each([
    ['a first failure', failure('TrainerError'), first, true, '1 failed attempts, 2 may be repeated'],
    ['the last failure allowed', failure('TrainerError'), spent({ failures: 1 }), true, '2 failed attempts'],
    [
      'one failure too many',
      failure('NodeDeviceError'),
      spent({ failures: 2 }),
      false,
      'budget of failures is used up',
    ],
    ['a Job that repeated by itself', failure('TrainerError', { attempts: 3 }), first, false, '3 failed attempts'],
    ['evictions do not use up failures', failure('TrainerError'), spent({ evictions: 19 }), true, '1 failed'],
    ['failures do not use up evictions', failure('Preempted'), spent({ failures: 9 }), true, 'free of charge'],
    ['the last eviction', failure('Preempted', { evictions: 1 }), spent({ evictions: 19 }), false, '20 of 20'],
    ['one eviction before', failure('Preempted', { evictions: 1 }), spent({ evictions: 18 }), true, '19 of 20'],
    ['the last suspension', failure('Preempted', { suspensions: 4 }), spent({ suspensions: 6 }), false, '10 of 10'],
    ['a first image that cannot be pulled', failure('ImagePullFailed'), first, true, 'once more'],
    ['a second one', failure('ImagePullFailed'), spent({ imagePulls: 1 }), false, 'a second time'],
    ['a queue too long', failure('QueueDeadlineExceeded'), first, true, 'kind 2 of 2 accelerators'],
    ['the last queue too long', failure('Unschedulable'), spent({ gpuKind: 1 }), false, 'no other kind'],
    ['a vanished job', failure('JobVanished'), first, false, 'allows no other one'],
  ])('%s', (...[, how, before, again, words]) => {
    const decision = decideAttempt(how, before, policy);
    expect(decision).toMatchObject({ again, sentence: expect.stringContaining(words) });
    expect(decision.spent.generation).toBe(1 + Number(again));
  });

  test.each([
    ['Preempted', { evictions: 1, checkpointStep: 1 }],
    ['Unschedulable', {}],
    ['ImagePullFailed', {}],
  ])('TN3: what failed in a Job that ended as %s is counted, and the next Job has that much less', (type, more) => {
    const decision = decideAttempt(failure(type, { failures: 1, ...more }), spent({ failures: 1 }), policy);
    expect(decision).toMatchObject({ again: true, spent: { failures: 2 } });
    expect(budgetLeft(decision.spent, policy).retries).toBe(0);
    expect(decideAttempt(failure(type, { failures: 2, ...more }), spent({ failures: 1 }), policy)).toMatchObject({
      again: false,
      sentence: `${type}: the budget of failures is used up (3 failed attempts, 2 may be repeated)`,
    });
  });

  test('a failure whose pods are gone is counted from what is remembered of them, and never twice', () => {
    const { spent: after } = decideAttempt(failure('TrainerError', { attempts: 1, failures: 2 }), first, policy);
    expect(after.failures).toBe(2);
  });

  test('the next Job may use what is left', () => {
    const rest = budgetLeft(spent({ failures: 1, evictions: 25, suspensions: 3, runSeconds: 600 }), policy);
    expect(rest).toEqual({ retries: 1, evictions: 0, suspensions: 7, deadlineSeconds: policy.deadlineSeconds - 600 });
  });

  test('TN7: the deadline is one for all Jobs of a run, and time in a queue is not counted', () => {
    const late = spent({ runSeconds: policy.deadlineSeconds - 60 });
    expect(decideAttempt(failure('Preempted', { runSeconds: 59 }), late, policy).again).toBe(true);
    expect(decideAttempt(failure('Preempted', { runSeconds: 60 }), late, policy)).toMatchObject({
      again: false,
      sentence: expect.stringContaining('the deadline is used up'),
    });
    expect(budgetLeft(spent({ runSeconds: 1e9 }), policy).deadlineSeconds).toBe(1);
  });
});

describe('memory', () => {
  test('one step larger, once, where the platform allows it', () => {
    const raised = decideAttempt(failure('OutOfMemory'), first, policy);
    expect(raised).toMatchObject({ again: true, spent: { memory: 8 * GIB, memoryRaised: true, failures: 1 } });
    expect(decideAttempt(failure('OutOfMemory'), raised.spent, policy)).toMatchObject({ again: false });
  });

  test.each([
    ['no step is allowed', first, { ...policy, memorySteps: [] }],
    ['no larger step is left', spent({ memory: 16 * GIB }), policy],
    ['the budget of failures is used up', spent({ failures: 2 }), policy],
  ])('not when %s', (_, before, rules) => {
    expect(decideAttempt(failure('OutOfMemory'), before, rules).again).toBe(false);
  });
});

describe('progress between disruptions', () => {
  const run = (steps: readonly (number | undefined)[]): boolean[] => {
    let now = first;
    return steps.map((step) => {
      const more = step === undefined ? {} : { checkpointStep: step };
      const decision = decideAttempt(failure('Preempted', { evictions: 1, ...more }), now, policy);
      now = decision.spent;
      return decision.again;
    });
  };

  test.each([
    ['a new step each time goes on', [1, 2, 3, 4], [true, true, true, true]],
    ['the third time at one step is the end', [5, 5, 5], [true, true, false]],
    ['a step in between starts the count again', [5, 5, 6, 6], [true, true, true, true]],
    ['no checkpoint at all is one step too', [undefined, undefined, undefined], [true, true, false]],
    ['a first checkpoint is progress', [undefined, undefined, 1], [true, true, true]],
  ])('%s', (_, steps, expected) => {
    expect(run(steps)).toEqual(expected);
  });

  test('Jobs that a queue gives up before they ever ran come to an end, too', () => {
    const givenUp = failure('Preempted', { stuck: 0 });
    const second = decideAttempt(givenUp, decideAttempt(givenUp, first, policy).spent, policy);
    expect(second.again).toBe(true);
    expect(decideAttempt(givenUp, second.spent, policy)).toMatchObject({
      again: false,
      sentence: expect.stringContaining('no progress'),
    });
  });

  test('a Job that was stuck by itself counts as often as it was', () => {
    const stuck = failure('Preempted', { evictions: 3, checkpointStep: 5, stuck: 3 });
    expect(decideAttempt(stuck, first, policy).again).toBe(false);
  });
});

test.each([
  ['a later kind on nodes that stay', { gpuKinds: 3, spotKinds: [0, 1] }, 2, 'kind 3 of 3 accelerators, which nobody'],
  ['the same kind when all can be taken away', { gpuKinds: 2, spotKinds: [0, 1] }, 0, 'free of charge'],
  ['the same kind when it stays', { gpuKinds: 2, spotKinds: [1] }, 0, 'free of charge'],
])('after a preemption %s is tried', (_, kinds, gpuKind, words) => {
  const decision = decideAttempt(failure('Preempted', { evictions: 4, checkpointStep: 9 }), first, {
    ...policy,
    ...kinds,
  });
  expect(decision).toMatchObject({ again: true, spent: { gpuKind }, sentence: expect.stringContaining(words) });
});

test('a vanished job may be followed by one other of another name, when the policy says so', () => {
  const rules = { ...policy, afterVanished: true };
  const once = decideAttempt(failure('JobVanished'), first, rules);
  expect(once).toMatchObject({ again: true, spent: { generation: 2 } });
  expect(decideAttempt(failure('JobVanished'), once.spent, rules).again).toBe(false);
});
