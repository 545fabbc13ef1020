import { describe, expect, test } from '@jest/globals';
import { computeUse } from '../../../../activities/adapters/kubernetes-training/compute-use.ts';
import { remember } from '../../../../activities/adapters/kubernetes-training/observation-past.ts';
import { present } from '../../../present.ts';
import { altered, later, observed, pastOf, uidOf } from './observed.ts';

const backend = 'kubernetes';
const GIB = 1024 ** 3;

describe('what a Job used', () => {
  test('CO1: seconds in the queue, running and of accelerators, with model and driver of the node', () => {
    expect(computeUse(observed('complete'), { backend })).toEqual({
      backend,
      jobUid: expect.any(String),
      pods: [expect.stringMatching(/^us-ok-0-/)],
      nodes: ['node-gpu'],
      queueSeconds: 0,
      runSeconds: 6,
      gpuSeconds: 3,
      evictions: 0,
      suspensions: 0,
      gpuModel: 'NVIDIA-A100-SXM4-40GB',
      gpuDriver: '550.90.07',
    });
  });

  test('a pod that still runs counts until now; a device claim is counted by what was asked for', () => {
    const seen = later(observed('running'), 10_000);
    expect(computeUse(seen, { backend })?.gpuSeconds).toBe(10);
    expect(computeUse(seen, { backend, accelerators: 4 })?.gpuSeconds).toBe(40);
  });

  test('where nodes may not be read, the node selector of the pod names the model', () => {
    const { nodes: _, ...seen } = observed('running');
    const spec = { containers: [], nodeSelector: { 'nvidia.com/gpu.product': 'L4' } };
    const pods = seen.pods.map((pod) => altered(pod, { spec }));
    const use = computeUse({ ...seen, pods }, { backend });
    expect(use?.gpuModel).toBe('L4');
    expect(use).not.toHaveProperty('gpuDriver');
  });

  test.each([
    ['a GPU', 'nvidia.com/gpu', { 'nvidia.com/gpu.memory': '81920' }, 80 * GIB],
    [
      'a slice of one',
      'nvidia.com/mig-1g.10gb',
      { 'nvidia.com/gpu.memory': '81920', 'nvidia.com/mig-1g.10gb.memory': '9728' },
      9.5 * GIB,
    ],
    [
      'a slice, of which the node does not tell',
      'nvidia.com/mig-1g.10gb',
      { 'nvidia.com/gpu.memory': '81920' },
      undefined,
    ],
    ['a GPU whose label is no number', 'nvidia.com/gpu', { 'nvidia.com/gpu.memory': 'much' }, undefined],
  ])('CO4: the memory of %s is what its node says', (_, resource, labels, bytes) => {
    const seen = observed('running');
    const spec = { containers: [{ name: 'trainer', resources: { limits: { [resource]: '1' } } }] };
    const pods = seen.pods.map((pod) => altered(pod, { spec }));
    const { job: _job, ...rest } = seen;
    const use = computeUse({ ...rest, past: pastOf('running'), pods, nodes: [{ metadata: { labels } }] }, { backend });
    expect(use?.gpuMemoryBytes).toBe(bytes);
  });

  test('CO4: of nodes with different GPUs the smallest counts, and without a node nothing is known', () => {
    const sizes = ['81920', '40960'].map((size) => ({ metadata: { labels: { 'nvidia.com/gpu.memory': size } } }));
    expect(computeUse(observed('running', { nodes: sizes }), { backend })?.gpuMemoryBytes).toBe(40 * GIB);
    expect(computeUse(observed('running', { nodes: [] }), { backend })).not.toHaveProperty('gpuMemoryBytes');
  });

  test('a Job that nobody ever saw used nothing that is known', () => {
    expect(computeUse(observed('vanished'), { backend })).toBeUndefined();
  });

  test('a pod that vanished between two polls ran until it was missed', () => {
    const past = pastOf('running');
    const { job: _, ...seen } = later(observed('running', { past, pods: [] }), 30_000);
    expect(computeUse(seen, { backend })).toMatchObject({ gpuSeconds: 30, pods: [expect.stringMatching(/^us-ok/)] });
  });

  test('a Job that is gone has not run since its pods were missed, however late somebody asks', () => {
    const { job: _, ...missed } = later(observed('running', { past: pastOf('running'), pods: [] }), 30_000);
    const use = computeUse({ ...later(missed, 3600_000), past: present(remember(missed)) }, { backend });
    expect(use).toMatchObject({ ...computeUse(missed, { backend }) });
    expect(use?.runSeconds).toBe(30);
  });

  test('an evicted pod stays in the count after it is gone', () => {
    const past = pastOf('evicted-by-api-terminating', 'evicted-by-api-between');
    const use = computeUse(observed('evicted-by-api-again-running', { past }), { backend });
    expect(use).toMatchObject({ evictions: 1, suspensions: 0 });
    expect(use?.pods).toHaveLength(2);
  });
});

describe('suspensions', () => {
  test('a Job that was created suspended was not suspended', () => {
    expect(pastOf('created-suspended')).toMatchObject({ suspensions: 0, suspendedSeconds: 0 });
  });

  test('one suspension is counted once, however often it is seen, with its time', () => {
    const past = pastOf(
      'created-suspended',
      'suspended-while-running',
      'suspended-while-running',
      'resumed',
      'resumed',
    );
    expect(past).toMatchObject({ suspensions: 1, suspendedSeconds: 3 });
    expect(past).not.toHaveProperty('suspendedAt');
  });

  test('a suspension that fell between two polls is counted when its resume is seen', () => {
    const seen = observed('resumed');
    const jobUid = uidOf(seen);
    const pods = { 'pod-0': { name: 'us-susp-0-x', gpus: 0, startedAt: '2026-11-21T14:30:00.000Z' } };
    const past = { jobUid, createdAt: '2026-11-21T14:29:00.000Z', suspensions: 0, suspendedSeconds: 0, pods };
    const once = remember({ ...seen, past });
    expect(once).toMatchObject({ suspensions: 1, suspendedSeconds: 0 });
    expect(remember({ ...seen, past: { ...past, ...once } })).toMatchObject({ suspensions: 1 });
  });

  test('the past of another Job of the same name is not mixed in', () => {
    const past = pastOf('suspended-while-running');
    expect(remember(observed('running', { past }))).toMatchObject({ suspensions: 0 });
  });
});
