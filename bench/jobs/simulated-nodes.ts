import type { KubernetesObject } from '@kubernetes/client-node';

/** What platform teams put on nodes that are not for everybody; the platform template of the bench tolerates it. */
export const SIMULATED = { key: 'understudy.dev/simulated', effect: 'NoSchedule' } as const;

/** So many nodes with eight GPUs each, which kwok keeps ready. */
export function simulatedNodes(count: number): KubernetesObject[] {
  const offered = { cpu: '64', memory: '512Gi', pods: '110', 'ephemeral-storage': '2Ti', 'nvidia.com/gpu': '8' };
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `simulated-${index}`,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'kubernetes.io/hostname': `simulated-${index}`, 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' },
    },
    spec: { taints: [SIMULATED] },
    status: { capacity: offered, allocatable: offered },
  }));
}

/** Pods start at once and end well when they carry this label: when their courier has handed in, as on a real node. */
export const HANDED_IN = 'handedin';

/** kwok reads these as its only rules for pods. */
export function podStages(): string {
  const exists = (key: string): object => ({ key, operator: 'Exists' });
  const alive = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
  const inPhase = (phase: string): object => ({ key: '.status.phase', operator: 'In', values: [phase] });
  const runs = { statusTemplate: statusOf('Running', 'running') };
  const ends = { statusTemplate: statusOf('Succeeded', 'terminated') };
  return [
    stage('pod-runs', [alive, inPhase('Pending')], runs),
    stage('pod-ends', [alive, inPhase('Running'), exists(`.metadata.labels.${HANDED_IN}`)], ends),
    stage('pod-leaves', [exists('.metadata.deletionTimestamp')], { delete: true }),
  ]
    .map((one) => JSON.stringify(one))
    .join('\n---\n');
}

function stage(name: string, matchExpressions: readonly object[], next: object): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind: 'Pod' }, selector: { matchExpressions }, next },
  };
}

/** A template in the language of kwok. The trainer began when the pod did; the courier runs beside it. */
function statusOf(phase: string, main: 'running' | 'terminated'): string {
  const over =
    'terminated: { exitCode: 0, reason: Completed, startedAt: {{ $began | Quote }}, finishedAt: {{ Now | Quote }} }';
  const runs = main === 'running';
  const state = runs ? 'running: { startedAt: {{ $began | Quote }} }' : over;
  const container = (its: string): string => `
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: ${runs}
  restartCount: 0
  state: { ${its} }`;
  return `
{{ $began := or .status.startTime Now }}
phase: ${phase}
startTime: {{ $began | Quote }}
conditions:
- { type: Ready, status: "${runs ? 'True' : 'False'}", lastTransitionTime: {{ Now | Quote }} }
containerStatuses:
{{ range .spec.containers }}${container(state)}
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}${container(`{{ if eq (or .restartPolicy "") "Always" }} ${state} {{ else }} ${over} {{ end }}`)}
{{ end }}
`;
}
