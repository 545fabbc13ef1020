import { describe, expect, test } from '@jest/globals';
import { attemptOf, attemptPolicyOf, predictionPlacement, placementsOf } from '../../activities/placement.ts';
import { classify } from '../../activities/adapters/kubernetes-training/classify.ts';
import { classifyPolicyOf } from '../../activities/adapters/kubernetes-training/classify-policy.ts';
import { policySchema } from '../../scorecards/policy/schema.ts';
import type { Policy } from '../../scorecards/policy/schema.ts';
import { firstAttempt } from '../../scorecards/training-attempts.ts';
import { present } from '../present.ts';
import { codeOf } from './adapters/kubernetes-training/jobs.ts';
import { observed, pastOf } from './adapters/kubernetes-training/observed.ts';

function policyWith(training: Readonly<Record<string, unknown>>): Policy {
  const data = {
    observations: { path: 'data/*.parquet', time: 'at', id: 'id' },
    labels: { path: 'labels/*.parquet', id: 'id', label: 'late', availableAt: 'known_at' },
  };
  return policySchema.parse({
    apiVersion: 'understudy/v1',
    kind: 'ModelPolicy',
    metadata: { name: 'flights', team: 'operations', costCentre: 'CC-7', owner: 'oncall@operations.example' },
    spec: { data, scorecard: 'scorecard.yaml', training: { command: ['python', 'train.py'], ...training } },
  });
}

const IMAGE = `registry.example/train@sha256:${'a'.repeat(64)}`;

describe('what a prediction asks of a cluster', () => {
  const policy = policyWith({ attempts: { evictions: 6, suspensions: 4, sameStep: 3 } });

  test('TN3: it is repeated after every disruption that the policy allows: there is no checkpoint that it could miss', () => {
    const disruptions = present(predictionPlacement(policy, 'run-1', { image: IMAGE })?.disruptions);
    expect(disruptions).toEqual({ evictions: 6, suspensions: 4, sameStep: 7 });
    const rules = classifyPolicyOf({ queueDeadlineMs: 1, retries: 0, disruptions });
    const [seen, before] = [observed('running'), pastOf('running')];
    const taken = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `pod-${index}`,
          { name: `us-ok-0-x${index}`, gpus: 1, evicted: 'PreemptionByScheduler' },
        ]),
      );
    expect(classify({ ...seen, past: { ...before, pods: taken(6) } }, rules)).toMatchObject({ kind: 'running' });
    expect(classify({ ...seen, past: { ...before, pods: taken(7) } }, rules)).toMatchObject({ code: 'preempted' });
  });

  test('nothing when the version was trained as a process', () => {
    expect(predictionPlacement(policy, 'run-1', {})).toBeUndefined();
  });
});

describe('what a policy asks of a cluster', () => {
  test('TN2: of one Job also names what it belongs to: which training, judged by what, on which snapshot', () => {
    const policy = policyWith({ backend: 'kubernetes', image: IMAGE });
    const lineage = { generation: 1, scorecard: 'sha256:c0', snapshot: 'sha256:5a' };
    const asked = { run: 'run-1', spent: firstAttempt(1024), rules: attemptPolicyOf(policy) };
    expect(attemptOf(policy, { ...asked, lineage }).placement?.lineage).toEqual(lineage);
    expect(attemptOf(policy, asked).placement).not.toHaveProperty('lineage');
  });

  test('is nothing when the trainer is a process', () => {
    expect(placementsOf(policyWith({}), 'run-1')).toEqual([]);
  });

  test('is one placement with the resources, owner and deadlines of the policy', () => {
    const policy = policyWith({ backend: 'kubernetes', image: IMAGE, queue: 'gpu-a', nodes: 2, queueDeadline: '20m' });
    expect(placementsOf(policy, 'run-1')).toEqual([
      {
        image: IMAGE,
        run: 'run-1',
        model: 'flights',
        team: 'operations',
        costCentre: 'CC-7',
        cpu: 2,
        memory: 4 * 1024 ** 3,
        sharedMemory: 0,
        nodes: 2,
        queue: 'gpu-a',
        queueDeadlineMs: 1_200_000,
      },
    ]);
  });

  test('takes a bare number for NVIDIA GPUs of any kind, not on spot nodes', () => {
    const [placement] = placementsOf(policyWith({ backend: 'kubernetes', image: IMAGE, resources: { gpu: 2 } }), 'r');
    expect(placement?.gpu).toEqual({ resource: 'nvidia.com/gpu', count: 2, nodeSelector: {}, spot: false });
  });

  test('TN2: keeps the order of the kinds, each with its own queue deadline', () => {
    const anyOf = [
      { count: 1, nodeSelector: { 'nvidia.com/gpu.product': 'A100' }, queueDeadline: '10m' },
      { resource: 'nvidia.com/mig-3g.40gb', spot: true },
      { claim: 'one-large-gpu' },
    ];
    const policy = policyWith({ backend: 'kubernetes', image: IMAGE, resources: { gpu: { anyOf } } });
    const placements = placementsOf(policy, 'r');
    expect(placements.map(({ gpu, queueDeadlineMs }) => ({ gpu, queueDeadlineMs }))).toEqual([
      {
        gpu: { resource: 'nvidia.com/gpu', count: 1, nodeSelector: { 'nvidia.com/gpu.product': 'A100' }, spot: false },
        queueDeadlineMs: 600_000,
      },
      {
        gpu: { resource: 'nvidia.com/mig-3g.40gb', count: 1, nodeSelector: {}, spot: true },
        queueDeadlineMs: 3_600_000,
      },
      {
        gpu: { resource: 'nvidia.com/gpu', count: 1, nodeSelector: {}, spot: false, claim: 'one-large-gpu' },
        queueDeadlineMs: 3_600_000,
      },
    ]);
  });

  test('without an image is refused by the name of the field', () => {
    expect(codeOf(() => placementsOf(policyWith({ backend: 'kubernetes' }), 'r'))).toEqual([
      'bad-request',
      expect.stringContaining('spec.training.image'),
    ]);
  });
});
