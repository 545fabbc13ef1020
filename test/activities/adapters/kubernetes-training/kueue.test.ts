import { describe, expect, test } from '@jest/globals';
import { CLASSIFY_DEFAULTS, classify } from '../../../../activities/adapters/kubernetes-training/classify.ts';
import { queueWords, readWorkload } from '../../../../activities/adapters/kubernetes-training/kueue.ts';
import type { KueueCondition, KueueWorkload } from '../../../../activities/adapters/kubernetes-training/observation.ts';
import { observed, pastOf } from './observed.ts';

const AT = '2026-11-21T14:00:00Z';
const condition = (type: string, status: string, reason: string, message = 'as Kueue says'): KueueCondition => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: AT,
});
const workload = (name: string, conditions: readonly KueueCondition[], team = 'team-x'): KueueWorkload => ({
  metadata: { name, creationTimestamp: AT, labels: { 'understudy.dev/team': team } },
  spec: { queueName: 'gpu-a' },
  status: { conditions },
});

describe('the conditions of a Workload', () => {
  test.each([
    ['WaitingForQuota', 'for quota'],
    ['WaitingForPreemptedWorkloads', 'for preempted workloads to leave'],
    ['WaitingForPodsReady', 'for the pods of an earlier workload'],
    ['PendingEvaluation', 'to be looked at'],
    ['Suspended', 'because the queue is stopped'],
    ['Pending', ', reason Pending'],
    ['SomethingNew', ', reason SomethingNew'],
  ])('QuotaReserved=False with %s waits', (reason, words) => {
    const state = readWorkload(workload('a', [condition('QuotaReserved', 'False', reason)]));
    expect(state).toMatchObject({ kind: 'waiting', since: '2026-11-21T14:00:00.000Z' });
    expect(state).toHaveProperty('why', expect.stringContaining(words));
    expect(state).toHaveProperty('why', expect.stringContaining('as Kueue says'));
  });

  test.each([
    ['ExceedsMaxQuota', 'quota-exceeded'],
    ['NoMatchingFlavor', 'unschedulable'],
    ['TopologyPlacementFailed', 'unschedulable'],
    ['Misconfigured', 'job-invalid'],
    ['Inadmissible', 'job-invalid'],
  ])('QuotaReserved=False with %s fails at once as %s', (reason, code) => {
    const message = `queue gpu-a will not admit the job (${reason}): as Kueue says`;
    const state = readWorkload(workload('a', [condition('QuotaReserved', 'False', reason)]));
    expect(state).toEqual({ kind: 'refused', code, message });
  });

  test.each([
    'Preempted',
    'PodsReadyTimeout',
    'AdmissionCheck',
    'ClusterQueueStopped',
    'LocalQueueStopped',
    'NodeFailures',
  ])('Evicted by %s waits for another admission', (reason) => {
    const conditions = [condition('QuotaReserved', 'False', 'Pending'), condition('Evicted', 'True', reason)];
    expect(readWorkload(workload('a', conditions)).kind).toBe('waiting');
  });

  test.each([
    ['Deactivated', 'preempted'],
    ['MaximumExecutionTimeExceeded', 'deadline'],
    ['RequeuingLimitExceeded', 'queue-deadline'],
    ['DeactivatedDueToRequeuingLimitExceeded', 'queue-deadline'],
  ])('Evicted by %s is the end: %s', (reason, code) => {
    const conditions = [condition('Admitted', 'True', 'Admitted'), condition('Evicted', 'True', reason)];
    expect(readWorkload(workload('a', conditions))).toMatchObject({ kind: 'refused', code });
  });

  test('a Workload that somebody deactivated, open admission checks, and none at all', () => {
    expect(readWorkload({ ...workload('a', []), spec: { queueName: 'gpu-a', active: false } }).kind).toBe('refused');
    const reserved = [condition('QuotaReserved', 'True', 'QuotaReserved')];
    expect(readWorkload(workload('a', reserved))).toMatchObject({ why: expect.stringContaining('admission checks') });
    expect(readWorkload({})).toEqual({ kind: 'waiting', why: 'queue without a name: waits to be looked at' });
  });
});

describe('a queue in words', () => {
  const ours = workload('ours', [condition('QuotaReserved', 'False', 'WaitingForQuota')]);
  const holder: KueueWorkload = {
    ...workload('holder', [condition('QuotaReserved', 'True', 'x'), condition('Admitted', 'True', 'x')]),
    status: {
      conditions: [condition('QuotaReserved', 'True', 'x')],
      admission: { podSetAssignments: [{ resourceUsage: { cpu: '4', 'nvidia.com/gpu': '8' } }] },
    },
  };
  const older = { creationTimestamp: '2026-11-21T13:00:00Z' };
  const ahead = ['b', 'c'].map((name) => ({ ...workload(name, []), metadata: { name, ...older } }));
  const done = workload('d', [condition('QuotaReserved', 'True', 'x'), condition('Finished', 'True', 'x')]);
  const urgent: KueueWorkload = { ...workload('e', []), spec: { queueName: 'gpu-a', priority: 9 } };

  test('who is ahead and who holds the quota', () => {
    const neighbours = [ours, holder, done, ...ahead];
    const seen = observed('created-suspended', { workload: ours, neighbours, quota: { 'nvidia.com/gpu': 8 } });
    expect(queueWords(seen)).toBe('2 ahead, quota 8/8 nvidia.com/gpu used by team-x');
    expect(classify(seen)).toMatchObject({
      kind: 'waiting',
      why: 'queue gpu-a: waits for quota (as Kueue says), 2 ahead, quota 8/8 nvidia.com/gpu used by team-x',
    });
    expect(queueWords({ ...seen, neighbours: [urgent] })).toBe('1 ahead');
    expect(queueWords({ ...seen, neighbours: [] })).toBe('');
  });

  // It was of kind "refused" once, which nobody who watches a Job knows.
  test('a queue that will never admit the Job has failed it, and the Job must go', () => {
    const never = workload('ours', [condition('QuotaReserved', 'False', 'ExceedsMaxQuota')]);
    expect(classify(observed('created-suspended', { workload: never }))).toMatchObject({
      kind: 'failed',
      code: 'quota-exceeded',
      mustRemove: true,
    });
  });

  test('a queue that takes too long ends with what it waited for', () => {
    const policy = { ...CLASSIFY_DEFAULTS, queueDeadlineMs: 0 };
    expect(classify(observed('created-suspended', { workload: ours }), policy)).toMatchObject({
      kind: 'failed',
      code: 'queue-deadline',
      message: expect.stringContaining('queue gpu-a: waits for quota'),
    });
  });
});

test('kubernetes-sigs/jobset#1117: a Kueue preemption is no failure', () => {
  const conditions = [
    condition('QuotaReserved', 'False', 'Pending'),
    condition('Evicted', 'True', 'Preempted'),
    condition('Preempted', 'True', 'InClusterQueue'),
  ];
  const stopped = classify(observed('suspended-while-running', { workload: workload('ours', conditions) }));
  expect(stopped).toMatchObject({ kind: 'waiting', why: expect.stringContaining('preempted by another workload') });
  const past = pastOf('created-suspended', 'suspended-while-running');
  const admitted = workload('ours', [condition('Admitted', 'True', 'Admitted')]);
  const again = observed('resumed', { workload: admitted, past });
  expect(classify(again)).toMatchObject({ kind: 'running', attempt: 1, evictions: 0 });
  const capped = { ...CLASSIFY_DEFAULTS, suspensions: 0 };
  expect(classify(again, capped)).toMatchObject({
    code: 'preempted',
    message: expect.stringContaining('suspended 1 times'),
  });
});
