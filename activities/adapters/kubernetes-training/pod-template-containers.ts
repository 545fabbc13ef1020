import type {
  V1Container,
  V1EnvVar,
  V1PodSecurityContext,
  V1SecurityContext,
  V1VolumeMount,
} from '@kubernetes/client-node';
import type { GpuKind, Placement, TrainingJob } from '../../ports/training-backend.ts';
import { COURIER_PORT, POD_PATHS } from './manifest-paths.ts';
import type { PlatformTemplate } from './manifest-platform.ts';
import { byteQuantity, cpuQuantity, mebibytes } from './manifest-quantities.ts';

/** Names of the containers of a training pod; `courier` is the side-car, `fetch` runs before everything. */
export const CONTAINERS = { trainer: 'trainer', fetch: 'fetch', courier: 'courier' } as const;
/** What a pod's only DRA claim is called inside the pod. */
export const CLAIM = 'accelerator';
/** torchrun's own default. */
export const MASTER_PORT = 29_500;

const COURIER = 'node /opt/understudy/dist/activities/adapters/kubernetes-training/courier-main.js'.split(' ');
const COURIER_DISK = 1024 ** 3;

/** Pod Security "restricted", and a root file system that nobody writes to. */
export const RESTRICTED: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};

/** The same of the whole pod: its volumes belong to this user, and all its containers are of it. */
export function nobody(user: number): V1PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** What the user's own container sees of the volumes; the courier alone writes the data. */
export function userMounts(): V1VolumeMount[] {
  return COURIER_MOUNTS.map((mount) => (mount.name === 'data' ? { ...mount, readOnly: true } : { ...mount }));
}

const COURIER_MOUNTS = [
  { name: 'work', mountPath: POD_PATHS.root },
  { name: 'data', mountPath: POD_PATHS.data },
  { name: 'tmp', mountPath: '/tmp' },
];

interface Pod {
  readonly job: TrainingJob;
  readonly placement: Placement;
  readonly platform: PlatformTemplate;
  /** Digest of the spec file that the exchange serves. */
  readonly trainerSpecSha256: string;
  /** Absent while the manifest is hashed. */
  readonly token?: string;
}

export function trainerContainer({ job, placement, platform }: Pod): V1Container {
  return {
    name: CONTAINERS.trainer,
    image: placement.image,
    imagePullPolicy: 'IfNotPresent',
    command: [...job.command],
    env: environment({
      HOME: '/tmp',
      ...job.environment,
      ...rendezvous(job.name, placement.nodes),
      ...platform.env,
      UNDERSTUDY_SPEC: POD_PATHS.spec,
      UNDERSTUDY_CHECKPOINTS: POD_PATHS.checkpoints,
      UNDERSTUDY_PROGRESS: POD_PATHS.progress,
    }),
    resources: trainerResources(job, placement, platform),
    securityContext: RESTRICTED,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      ...userMounts(),
      ...(placement.sharedMemory > 0 ? [{ name: 'shared-memory', mountPath: '/dev/shm' }] : []),
    ],
  };
}

/** Downloads the spec and its files before the trainer starts and checks every digest. */
export function fetchContainer(pod: Pod): V1Container {
  return { ...courierContainer(pod.platform, errandOf(pod, 'fetch')), name: CONTAINERS.fetch };
}

/**
 * Carries progress and checkpoints out while the trainer runs, and its results when it has ended. A native side-car: it
 * gets its SIGTERM only after the trainer has left, and the Job's outcome does not wait for it.
 */
export function carryContainer(pod: Pod): V1Container {
  const courier = courierContainer(pod.platform, errandOf(pod, 'carry'));
  // The trainer starts after it: one that ends at once would be over before the courier can hear of it.
  const startupProbe = { tcpSocket: { port: COURIER_PORT }, periodSeconds: 1, failureThreshold: 300 };
  return { ...courier, name: CONTAINERS.courier, restartPolicy: 'Always', startupProbe };
}

function errandOf({ job, trainerSpecSha256, token }: Pod, action: Errand['action']): Errand {
  return { action, job: job.name, specSha256: trainerSpecSha256, ...(token === undefined ? {} : { token }) };
}

/** What a courier does, and for whom. */
export interface Errand {
  readonly action: 'fetch' | 'carry' | 'log';
  /** The name under which the exchange knows what the pod works for. */
  readonly job: string;
  /** Digest of the spec file that the exchange serves. */
  readonly specSha256: string;
  /** Good for this job only, and never given to the user's own container. Absent while a manifest is hashed. */
  readonly token?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The container that brings data into a pod or carries results out; without a name. */
export function courierContainer(platform: PlatformTemplate, errand: Errand): Omit<V1Container, 'name'> {
  const { action, job, specSha256, token } = errand;
  const { image, exchange, cpu, memory } = platform.courier;
  const amounts = {
    cpu: cpuQuantity(cpu),
    memory: byteQuantity(memory),
    'ephemeral-storage': byteQuantity(COURIER_DISK),
  };
  return {
    image,
    imagePullPolicy: 'IfNotPresent',
    command: [...COURIER, action],
    env: environment({
      ...platform.env,
      ...errand.env,
      EXCHANGE_URL: exchange,
      EXCHANGE_JOB: job,
      EXCHANGE_SPEC_SHA256: specSha256,
      ...(token === undefined ? {} : { EXCHANGE_TOKEN: token }),
    }),
    resources: { requests: amounts, limits: { ...amounts } },
    securityContext: RESTRICTED,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: COURIER_MOUNTS.map(({ name, mountPath }) => ({ name, mountPath })),
  };
}

/** Requests equal limits: the pod is "Guaranteed", the last to go when a node runs short. */
function trainerResources(job: TrainingJob, placement: Placement, platform: PlatformTemplate) {
  const { cpu, memory, gpu } = placement;
  const amounts = {
    cpu: cpuQuantity(cpu),
    memory: byteQuantity(memory),
    'ephemeral-storage': byteQuantity(platform.scratch + dataBytes(job)),
    ...(gpu === undefined || gpu.claim !== undefined ? {} : { [gpu.resource]: String(gpu.count) }),
  };
  const claims = isClaimed(gpu) ? { claims: [{ name: CLAIM }] } : {};
  return { requests: amounts, limits: { ...amounts }, ...claims };
}

export function isClaimed(gpu: GpuKind | undefined): gpu is GpuKind & { readonly claim: string } {
  return gpu?.claim !== undefined;
}

/** What the volume for data must hold; files round up to blocks. */
export function dataBytes({ spec }: TrainingJob): number {
  const slack = 64 * 1024 ** 2;
  return mebibytes(spec.files.reduce((sum, file) => sum + file.bytes, slack));
}

/** How pods that train together find the first of them; a pod's rank is in JOB_COMPLETION_INDEX. */
function rendezvous(name: string, nodes: number): Record<string, string> {
  if (nodes === 1) return {};
  return { MASTER_ADDR: `${name}-0.${name}`, MASTER_PORT: String(MASTER_PORT), PET_NNODES: String(nodes) };
}

/** In the order of their names, so that a manifest is the same every time. */
export function environment(values: Readonly<Record<string, string>>): V1EnvVar[] {
  return Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
}
