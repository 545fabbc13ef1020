import type { V1Job, V1PodSpec } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import type { Policy } from '../../../scorecards/policy/schema.ts';
import { placementsOf, pullPlacement } from '../../placement.ts';
import { PortFailure } from '../../ports/port-failure.ts';
import type { PreflightFinding } from '../../ports/preflight.ts';
import type { Placement, TrainingJob } from '../../ports/training-backend.ts';
import { anchorName } from '../kubernetes/anchor.ts';
import { isNamespaceGone } from '../kubernetes/errors.ts';
import { buildJob } from '../kubernetes-training/manifest.ts';
import type { PlatformTemplate } from '../kubernetes-training/manifest-platform.ts';
import type { PreflightApi } from './api.ts';
import { lineWithDigest } from './pinned-image.ts';

const NAME = 'understudy-preflight';

/** A Job as a run of the policy would submit it, for one kind of accelerator; or why it cannot even be written. */
export type Trial =
  | {
      readonly name: TrialName;
      readonly what: string;
      readonly gpu: boolean;
      readonly job: V1Job;
      readonly pod: V1PodSpec;
      readonly nodes: number;
    }
  | { readonly name: TrialName; readonly what: string; readonly refused: string; readonly next?: string | undefined };
type TrialName = 'training job' | 'pull job';

/** One trial for each kind of accelerator that would do; without a policy the smallest Job that there is. */
export function trialsOf(platform: PlatformTemplate, policy?: Policy): readonly Trial[] {
  try {
    const placements = policy === undefined ? [smallest(platform)] : placementsOf(policy, NAME);
    return placements.map((placement) => trialOf(platform, placement, { policy }));
  } catch (error) {
    return [{ name: 'training job', what: 'the policy', refused: messageOf(error) }];
  }
}

/** The Job of `data.pull`, for a policy that pulls in an image of its own. */
export function pullTrialsOf(platform: PlatformTemplate, policy?: Policy): readonly Trial[] {
  const placement = policy && pullPlacement(policy, NAME);
  return placement === undefined ? [] : [trialOf(platform, placement, { policy, name: 'pull job' })];
}

function trialOf(
  platform: PlatformTemplate,
  placement: Placement,
  { policy, name = 'training job' }: { readonly policy?: Policy | undefined; readonly name?: TrialName },
): Trial {
  const { gpu } = placement;
  const about = { name, what: name === 'pull job' ? 'a pull Job' : whatTrains(gpu) };
  try {
    const training = trainingJob(placement, policy);
    const { command = training.command } = (name === 'pull job' ? policy?.spec.data.pull : undefined) ?? {};
    const { job } = buildJob({ ...training, command }, platform, { anchor: NOBODY });
    const pod = job.spec?.template.spec;
    if (pod === undefined) return { ...about, refused: 'it has no pod' };
    return { ...about, gpu: gpu !== undefined && gpu.claim === undefined, job, pod, nodes: placement.nodes };
  } catch (error) {
    const section = name === 'pull job' ? 'spec.data.pull' : 'spec.training';
    return { ...about, refused: messageOf(error), next: lineWithDigest(platform, section, placement.image) };
  }
}

const whatTrains = (gpu: Placement['gpu']): string =>
  gpu === undefined ? 'a training Job' : `a training Job with ${gpu.count} ${gpu.claim ?? gpu.resource}`;

/** An owner that does not exist: nothing is kept, and admission rules want to see one. */
const NOBODY = { name: anchorName(NAME), uid: '00000000-0000-0000-0000-000000000000' };

function smallest({ courier }: PlatformTemplate): Placement {
  const small = { cpu: 0.1, memory: 64 * 1024 ** 2, sharedMemory: 0, nodes: 1, queueDeadlineMs: 60_000 };
  return { image: courier.image, run: NAME, model: NAME, ...small };
}

function trainingJob(placement: Placement, policy?: Policy): TrainingJob {
  const training = policy?.spec.training;
  return {
    name: NAME,
    command: training?.command ?? ['true'],
    folder: '/',
    spec: {
      schemaVersion: 1,
      mode: 'train',
      model: placement.model,
      run: NAME,
      asOf: '1970-01-01T00:00:00.000Z',
      params: {},
      seed: 0,
      columns: { id: 'id', time: 'time', features: [], slices: [] },
      files: [],
    },
    environment: {},
    checkpoints: '/',
    deadlineMs: training?.deadline ?? 60_000,
    graceMs: training?.grace ?? 1000,
    retries: training?.retries ?? 0,
    placement,
  };
}

/** Has the server judge one trial. Throws PortFailure when it does not answer. */
export async function judgeTrial(api: PreflightApi, trial: Trial): Promise<PreflightFinding> {
  const { name } = trial;
  if ('refused' in trial) {
    const next = 'correct the fields named above, in the policy or in the platform template';
    return { name, state: 'problem', text: trial.refused, next: trial.next ?? next };
  }
  try {
    const warnings = await api.tryJob(trial.job);
    const namespace = trial.job.metadata?.namespace ?? '';
    if (warnings.length === 0) return { name, state: 'ok', text: `namespace ${namespace} would take ${trial.what}` };
    return {
      name,
      state: 'warning',
      text: `namespace ${namespace} would take ${trial.what}, but: ${warnings.join('; ')}`,
    };
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    return findingOf(error, name, trial.job.metadata?.namespace ?? '');
  }
}

function findingOf(failure: PortFailure, name: TrialName, namespace: string): PreflightFinding {
  const text = failure.message;
  if (isNamespaceGone(failure)) {
    const lines = stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: POD_SECURITY },
    });
    return {
      name: 'namespace',
      state: 'problem',
      text: `namespace ${namespace} is not there`,
      next: `create it, or name another one in the platform template:\n${lines.trimEnd()}`,
    };
  }
  // Others may have gone by the time that the run gets there.
  if (failure.code === 'quota-exceeded')
    return { name, state: 'warning', text, next: 'wait for others to end, or have the quota raised' };
  if (!REFUSALS.includes(failure.code)) throw failure;
  return { name, state: 'problem', text, next: 'correct the policy, the platform template, or the rule that refuses' };
}

const REFUSALS: readonly PortFailure['code'][] = ['forbidden', 'job-invalid', 'bad-request', 'pod-security'];
const POD_SECURITY = { 'pod-security.kubernetes.io/enforce': 'restricted' };

function messageOf(error: unknown): string {
  if (error instanceof PortFailure) return error.message.replace(`job ${NAME} cannot be submitted: `, '');
  throw error;
}
