import { describe, expect, test } from '@jest/globals';
import type { V1Node, V1PodSpec, V1ResourceQuota } from '@kubernetes/client-node';
import { demandOf, whyNoNode, whyOverQuota } from '../../../../activities/adapters/kubernetes-preflight/capacity.ts';
import { readQuantity } from '../../../../activities/adapters/kubernetes-preflight/quantity.ts';

const GPU = 'nvidia.com/gpu';

function node(name: string, allocatable: Record<string, string>, more: Partial<V1Node> = {}): V1Node {
  return { metadata: { name, labels: { zone: 'a' } }, status: { allocatable }, ...more };
}

function pod(requests: Record<string, string>, more: Partial<V1PodSpec> = {}): V1PodSpec {
  return { containers: [{ name: 'trainer', resources: { requests } }], ...more };
}

const small = node('small', { cpu: '4', memory: '16Gi' });
const large = node('large', { cpu: '31850m', memory: '64Gi', [GPU]: '2' });

describe('whether a node could ever run a training', () => {
  test('one that has all of it can', () => {
    expect(whyNoNode([small, large], pod({ cpu: '2', memory: '4Gi', [GPU]: '1' }))).toBeUndefined();
  });

  test.each([
    [
      'the accelerator is nowhere',
      [small],
      pod({ cpu: '2', [GPU]: '1' }),
      'no node offers nvidia.com/gpu, asked for are 1',
    ],
    [
      'nobody has so many of them',
      [small, large],
      pod({ [GPU]: '8' }),
      'no node offers 8 nvidia.com/gpu: the largest has 2',
    ],
    [
      'it needs more memory than any machine',
      [small, large],
      pod({ memory: '100Gi' }),
      'no node offers 102400Mi memory: the largest has 65536Mi',
    ],
    [
      'one has the memory and another the cores',
      [node('a', { cpu: '2', memory: '8Gi' }), node('b', { cpu: '8', memory: '2Gi' })],
      pod({ cpu: '4', memory: '4Gi' }),
      'no single node offers all of 4 cpu, 4096Mi memory',
    ],
    [
      'no node has the label',
      [small],
      pod({ cpu: '1' }, { nodeSelector: { zone: 'b' } }),
      'no node has the labels zone=b',
    ],
    [
      'the only one is kept for others',
      [node('own', { cpu: '8' }, { spec: { taints: [{ key: 'team', value: 'x', effect: 'NoSchedule' }] } })],
      pod({ cpu: '1' }),
      'every node that would do is tainted: team:NoSchedule',
    ],
    ['there is no node at all', [], pod({ cpu: '1' }), 'the cluster has no node'],
  ])('%s', (_, nodes, wanted, why) => {
    expect(whyNoNode(nodes, wanted)).toBe(why);
  });

  test('a taint that the pod tolerates, and one that passes by itself, are no obstacle', () => {
    const taints = [
      { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    ];
    const tolerations = [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];
    expect(
      whyNoNode([node('gpu', { cpu: '8' }, { spec: { taints } })], pod({ cpu: '1' }, { tolerations })),
    ).toBeUndefined();
  });

  test('side-cars run beside the trainer and count, what runs before it does not', () => {
    const requests = { cpu: '100m', memory: '256Mi' };
    const initContainers = [
      { name: 'fetch', resources: { requests } },
      { name: 'courier', restartPolicy: 'Always', resources: { requests } },
    ];
    expect(demandOf(pod({ cpu: '2', memory: '1Gi' }, { initContainers }))).toEqual({
      cpu: 2.1,
      memory: 1280 * 1024 ** 2,
    });
  });
});

describe('whether a quota could ever allow a training', () => {
  const quota = (hard: Record<string, string>, more: object = {}): V1ResourceQuota => ({
    metadata: { name: 'team' },
    spec: { hard, ...more },
  });

  test('of several pods all count', () => {
    expect(whyOverQuota([quota({ [`requests.${GPU}`]: '4' })], { [GPU]: 4 }, 1)).toBeUndefined();
    expect(whyOverQuota([quota({ [`requests.${GPU}`]: '4' })], { [GPU]: 4 }, 2)).toBe(
      'the quota team allows 4 requests.nvidia.com/gpu, asked for are 8',
    );
  });

  test('limits, counts and quotas for some pods only say nothing', () => {
    const others = [
      quota({ 'count/jobs.batch': '1', 'limits.cpu': '1' }),
      quota({ cpu: '1' }, { scopes: ['BestEffort'] }),
    ];
    expect(whyOverQuota(others, { cpu: 64 }, 1)).toBeUndefined();
  });
});

test.each([
  ['250m', 0.25],
  ['4Gi', 4 * 1024 ** 3],
  ['65536Ki', 64 * 1024 ** 2],
  ['1e3', 1000],
  ['1.5', 1.5],
  ['2k', 2000],
  ['3Zz', 0],
  ['', 0],
])('the quantity %s is %d', (text, value) => {
  expect(readQuantity(text)).toBe(value);
});
