import { buildJob } from '../../../../activities/adapters/kubernetes-training/manifest.ts';
import { jobFor, platform } from './jobs.ts';

const GIB = 1024 ** 3;
const NVIDIA = { resource: 'nvidia.com/gpu', count: 1, nodeSelector: {}, spot: false };
const SUBMISSION = {
  anchor: { name: 'understudy-anchor-0123456789ab', uid: '8b1f6a0e-0000-4000-8000-000000000001' },
  token: 'token-of-this-job',
};
const BUSY_PLATFORM = {
  serviceAccountName: 'gpu-trainer',
  priorityClassName: 'training',
  imagePullSecrets: ['registry'],
  labels: { 'example.com/pool': 'training' },
  annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
  nodeSelector: { 'kubernetes.io/arch': 'amd64' },
  tolerations: [{ key: 'example.com/dedicated', operator: 'Equal', value: 'training', effect: 'NoSchedule' }],
  env: { HTTPS_PROXY: 'http://proxy.example:3128' },
  ceilings: { gpu: 8, cpu: 64, memory: '256Gi', nodes: 4, deadline: '48h' },
};

/**
 * What is built for each golden file. To write one again, print it, read the difference and save it formatted:
 * npx tsx -e 'import("./test/activities/adapters/kubernetes-training/golden-cases.ts").then(({ GOLDEN }) => console.log(JSON.stringify(GOLDEN.gpu())))'
 */
export const GOLDEN = {
  'cpu-only': () => buildJob(jobFor(), platform(), SUBMISSION),
  gpu: () =>
    buildJob(
      jobFor({
        cpu: 7.5,
        memory: 48 * GIB,
        sharedMemory: 8 * GIB,
        priorityClass: 'research',
        gpu: { ...NVIDIA, count: 2, nodeSelector: { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' } },
      }),
      platform(BUSY_PLATFORM),
      SUBMISSION,
    ),
  'mig-spot': () =>
    buildJob(
      jobFor({ gpu: { ...NVIDIA, resource: 'nvidia.com/mig-1g.10gb', spot: true } }),
      platform({ spot: { nodeSelector: { 'example.com/capacity': 'spot' } } }),
      SUBMISSION,
    ),
  dra: () => buildJob(jobFor({ gpu: { ...NVIDIA, claim: 'one-large-gpu' } }), platform(), SUBMISSION),
  kueue: () =>
    buildJob(
      jobFor({ queue: 'gpu-a', gpu: NVIDIA }),
      platform({ labels: { 'kueue.x-k8s.io/priority-class': 'production' } }),
      SUBMISSION,
    ),
  'four-nodes': () =>
    buildJob(jobFor({ nodes: 4, sharedMemory: GIB, gpu: { ...NVIDIA, count: 2 } }), platform(), SUBMISSION),
} as const;

export function goldenFile(name: string): URL {
  return new URL(`./golden/${name}.json`, import.meta.url);
}
