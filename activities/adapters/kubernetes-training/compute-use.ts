import type { ComputeUse } from '../../ports/training-backend.ts';
import type { JobObservation, JobPast, PodPast } from './observation.ts';
import { evictedPods, remember } from './observation-past.ts';
import { gpuLimits, msOf } from './observation-pods.ts';

/** Labels of the GPU feature discovery, newest first. */
const MODEL_LABELS = ['nvidia.com/gpu.product', 'amd.com/gpu.product-name', 'cloud.google.com/gke-accelerator'];
const DRIVER_LABELS = ['nvidia.com/cuda.driver-version.full', 'nvidia.com/cuda.driver.version'];

/**
 * What the Job used so far, in seconds; a pod that still runs counts until `now`. `accelerators` is for devices that
 * are no extended resource of the pod (DRA): how many each pod held. A Job that nobody ever saw used nothing that is
 * known: `undefined`.
 */
export function computeUse(
  observation: JobObservation,
  options: { backend: string; accelerators?: number },
): ComputeUse | undefined {
  const past = remember(observation);
  if (past === undefined) return undefined;
  const pods = Object.values(past.pods);
  const model = labelOf(observation, MODEL_LABELS);
  const driver = labelOf(observation, DRIVER_LABELS);
  const memory = memoryOf(observation);
  return {
    backend: options.backend,
    jobUid: past.jobUid,
    pods: pods.map((pod) => pod.name),
    nodes: [...new Set(pods.flatMap((pod) => pod.node ?? []))],
    ...spans(past, observation),
    gpuSeconds: pods.reduce(
      (sum, pod) => sum + runningSeconds(pod, observation.now) * (options.accelerators ?? pod.gpus),
      0,
    ),
    evictions: evictedPods(past).length,
    suspensions: past.suspensions,
    ...(model === undefined ? {} : { gpuModel: model }),
    ...(driver === undefined ? {} : { gpuDriver: driver }),
    ...(memory === undefined ? {} : { gpuMemoryBytes: memory }),
  };
}

/** Seconds in which the pod's trainer ran. */
export function runningSeconds(pod: PodPast, now: Date): number {
  const from = msOf(pod.startedAt);
  if (from === undefined) return 0;
  return Math.max(0, ((msOf(pod.endedAt) ?? now.getTime()) - from) / 1000);
}

function spans(past: JobPast, { job, now }: JobObservation): { queueSeconds: number; runSeconds: number } {
  const created = msOf(past.createdAt) ?? now.getTime();
  const starts = Object.values(past.pods).flatMap((pod) => msOf(pod.startedAt) ?? []);
  const ended = job?.status?.conditions?.find(
    (one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True',
  );
  const end = msOf(ended?.lastTransitionTime) ?? (job === undefined ? lastSeen(past) : undefined) ?? now.getTime();
  const first = starts.length === 0 ? end : Math.min(...starts);
  return {
    queueSeconds: Math.max(0, (first - created) / 1000),
    runSeconds: Math.max(0, (end - first) / 1000),
  };
}

/** When the last pod of a Job that is gone ended or was missed: however late somebody asks, it has not run since. */
function lastSeen({ pods }: JobPast): number | undefined {
  const ends = Object.values(pods).flatMap((pod) => msOf(pod.endedAt) ?? []);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** From the nodes; where our Role may not read them, from what the pod demanded of its node. */
function labelOf({ nodes, pods }: JobObservation, names: readonly string[]): string | undefined {
  const labels = [...(nodes ?? []).map((node) => node.metadata?.labels), ...pods.map((pod) => pod.spec?.nodeSelector)];
  return names.flatMap((name) => labels.flatMap((one) => one?.[name] ?? [])).at(0);
}

/**
 * Bytes of one accelerator of the kind that the Job asks for: the GPU feature discovery writes mebibytes into
 * `nvidia.com/gpu.memory`, and those of a slice into `nvidia.com/mig-1g.10gb.memory`. Of several nodes the smallest counts.
 */
function memoryOf({ job, nodes = [], pods }: JobObservation): number | undefined {
  const specs = [job?.spec?.template.spec, ...pods.map((pod) => pod.spec)];
  const [resource] = specs.flatMap(gpuLimits).map(([name]) => name);
  const sizes = nodes.map((node) => Number(node.metadata?.labels?.[`${resource}.memory`])).filter((size) => size > 0);
  return sizes.length === 0 ? undefined : Math.min(...sizes) * 1024 ** 2;
}
