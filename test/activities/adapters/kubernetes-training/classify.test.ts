import { describe, expect, test } from '@jest/globals';
import {
  CLASSIFY_DEFAULTS,
  classify,
  needsEvents,
} from '../../../../activities/adapters/kubernetes-training/classify.ts';
import { present } from '../../../present.ts';
import { altered, atCreation, later, observed, pastOf, uidOf, withStatus } from './observed.ts';

const minutes = (count: number): number => count * 60_000;

describe('a Job that goes on', () => {
  test('a running pod is running, with its start and attempt', () => {
    const seen = observed('running');
    expect(classify(seen)).toEqual({
      kind: 'running',
      startedAt: expect.stringMatching(/^2026-/),
      attempt: 1,
      evictions: 0,
    });
  });

  test('the second attempt is counted from the pods, not from status.failed', () => {
    const seen = observed('second-attempt');
    expect(classify(seen)).toMatchObject({ kind: 'running', attempt: 2 });
    expect(classify(withStatus(seen, { failed: 7 }))).toMatchObject({ kind: 'running', attempt: 2 });
  });

  test('between two attempts it waits and says why', () => {
    expect(classify(observed('between-attempts'))).toMatchObject({
      kind: 'waiting',
      why: 'the trainer ended with exit code 1 (trainer error); attempt 2 of 3 follows',
    });
  });

  test('one of two pods is not running yet', () => {
    const why = expect.stringMatching(/^1 of 2 pods run; us-multi-1-\w+ waits to be started by node-a$/);
    expect(classify(observed('one-of-two-running'))).toMatchObject({ kind: 'waiting', why });
  });

  test.each([
    ['scheduling-gated', 'held back by a scheduling gate: Scheduling is blocked due to non-empty scheduling gates'],
    ['created-suspended', 'the job is suspended: it waits for its queue, or for somebody to resume it'],
    ['suspended-while-running', 'the job is suspended after it ran: it waits for its queue'],
    ['deadline-stopping', 'the job ends (DeadlineExceeded: Job was active longer than specified deadline)'],
    ['sibling-failed-stopping', 'the job ends (BackoffLimitExceeded'],
    ['being-deleted', 'the job is being deleted by somebody else'],
  ])('%s is waiting, in words', (name, words) => {
    expect(classify(observed(name))).toMatchObject({ kind: 'waiting', why: expect.stringContaining(words) });
  });

  test('it is asked for events once a Job has had no pod for 30 s', () => {
    const seen = { ...observed('pod-security'), events: [] };
    const fresh = atCreation(seen);
    expect([needsEvents(fresh), needsEvents(later(fresh, 30_000))]).toEqual([false, true]);
    expect(needsEvents(later(observed('running'), minutes(9)))).toBe(false);
    expect(classify(seen)).toMatchObject({ why: 'no pod has been created yet, and no event says why' });
  });
});

describe('a Job that cannot start', () => {
  test('the grace of an image begins when its turn comes, not while another container fetches data', () => {
    const seen = later(observed('image-pull-back-off'), minutes(4));
    const fetched = { name: 'fetch', image: 'x', imageID: 'x', ready: true, restartCount: 0 };
    const state = { terminated: { exitCode: 0, finishedAt: new Date(seen.now.getTime() - minutes(2)) } };
    const pods = seen.pods.map((pod) =>
      altered(pod, { status: altered(present(pod.status), { initContainerStatuses: [{ ...fetched, state }] }) }),
    );
    expect(classify({ ...seen, pods })).toMatchObject({ kind: 'waiting' });
    expect(classify(later({ ...seen, pods }, minutes(2)))).toMatchObject({ kind: 'failed', code: 'image-pull' });
  });

  test('kubeflow/pipelines#12973: a bad image is never shown as running', () => {
    for (const name of ['invalid-image-name', 'never-pulled', 'image-pull-back-off']) {
      expect(classify(observed(name)).kind).not.toBe('running');
    }
    expect(classify(later(observed('image-pull-back-off'), minutes(4)))).toMatchObject({
      kind: 'failed',
      code: 'image-pull',
      mustRemove: true,
      message: expect.stringMatching(/image registry\.example\/flights@sha256:abab.*failed to pull.*not found/),
    });
  });

  test('pods that cannot be created are never shown as running', () => {
    const outcomes = ['pod-security', 'quota', 'limit-range', 'no-service-account'].map((name) =>
      classify(observed(name)),
    );
    expect(outcomes).toMatchObject([
      { kind: 'failed', code: 'pod-security' },
      { kind: 'failed', code: 'quota-exceeded' },
      { kind: 'failed', code: 'job-invalid' },
      { kind: 'failed', code: 'job-invalid' },
    ]);
  });

  test.each([
    ['invalid-image-name', 'image-or-config', 'registry.example/Flights:'],
    ['secret-missing', 'image-or-config', 'secret "mlflow-credentials" not found'],
    ['key-missing', 'image-or-config', "couldn't find key password in Secret train/mlflow-credentials"],
    ['never-pulled', 'image-or-config', 'Container image "flights:1" is not present'],
    ['pod-security', 'pod-security', 'runAsNonRoot != true'],
    ['limit-range', 'job-invalid', 'maximum memory usage per Container is 1Gi, but limit is 4Gi'],
    ['no-service-account', 'job-invalid', 'serviceaccount "absent" not found'],
  ])('%s fails at once as %s', (name, code, words) => {
    const outcome = classify(observed(name));
    expect(outcome).toMatchObject({ kind: 'failed', code, mustRemove: true });
    expect(outcome).toHaveProperty('message', expect.stringContaining(words));
  });

  test('every field that Pod Security refuses is named', () => {
    const fields = /allowPrivilegeEscalation.*unrestricted capabilities.*runAsNonRoot.*seccompProfile/;
    expect(classify(observed('pod-security'))).toHaveProperty('message', expect.stringMatching(fields));
  });

  test('a quota that can never hold the request fails with its four numbers', () => {
    expect(classify(observed('quota'))).toHaveProperty(
      'message',
      'quota gpu-team-x is exceeded: requested requests.memory=4Gi,requests.nvidia.com/gpu=1, ' +
        'used requests.memory=0,requests.nvidia.com/gpu=0, hard requests.memory=2Gi,requests.nvidia.com/gpu=0; ' +
        'requests.memory and requests.nvidia.com/gpu can never fit',
    );
  });

  test('a quota that others hold is waiting, until the queue deadline', () => {
    const seen = observed('quota');
    const text = 'is forbidden: exceeded quota: x, requested: pods=1, used: pods=8, limited: pods=8';
    const events = seen.events.map((event) => altered(event, { message: `pods "us-quota-0-1" ${text}` }));
    const why = 'quota x is exceeded: requested pods=1, used pods=8, hard pods=8';
    expect(classify({ ...seen, events })).toMatchObject({ kind: 'waiting', why });
    expect(classify(later({ ...seen, events }, minutes(24 * 60)))).toMatchObject({
      kind: 'failed',
      code: 'queue-deadline',
      message: expect.stringContaining(why),
    });
  });

  test('FailedCreate events of before the newest pod or a resume are history', () => {
    const events = observed('quota').events;
    expect(classify(observed('between-attempts', { events: [] })).kind).toBe('waiting');
    const old = events.map((event) => altered(event, { lastTimestamp: new Date(0) }));
    expect(classify(observed('between-attempts', { events: old })).kind).toBe('waiting');
  });

  test('kubeflow/pipelines#13401: an unschedulable pod waits for its grace, then fails with the words of the scheduler', () => {
    const seen = observed('unschedulable');
    const words = /no node takes the pod: 0\/5 nodes are available: 5 Insufficient nvidia\.com\/gpu/;
    expect(classify(later(seen, minutes(14)))).toMatchObject({ kind: 'waiting', why: expect.stringMatching(words) });
    expect(classify(later(seen, minutes(16)))).toMatchObject({
      kind: 'failed',
      code: 'unschedulable',
      message: expect.stringMatching(words),
    });
    const hurried = { ...CLASSIFY_DEFAULTS, queueDeadlineMs: minutes(5) };
    expect(classify(later(seen, minutes(6)), hurried)).toMatchObject({ kind: 'failed', code: 'queue-deadline' });
  });
});

describe('a Job whose pods are taken away', () => {
  test.each([
    ['evicted-by-api-terminating', 'EvictionByEvictionAPI', 'node-'],
    ['preempted-by-scheduler', 'PreemptionByScheduler', 'node-p'],
    ['deleted-by-taint-manager', 'DeletionByTaintManager', 'node-t'],
    ['terminated-by-kubelet', 'TerminationByKubelet', 'node-'],
    ['node-gone', 'DeletionByPodGC', 'node-g'],
  ])('TN3: %s is waiting, free of charge, with reason, node and checkpoint', (name, reason, node) => {
    const outcome = classify(observed(name, { checkpointStep: 1200 }));
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect(outcome).toHaveProperty(
      'why',
      expect.stringMatching(new RegExp(`off node ${node}\\S* \\(${reason}: .*step 1200; another pod follows`)),
    );
  });

  test('TN3: the pod after an eviction is still the first attempt', () => {
    const past = pastOf('evicted-by-api-terminating', 'evicted-by-api-between');
    expect(classify(observed('evicted-by-api-again-running', { past }))).toMatchObject({
      kind: 'running',
      attempt: 1,
      evictions: 1,
    });
  });

  const disrupted = (steps: readonly (number | undefined)[]): ReturnType<typeof observed> => {
    const seen = observed('running');
    const pods = steps.map((step, index) => [
      `pod-${index}`,
      { name: `us-ok-0-x${index}`, gpus: 1, evicted: 'PreemptionByScheduler', ...(step === undefined ? {} : { step }) },
    ]);
    const jobUid = uidOf(seen);
    const none = { createdAt: '2026-11-21T14:00:00Z', suspensions: 0, suspendedSeconds: 0 };
    return { ...seen, past: { jobUid, ...none, pods: Object.fromEntries(pods) } };
  };

  test('three disruptions in a row at one step end it: there is no progress', () => {
    expect(classify(disrupted([10, 20, 20])).kind).toBe('running');
    expect(classify(disrupted([10, 20, 20, 20]))).toMatchObject({
      code: 'preempted',
      message: expect.stringContaining('disrupted 3 times in a row at step 20'),
    });
    expect(classify(disrupted([undefined, undefined, undefined]))).toMatchObject({
      code: 'preempted',
      message: expect.stringContaining('without any checkpoint'),
    });
  });

  test('more disruptions than allowed end it although it made progress', () => {
    const steps = Array.from({ length: 21 }, (_, index) => index);
    expect(classify(disrupted(steps.slice(1))).kind).toBe('running');
    expect(classify(disrupted(steps))).toMatchObject({ code: 'preempted', mustRemove: true });
  });
});

describe('a Job that is gone', () => {
  test('kubeflow/trainer#3737: a vanished job is never started again', () => {
    const past = pastOf('running');
    const outcome = classify(observed('vanished', { past }));
    expect(outcome).toMatchObject({ kind: 'vanished', message: expect.stringContaining('somebody deleted it') });
    expect(outcome).not.toHaveProperty('mustRemove');
  });

  test('a namespace that was deleted is named as the cause', () => {
    const leaving = observed('namespace-leaving');
    expect(classify(leaving)).toMatchObject({ kind: 'waiting', why: expect.stringContaining('with its namespace') });
    const { job: _, ...gone } = leaving;
    expect(classify(gone)).toMatchObject({
      kind: 'vanished',
      message: expect.stringContaining('its namespace was deleted'),
    });
  });
});
