import type { Policy } from '../scorecards/policy/schema.ts';
import { ATTEMPT_DEFAULTS, budgetLeft } from '../scorecards/training-attempts.ts';
import type { AttemptPolicy, AttemptsSpent } from '../scorecards/training-attempts.ts';
import { canonicalJson } from '../scorecards/canonical-json.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { GpuKind, Lineage, Placement } from './ports/training-backend.ts';

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
 * How often a run may start its training again: by the policy, and by the sizes of memory that the platform allows, bytes.
 * Nothing for a process: its supervisor starts it again, and whatever ends it then has ended the training.
 */
export function attemptPolicyOf(policy: Policy, memorySteps: readonly number[] = []): AttemptPolicy | null {
  const { backend, attempts, deadline, resources, retries } = policy.spec.training;
  if (backend !== 'kubernetes') return null;
  const kinds = gpuKinds(resources.gpu);
  return {
    ...ATTEMPT_DEFAULTS,
    ...attempts,
    failures: retries,
    memorySteps: [...memorySteps].toSorted((a, b) => a - b),
    gpuKinds: kinds.length,
    spotKinds: kinds.flatMap(({ spot }, index) => (spot ? [index] : [])),
    deadlineSeconds: deadline / 1000,
  };
}

/**
 * After so many disruptions a Job's controller waits longer and longer before it starts another pod (9, 20, 40, 80 s,
 * measured; kubernetes/kubernetes#130881), while a new Job goes on from the same checkpoint at once.
 */
const EVICTIONS_PER_JOB = 3;

interface AttemptAsked {
  readonly run: string;
  readonly spent: AttemptsSpent;
  readonly rules: AttemptPolicy | null;
  readonly lineage?: Lineage;
}

/** What one Job of a run is given: the kind and memory that the run has come to, and the rest of its budgets. */
export function attemptOf(
  policy: Policy,
  { run, spent, rules, lineage }: AttemptAsked,
): { readonly retries: number; readonly deadlineMs: number; readonly placement?: Placement } {
  const { retries, deadline } = policy.spec.training;
  const placement = placementsOf(policy, run)[spent.gpuKind];
  if (rules === null || placement === undefined) return { retries, deadlineMs: deadline };
  const left = budgetLeft(spent, rules);
  const { suspensions } = left;
  const evictions = Math.min(left.evictions, EVICTIONS_PER_JOB);
  return {
    retries: left.retries,
    deadlineMs: Math.ceil(left.deadlineSeconds * 1000),
    placement: {
      ...placement,
      memory: spent.memory,
      ...(lineage === undefined ? {} : { lineage }),
      disruptions: { evictions, suspensions, sameStep: rules.sameStep },
    },
  };
}

/** Where the program of `data.pull` runs: in its own image with the cores and memory of a training, or as a process. */
export function pullPlacement(policy: Policy, run: string): Placement | undefined {
  const image = policy.spec.data.pull?.image;
  if (image === undefined) return undefined;
  const { training } = policy.spec;
  const alone = { backend: 'kubernetes' as const, image, nodes: 1, resources: { ...training.resources, gpu: 0 } };
  return placementsOf({ ...policy, spec: { ...policy.spec, training: { ...training, ...alone } } }, run)[0];
}

/** How a version was trained, as its record says. */
interface Trained {
  readonly image?: string;
  readonly memory?: number;
  readonly accelerator?: GpuKind;
}

/**
 * Where a version predicts: in the image that its own record names, with what today's policy asks for, and of that the
 * kind of accelerator and the memory with which it could be trained; one that was trained as a process predicts as one.
 */
export function predictionPlacement(
  policy: Policy,
  run: string,
  { image, memory = 0, accelerator }: Trained,
): Placement | undefined {
  if (image === undefined) return undefined;
  const training = { ...policy.spec.training, backend: 'kubernetes' as const, image };
  const all = placementsOf({ ...policy, spec: { ...policy.spec, training } }, run);
  const had = canonicalJson(accelerator ?? null);
  const same = all.find(({ gpu }) => canonicalJson(gpu ?? null) === had) ?? all[0];
  const { evictions, suspensions } = training.attempts;
  // A prediction has no checkpoints: none can be missed, so only the number of interruptions ends it.
  const disruptions = { evictions, suspensions, sameStep: evictions + 1 };
  return same && { ...same, memory: Math.max(same.memory, memory), disruptions };
}
