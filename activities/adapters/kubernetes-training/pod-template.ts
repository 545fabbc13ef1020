import type { V1PodSpec, V1Toleration, V1Volume } from '@kubernetes/client-node';
import type { GpuKind, Placement, TrainingJob } from '../../ports/training-backend.ts';
import type { PlatformTemplate } from './manifest-platform.ts';
import { byteQuantity } from './manifest-quantities.ts';
import {
  CLAIM,
  carryContainer,
  dataBytes,
  fetchContainer,
  isClaimed,
  nobody,
  trainerContainer,
} from './pod-template-containers.ts';

export interface PodRequest {
  readonly job: TrainingJob;
  readonly placement: Placement;
  readonly platform: PlatformTemplate;
  readonly trainerSpecSha256: string;
  readonly token?: string;
}

/** The pod of a training Job. What the platform says stands after what the team says, and wins. */
export function podTemplate(request: PodRequest): V1PodSpec {
  const { job, placement, platform } = request;
  const { user } = platform;
  const priorityClassName = platform.priorityClassName ?? placement.priorityClass;
  const nodeSelector = selector(placement.gpu, platform);
  return {
    restartPolicy: 'Never',
    serviceAccountName: platform.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: platform.graceSeconds,
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(platform.imagePullSecrets.length === 0
      ? {}
      : { imagePullSecrets: platform.imagePullSecrets.map((name) => ({ name })) }),
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(placement.nodes === 1 ? {} : together(job.name)),
    ...(isClaimed(placement.gpu)
      ? { resourceClaims: [{ name: CLAIM, resourceClaimTemplateName: placement.gpu.claim }] }
      : {}),
    tolerations: tolerations(placement.gpu, platform),
    securityContext: nobody(user),
    initContainers: [fetchContainer(request), carryContainer(request)],
    containers: [trainerContainer(request)],
    volumes: volumes(job, placement, platform),
  };
}

function selector(gpu: GpuKind | undefined, { nodeSelector, spot }: PlatformTemplate): Record<string, string> {
  return { ...gpu?.nodeSelector, ...(gpu?.spot === true ? spot.nodeSelector : {}), ...nodeSelector };
}

/** Nodes with accelerators are tainted with the vendor's `…/gpu`, also those that offer slices of them. */
function tolerations(gpu: GpuKind | undefined, platform: PlatformTemplate): V1Toleration[] {
  const vendor = gpu === undefined ? undefined : gpu.resource.split('/')[0];
  return [
    ...(vendor === undefined ? [] : [{ key: `${vendor}/gpu`, operator: 'Exists', effect: 'NoSchedule' }]),
    ...(gpu?.spot === true ? platform.spot.tolerations : []),
    ...platform.tolerations,
  ];
}

/** Names for each other, and not all on one node when that can be avoided. */
function together(name: string): Pick<V1PodSpec, 'subdomain' | 'topologySpreadConstraints'> {
  return {
    subdomain: name,
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { 'batch.kubernetes.io/job-name': name } },
      },
    ],
  };
}

function volumes(job: TrainingJob, { sharedMemory }: Placement, { scratch }: PlatformTemplate): V1Volume[] {
  const disk = (name: string, size: number): V1Volume => ({ name, emptyDir: { sizeLimit: byteQuantity(size) } });
  const memory = { name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: byteQuantity(sharedMemory) } };
  return [
    disk('work', scratch),
    disk('data', dataBytes(job)),
    disk('tmp', scratch),
    ...(sharedMemory > 0 ? [memory] : []),
  ];
}
