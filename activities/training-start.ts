import { activityInfo } from '@temporalio/activity';
import type { TrainerSpec } from '../scorecards/contracts/trainer.ts';
import type { RunContext } from '../scorecards/run.ts';
import { firstAttempt } from '../scorecards/training-attempts.ts';
import type { AttemptPolicy, AttemptsSpent } from '../scorecards/training-attempts.ts';
import { digestOf } from './artifact.ts';
import { appliedOf } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { checkBudget } from './cost.ts';
import type { Dataset } from './dataset.ts';
import { refuseErased } from './erasure.ts';
import { jobName } from './job.ts';
import { attemptOf, attemptPolicyOf } from './placement.ts';
import type { TrackingRun } from './ports/model-registry.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Placement } from './ports/training-backend.ts';

/** What is known of a training before its first job. */
export interface PlannedTraining {
  readonly trackingRun: string;
  /** How often another job may follow one that failed; null: never, the backend starts the trainer again by itself. */
  readonly rules: AttemptPolicy | null;
  readonly spent: AttemptsSpent;
}

export interface SubmittedTraining {
  readonly job: string;
  readonly trackingRun: string;
  readonly specDigest: string;
}

export interface PrepareInput {
  readonly context: RunContext;
  readonly dataset: Dataset;
  readonly startedAt: string;
}

/** What all jobs of a training share: its budgets, its tracking run, the rules of its attempts. */
export async function prepare(
  ports: Pick<Ports, 'registry' | 'evidence'>,
  settings: Pick<ActivitySettings, 'prices' | 'memorySteps'>,
  input: PrepareInput,
): Promise<PlannedTraining> {
  const { context } = input;
  const { policy } = await appliedOf(ports.evidence, context);
  await checkBudget(ports, settings, context);
  const { runId } = await openTracking(ports, input, policy.spec.training.params);
  const rules = attemptPolicyOf(policy, settings.memorySteps);
  return { trackingRun: runId, rules, spent: firstAttempt(policy.spec.training.resources.memory) };
}

export interface SubmitInput extends PrepareInput {
  readonly rules: AttemptPolicy | null;
  readonly spent: AttemptsSpent;
  /** Names the job within the run. */
  readonly node: string;
}

/** One job of a training: its name follows from the run and its generation, so repeating this adopts it. */
export async function submitJob(
  ports: Pick<Ports, 'training' | 'registry' | 'evidence'>,
  settings: Pick<ActivitySettings, 'checkpoints' | 'prices'>,
  input: SubmitInput,
): Promise<SubmittedTraining> {
  const { context, dataset, rules, spent } = input;
  await refuseErased(ports, dataset);
  const { policy, scorecardDigest: scorecard } = await appliedOf(ports.evidence, context);
  const { training } = policy.spec;
  // The first one was held against the budgets before anything was there.
  if (spent.generation > 1) await checkBudget(ports, settings, context, spent);
  const job = jobName(context, input.node, spent.generation);
  const spec = trainerSpec(context, dataset, { ...policy.spec, job });
  const tracking = await openTracking(ports, input, training.params);
  const lineage = { generation: spent.generation, scorecard, snapshot: dataset.digest };
  const attempt = attemptOf(policy, { run: context.run, spent, rules, lineage });
  const submitted = ports.training.submit({
    name: job,
    command: training.command,
    folder: context.folder,
    spec,
    environment: tracking.environment,
    checkpoints: `${settings.checkpoints}/${digestOf([context.run, context.generation]).slice(0, 24)}`,
    graceMs: training.grace,
    ...attempt,
  });
  await submitted.catch((error: unknown) => {
    const { currentAttemptScheduledTimestampMs: now, scheduledTimestampMs: first } = activityInfo();
    throw laterWhileQueued(error, now - first, attempt.placement);
  });
  return { job, trackingRun: tracking.runId, specDigest: digestOf(specIdentity(spec)) };
}

const QUOTA_AGAIN_SECONDS = 15;

/** A quota that is used up is a queue, too: it is waited for as long as the job may wait for its first pod. */
function laterWhileQueued(error: unknown, waitedMs: number, placement: Placement | undefined): unknown {
  const isQuota = error instanceof PortFailure && error.code === 'quota-exceeded';
  if (!isQuota || waitedMs >= (placement?.queueDeadlineMs ?? 0)) return error;
  const details = { ...error.details, retryAfterSeconds: QUOTA_AGAIN_SECONDS };
  return new PortFailure('rate-limited', error.message, { cause: error, details });
}

type SpecSource = {
  readonly training: { readonly params: TrainerSpec['params']; readonly seed: number };
  readonly data: { observations: { id: string; time: string }; labels: { label: string }; slices: readonly string[] };
  readonly job: string;
};

function trainerSpec(context: RunContext, dataset: Dataset, source: SpecSource): Omit<TrainerSpec, 'output'> {
  const { name, path, bytes, sha256 } = dataset.train;
  return {
    schemaVersion: 1,
    mode: 'train',
    model: context.model,
    run: source.job,
    asOf: context.asOf,
    params: source.training.params,
    seed: source.training.seed,
    columns: {
      id: source.data.observations.id,
      time: source.data.observations.time,
      label: source.data.labels.label,
      features: [...dataset.features],
      slices: [...source.data.slices],
    },
    files: [{ name, path, bytes, sha256 }],
  };
}

/** What of a spec decides the result: not where the files happen to lie, nor what the job is called. */
function specIdentity(spec: Omit<TrainerSpec, 'output'>): unknown {
  return { ...spec, run: undefined, files: spec.files.map(({ name, sha256 }) => ({ name, sha256 })) };
}

/** The run that the trainer logs into; the same one for every attempt. */
async function openTracking(
  ports: Pick<Ports, 'registry'>,
  input: PrepareInput,
  params: TrainerSpec['params'],
): Promise<TrackingRun> {
  const { context, dataset } = input;
  return ports.registry.openRun({
    model: context.model,
    key: `${context.run}/training/${context.generation}`,
    name: context.run,
    startedAtMs: Date.parse(input.startedAt),
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
    tags: { 'understudy.workflow_id': context.run, 'understudy.snapshot_digest': dataset.digest },
    dataset: { name: context.model, digest: dataset.digest, source: dataset.manifest.uri },
  });
}
