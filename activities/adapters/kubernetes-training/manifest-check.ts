import { formatDuration } from '../../../scorecards/policy/units.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { GpuKind, Placement, TrainingJob } from '../../ports/training-backend.ts';
import { LABEL_KEY, LABEL_VALUE, labelValue } from './labels.ts';
import { DIGEST_PINNED, RESERVED_ENV } from './manifest-platform.ts';
import type { PlatformTemplate } from './manifest-platform.ts';
import { byteQuantity } from './manifest-quantities.ts';

/** A Job's name becomes a Service's name and, with an index behind it, a host name. */
const JOB_NAME = /^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$/;
const OBJECT_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const EXTENDED_RESOURCE = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const ENV_NAME = /^[A-Za-z_]\w*$/;
/** No way out of the data folder. */
const FILE_NAME = /^(?!.*(^|\/)\.\.?(\/|$))[^/\0][^\0]*$/;

type Problem = readonly [field: string, message: string];

/**
 * Refuses, all at once, what the API server would refuse one by one or what the platform does not allow. Throws
 * `bad-request` for a job that asks for no cluster at all, and `job-invalid` with the fields of the policy otherwise.
 */
export function checkedPlacement(job: TrainingJob, platform: PlatformTemplate): Placement {
  const { placement } = job;
  if (placement === undefined) {
    const message = `job ${job.name} says nothing of where it may run; backend kubernetes expects a placement`;
    throw new PortFailure('bad-request', message, { details: { job: job.name, field: 'placement' } });
  }
  const problems = [
    ...jobProblems(job, platform),
    ...imageProblems(placement, platform),
    ...labelProblems(placement),
    ...sizeProblems(placement, platform),
    ...nameProblems(placement),
    ...gpuProblems(placement, platform),
  ];
  if (problems.length === 0) return placement;
  const said = problems.map(([field, message]) => `${field}: ${message}`).join('; ');
  throw new PortFailure('job-invalid', `job ${job.name} cannot be submitted: ${said}`, {
    details: { job: job.name, fields: problems.map(([field]) => field).join(', ') },
  });
}

function jobProblems(job: TrainingJob, platform: PlatformTemplate): Problem[] {
  const problems: Problem[] = [];
  const { deadline } = platform.ceilings;
  if (!JOB_NAME.test(job.name))
    problems.push(['name', `"${job.name}" is no name of at most 52 characters of [a-z0-9-] that begins with a letter`]);
  if (job.command.length === 0) problems.push(['training.command', 'is empty; expected the program and its arguments']);
  if (job.deadlineMs < 1000) problems.push(['training.deadline', `${job.deadlineMs} ms is below one second`]);
  if (deadline !== undefined && job.deadlineMs > deadline)
    problems.push(['training.deadline', over(formatDuration(job.deadlineMs), formatDuration(deadline))]);
  if (job.graceMs > platform.graceSeconds * 1000)
    problems.push(['training.grace', over(formatDuration(job.graceMs), `${platform.graceSeconds}s`)]);
  for (const name of Object.keys(job.environment)) {
    if (!ENV_NAME.test(name)) problems.push([`environment.${name}`, 'is no name of an environment variable']);
    if (RESERVED_ENV.test(name)) problems.push([`environment.${name}`, 'is set by the product; choose another name']);
  }
  const names = job.spec.files.map((file) => file.name);
  const wrong = names.filter((name, index) => !FILE_NAME.test(name) || names.indexOf(name) !== index);
  return [...problems, ...wrong.map((name): Problem => ['spec.files', `"${name}" is no name of one file below data`])];
}

function imageProblems({ image }: Placement, { requireDigests }: PlatformTemplate): Problem[] {
  if (requireDigests && !DIGEST_PINNED.test(image))
    return [['training.image', `"${image}" is not pinned; expected name@sha256:… with 64 hexadecimal digits`]];
  return /^\S+$/.test(image) ? [] : [['training.image', `"${image}" is no name of an image`]];
}

function labelProblems({ model, team, costCentre }: Placement): Problem[] {
  const texts = { 'metadata.name': model, 'metadata.team': team, 'metadata.costCentre': costCentre };
  return Object.entries(texts).flatMap(([field, text]): Problem[] =>
    text === undefined || labelValue(text) !== ''
      ? []
      : [[field, `"${text}" holds nothing that a label can; expected letters or digits`]],
  );
}

function sizeProblems(placement: Placement, { ceilings }: PlatformTemplate): Problem[] {
  const { cpu, memory, sharedMemory, nodes } = placement;
  const problems: Problem[] = [];
  if (!(cpu > 0)) problems.push(['training.resources.cpu', `${cpu} is not above 0`]);
  if (!(memory > 0)) problems.push(['training.resources.memory', `${memory} is not above 0`]);
  if (!Number.isInteger(nodes) || nodes < 1)
    problems.push(['training.nodes', `${nodes} is not a whole number above 0`]);
  if (sharedMemory < 0 || (sharedMemory > 0 && sharedMemory >= memory)) {
    const message = `${byteQuantity(sharedMemory)} of shared memory count as memory; expected less than ${byteQuantity(memory)}`;
    problems.push(['training.resources.sharedMemory', message]);
  }
  const bounds = [
    ['training.resources.cpu', cpu, ceilings.cpu, String],
    ['training.resources.memory', memory, ceilings.memory, byteQuantity],
    ['training.resources.sharedMemory', sharedMemory, ceilings.sharedMemory, byteQuantity],
    ['training.nodes', nodes, ceilings.nodes, String],
  ] as const;
  const beyond = bounds.flatMap(([field, asked, most, write]): Problem[] =>
    most !== undefined && asked > most ? [[field, over(write(asked), write(most))]] : [],
  );
  return [...problems, ...beyond];
}

function nameProblems({ queue, priorityClass }: Placement): Problem[] {
  const problems: Problem[] = [];
  if (queue !== undefined && (!LABEL_VALUE.test(queue) || !OBJECT_NAME.test(queue)))
    problems.push(['training.queue', `"${queue}" is no name of a LocalQueue`]);
  if (priorityClass !== undefined && !OBJECT_NAME.test(priorityClass))
    problems.push(['training.priorityClass', `"${priorityClass}" is no name of a PriorityClass`]);
  return problems;
}

function gpuProblems({ gpu, nodes }: Placement, { ceilings }: PlatformTemplate): Problem[] {
  if (gpu === undefined) return [];
  const problems: Problem[] = [];
  if (!Number.isInteger(gpu.count) || gpu.count < 1)
    problems.push(['training.resources.gpu', `${gpu.count} is not a whole number above 0`]);
  if (ceilings.gpu !== undefined && gpu.count * nodes > ceilings.gpu) {
    const asked = nodes > 1 ? `${gpu.count} on each of ${nodes} nodes` : String(gpu.count);
    problems.push(['training.resources.gpu', over(asked, String(ceilings.gpu))]);
  }
  return [...problems, ...kindProblems(gpu)];
}

function kindProblems({ resource, claim, nodeSelector }: GpuKind): Problem[] {
  const at = 'training.resources.gpu';
  const problems: Problem[] = [];
  if (claim !== undefined && !OBJECT_NAME.test(claim))
    problems.push([`${at}.claim`, `"${claim}" is no name of a ResourceClaimTemplate`]);
  if (claim === undefined && (!EXTENDED_RESOURCE.test(resource) || /(^|\.)kubernetes\.io\//.test(resource)))
    problems.push([`${at}.resource`, `"${resource}" is no extended resource such as nvidia.com/gpu`]);
  const unfit = Object.entries(nodeSelector).filter(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value));
  return [
    ...problems,
    ...unfit.map(([key, value]): Problem => [`${at}.nodeSelector`, `${key}: "${value}" is no label of a node`]),
  ];
}

function over(asked: string, most: string): string {
  return `${asked} is above the platform's ceiling of ${most}`;
}
