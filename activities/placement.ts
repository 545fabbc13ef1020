import type { Policy } from '../scorecards/policy/schema.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { GpuKind, Placement } from './ports/training-backend.ts';

/**
 * What a policy asks of a cluster for one run: a placement per kind of accelerator, in the order they are to be tried;
 * one without accelerator when none is asked for; none when the trainer is a process of the worker's machine.
 * Throws `bad-request` when the policy names no image.
 */
export function placementsOf(policy: Policy, run: string): readonly Placement[] {
  const { training } = policy.spec;
  if (training.backend !== 'kubernetes') return [];
  const { metadata } = policy;
  if (training.image === undefined) {
    const message = `spec.training.image of ${metadata.name} is missing; backend kubernetes expects name@sha256:…`;
    throw new PortFailure('bad-request', message, { details: { field: 'spec.training.image' } });
  }
  const { cpu, memory, sharedMemory = 0 } = training.resources;
  const base: Placement = {
    image: training.image,
    run,
    model: metadata.name,
    ...(metadata.team === undefined ? {} : { team: metadata.team }),
    ...(metadata.costCentre === undefined ? {} : { costCentre: metadata.costCentre }),
    cpu,
    memory,
    sharedMemory,
    nodes: training.nodes,
    ...(training.queue === undefined ? {} : { queue: training.queue }),
    ...(training.priorityClass === undefined ? {} : { priorityClass: training.priorityClass }),
    queueDeadlineMs: training.queueDeadline,
  };
  const kinds = gpuKinds(training.resources.gpu);
  if (kinds.length === 0) return [base];
  return kinds.map(({ queueDeadline, ...gpu }) => ({
    ...base,
    gpu,
    queueDeadlineMs: queueDeadline ?? training.queueDeadline,
  }));
}

type Asked = Policy['spec']['training']['resources']['gpu'];

function gpuKinds(asked: Asked): readonly (GpuKind & { readonly queueDeadline?: number })[] {
  if (asked === 0) return [];
  if (typeof asked === 'number') return [{ resource: 'nvidia.com/gpu', count: asked, nodeSelector: {}, spot: false }];
  return asked.anyOf.map(({ claim, queueDeadline, ...kind }) => ({
    ...kind,
    ...(claim === undefined ? {} : { claim }),
    ...(queueDeadline === undefined ? {} : { queueDeadline }),
  }));
}

/**
 * Where a version predicts: in the image that its own record names, with what today's policy asks for; a version that was
 * trained as a process predicts as one.
 */
export function predictionPlacement(policy: Policy, run: string, image: string | undefined): Placement | undefined {
  if (image === undefined) return undefined;
  const training = { ...policy.spec.training, backend: 'kubernetes' as const, image };
  return placementsOf({ ...policy, spec: { ...policy.spec, training } }, run)[0];
}
