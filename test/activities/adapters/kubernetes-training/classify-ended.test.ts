import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../../activities/adapters/kubernetes-training/classify.ts';
import { known } from '../../../../activities/adapters/kubernetes-training/observation-pods.ts';
import { observed, pastOf, withStatus } from './observed.ts';

describe('a Job that has ended', () => {
  test('Complete is an end, from the first start of a pod', () => {
    const outcome = classify(observed('complete'));
    expect(outcome).toMatchObject({ kind: 'ended', end: { cause: 'exit', exitCode: 0, attempts: 1 } });
  });

  test('SuccessCriteriaMet alone is no end: pods still run', () => {
    const seen = observed('complete');
    const conditions = seen.job?.status?.conditions?.filter(({ type }) => type === 'SuccessCriteriaMet');
    expect(conditions).toHaveLength(1);
    const why = expect.stringContaining('the job ends');
    expect(classify(withStatus(seen, known({ conditions })))).toMatchObject({ kind: 'waiting', why });
  });

  test.each([
    ['exit-64', 'trainer-usage', 64, 'the trainer ended with exit code 64 (usage or contract): usage: train.py'],
    ['exit-65', 'trainer-data', 65, 'the trainer ended with exit code 65 (data invalid): column late is all null'],
    ['exit-77', 'trainer-permission', 77, 'exit code 77 (permission denied)'],
    ['exit-78', 'trainer-configuration', 78, 'exit code 78 (configuration)'],
    ['exit-69-three-times', 'trainer-dependency', 69, 'attempt 1: exit code 69, attempt 2: exit code 69, attempt 3'],
    ['exit-75-three-times', 'trainer-temporary', 75, 'exit code 75 (temporary failure)'],
    ['exit-1-three-times', 'trainer-error', 1, 'ValueError: boom · BackoffLimitExceeded'],
    ['out-of-memory', 'out-of-memory', 137, 'the trainer ran out of memory: limit 1Gi'],
    ['killed-137', 'out-of-memory', 137, 'was killed (137), memory is the usual cause: limit 1Gi'],
  ])('%s is %s', (name, code, exitCode, words) => {
    const outcome = classify(observed(name));
    expect(outcome).toMatchObject({ kind: 'failed', code, exitCode, mustRemove: false });
    expect(outcome).toHaveProperty('message', expect.stringContaining(words));
    expect(outcome).toHaveProperty('message', expect.not.stringContaining('\n'));
  });

  test.each([
    [
      'evicted-own-limit',
      'evicted-own-limit',
      'ephemeral local storage usage exceeds the total limit of containers 1Gi',
    ],
    ['node-device', 'node-device', 'node node-gpu refused us-dev-0-'],
    ['sibling-failed', 'trainer-error', 'exit code 1 (trainer error)'],
  ])('%s is %s, of the pod that failed by itself', (name, code, words) => {
    const outcome = classify(observed(name));
    expect(outcome).toMatchObject({ kind: 'failed', code, attempts: 1 });
    expect(outcome).toHaveProperty('message', expect.stringContaining(words));
  });

  test('the exit code is read from the rule when the pod is gone', () => {
    const gone = { ...observed('exit-65'), pods: [] };
    expect(classify(gone)).toMatchObject({ code: 'trainer-data', exitCode: 65 });
    expect(classify({ ...observed('exit-1-three-times'), pods: [] })).toMatchObject({ code: 'trainer-error' });
  });

  test('137 of a pod that is gone is no lack of memory: such a pod would still be there', () => {
    const outcome = classify({ ...observed('killed-137'), pods: [] });
    expect(outcome).toMatchObject({ kind: 'failed', code: 'trainer-killed', exitCode: 137 });
    expect(outcome).toHaveProperty('message', expect.stringMatching(/^its pod was deleted, and the trainer did not/));
  });

  test('a Job that failed because its namespace takes its pods is as good as gone', () => {
    const gone = { ...observed('killed-137'), namespaceGone: true };
    expect(classify(gone)).toMatchObject({ kind: 'failed', code: 'out-of-memory' });
    expect(classify({ ...gone, pods: [] })).toMatchObject({
      kind: 'vanished',
      message: expect.stringContaining('its namespace was deleted'),
    });
  });

  test('a container that could not be started is a command that was not found', () => {
    const text = JSON.stringify(observed('exit-1-three-times').pods).replaceAll('"Error"', '"StartError"');
    expect(classify({ ...observed('exit-1-three-times'), pods: JSON.parse(text) })).toMatchObject({
      code: 'command-not-found',
    });
  });

  test('TN7: the deadline says limit, elapsed and time suspended', () => {
    expect(classify(observed('deadline'))).toMatchObject({
      kind: 'failed',
      code: 'deadline',
      message: expect.stringMatching(
        /^the job was stopped at its deadline: limit 6 s, \d+ s elapsed, of which 0 s suspended/,
      ),
    });
  });

  test('TN7: a deadline that passed while the Job was suspended says so', () => {
    const past = pastOf('suspended-before-deadline');
    const outcome = classify(observed('deadline-after-suspension', { past }));
    expect(outcome).toHaveProperty(
      'message',
      expect.stringMatching(/limit 8 s, 1\d s elapsed, of which \d+ s suspended.*extend activeDeadlineSeconds/),
    );
  });
});
