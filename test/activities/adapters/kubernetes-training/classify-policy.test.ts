import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../../activities/adapters/kubernetes-training/classify.ts';
import { classifyPolicyOf } from '../../../../activities/adapters/kubernetes-training/classify-policy.ts';
import { later, observed, uidOf } from './observed.ts';

const minutes = (count: number): number => count * 60_000;

describe('what one Job may do', () => {
  test('TN2: an unschedulable pod waits as long as the policy lets its Job wait for a node, and no shorter', () => {
    const [seen, policy] = [observed('unschedulable'), classifyPolicyOf({ queueDeadlineMs: minutes(180), retries: 0 })];
    expect(classify(later(seen, minutes(170)), policy).kind).toBe('waiting');
    expect(classify(later(seen, minutes(181)), policy)).toMatchObject({
      code: 'queue-deadline',
      message: expect.stringMatching(
        /^the job waited 3 h without a running pod, 3 h allowed: no node takes the pod: 0\/5/,
      ),
    });
  });

  test('a pod that replaces one that ran waits for a node as long, and then there is none', () => {
    const seen = observed('unschedulable');
    const ran = {
      a: { name: 'us-a-0-x', gpus: 1, startedAt: '2026-01-01T00:00:00Z', evicted: 'PreemptionByScheduler' },
    };
    const createdAt = '2026-01-01T00:00:00Z';
    const past = { jobUid: uidOf(seen), createdAt, suspensions: 0, suspendedSeconds: 0, pods: ran };
    const policy = classifyPolicyOf({ queueDeadlineMs: minutes(60), retries: 0 });
    expect(classify({ ...later(seen, minutes(50)), past }, policy).kind).toBe('waiting');
    expect(classify({ ...later(seen, minutes(61)), past }, policy)).toMatchObject({ code: 'unschedulable' });
    expect(classifyPolicyOf({ queueDeadlineMs: minutes(1), retries: 0 }).unschedulableGraceMs).toBe(minutes(15));
  });
});
