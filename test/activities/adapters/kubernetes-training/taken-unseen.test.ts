import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../../activities/adapters/kubernetes-training/classify.ts';
import { failedAttempts, remember } from '../../../../activities/adapters/kubernetes-training/observation-past.ts';
import type { JobObservation } from '../../../../activities/adapters/kubernetes-training/observation.ts';
import { present } from '../../../present.ts';
import { altered, later, observed, pastOf, withStatus } from './observed.ts';

const now = new Date();
/** The poll after one that saw the pod run: the pod is gone, and the Job says nothing of it. */
const afterwards = (more: Partial<JobObservation> = {}): JobObservation =>
  later(observed('running', { pods: [], past: pastOf('running'), ...more }), 15_000);
const evictions = (seen: JobObservation) => Object.values(remember(seen)?.pods ?? {}).map(({ evicted }) => evicted);
const condition = (type: string, lastTransitionTime: Date) =>
  withStatus(afterwards(), { conditions: [{ type, status: 'True', lastTransitionTime }] });

test('TN3: an attempt that failed by itself is remembered when its pod is gone, and one that was taken away is none', () => {
  expect(failedAttempts(pastOf('between-attempts'))).toBe(1);
  const gone = observed('between-attempts', { pods: [], past: pastOf('between-attempts') });
  expect(failedAttempts(remember(gone))).toBe(1);
  expect(failedAttempts(pastOf('running', 'evicted-by-api-between'))).toBe(0);
});

describe('a pod that is gone between two polls', () => {
  test('TN3: was taken away, which counts as a disruption at the newest checkpoint', () => {
    const seen = afterwards({ checkpointStep: 7 });
    expect(evictions(seen)).toEqual(['unseen']);
    expect(classify(seen)).toMatchObject({
      kind: 'waiting',
      why: expect.stringMatching(
        /^us-ok-0-\S+ was taken off node \S+ \(it was gone before it could be asked why\), newest checkpoint at step 7; another pod follows, free of charge$/,
      ),
    });
    expect(evictions(later({ ...seen, past: present(remember(seen)) }, 60_000))).toEqual(['unseen']);
  });

  test('is remembered with its reason while the next pod is long in coming', () => {
    const past = pastOf('evicted-by-api-terminating');
    const seen = later(observed('evicted-by-api-terminating', { pods: [], past }), 60_000);
    expect(classify(seen)).toMatchObject({
      kind: 'waiting',
      why: expect.stringMatching(/was taken off node \S+ \(EvictionByEvictionAPI\).* another pod follows/),
    });
  });

  test.each(['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet', 'Suspended'])(
    'was taken by its own Job when that is %s',
    (type) => {
      expect(evictions(condition(type, now))).toEqual([undefined]);
    },
  );

  test('was taken with its Job, or with its namespace', () => {
    const job = present(observed('running').job);
    const deleted = altered(job, { metadata: altered(present(job.metadata), { deletionTimestamp: now }) });
    expect(evictions(afterwards({ job: deleted }))).toEqual([undefined]);
    expect(evictions(afterwards({ namespaceGone: true }))).toEqual([undefined]);
  });

  test('a suspension of before its start took others', () => {
    expect(evictions(condition('Suspended', new Date(0)))).toEqual(['unseen']);
  });
});
