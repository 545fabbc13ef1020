import type { RunContext } from '../scorecards/run.ts';
import { firstAttempt } from '../scorecards/training-attempts.ts';
import type { AttemptPolicy, AttemptsSpent } from '../scorecards/training-attempts.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import type { TrainedResult, TrainerSpec } from '../scorecards/contracts/trainer.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, getJson, noteStage, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { bookTraining, checkBudget, measured } from './cost.ts';
import type { Dataset } from './dataset.ts';
import { finishedJob, jobName } from './job.ts';
import type { FinishedJob } from './job.ts';
import { under } from './paths.ts';
import { attemptOf, attemptPolicyOf } from './placement.ts';
import { writeRunRecord } from './run-record.ts';
import type { CollectInput } from './run-record.ts';
import type { TrackingRun } from './ports/model-registry.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Telemetry } from './telemetry.ts';

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

/** The candidate as it left the trainer: its artifact is stored, its record written; no version exists yet. */
export interface TrainedCandidate {
  /** Digest of the artifact: `candidate` in an approval. */
  readonly digest: string;
  readonly artifact: EvidenceRef;
  readonly bytes: number;
  readonly record: EvidenceRef;
  readonly trackingRun: string;
  /** Set when the trainer logged several models and named one. */
  readonly mlflowModelId?: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly steps: number;
  readonly resumedFrom: number | null;
  readonly attempts: number;
  readonly seconds: number;
  /** What to ask for next time; absent where the request fitted or nobody measured. */
  readonly advice?: readonly string[];
}

const CODE_VERSION = 1;

export function createTraining(
  ports: Pick<Ports, 'training' | 'registry' | 'evidence'>,
  settings: Pick<ActivitySettings, 'checkpoints' | 'prices' | 'memorySteps'>,
  telemetry: Pick<Telemetry, 'trainingBooked'>,
) {
  return {
    /** The candidate of an earlier attempt at the same training, when a retry may reuse it. */
    async recallTraining(input: {
      readonly context: RunContext;
      readonly dataset: Dataset;
    }): Promise<TrainedCandidate | null> {
      const { reuseBefore } = input.context;
      if (
        reuseBefore === undefined ||
        reuseBefore === 'drift' ||
        reuseBefore === 'dataset' ||
        reuseBefore === 'training'
      )
        return null;
      const known = await ports.evidence.recall(await trainingKey(ports, input));
      return known ? getJson<TrainedCandidate>(ports.evidence, known) : null;
    },

    /** Opens the tracking run of all jobs, or adopts it. Throws `budget-exceeded` before it is there. */
    async prepareTraining(input: {
      readonly context: RunContext;
      readonly dataset: Dataset;
      readonly startedAt: string;
    }): Promise<PlannedTraining> {
      const { context } = input;
      const { policy } = await appliedOf(ports.evidence, context);
      await checkBudget(ports, settings, context);
      const { runId } = await openTracking(ports, input, policy.spec.training.params);
      const rules = attemptPolicyOf(policy, settings.memorySteps);
      return { trackingRun: runId, rules, spent: firstAttempt(policy.spec.training.resources.memory) };
    },

    /** Starts the trainer in the job of this generation, or adopts it. Throws `budget-exceeded` before it is there. */
    submitTraining: async (input: SubmitInput): Promise<SubmittedTraining> => submitJob(ports, settings, input),

    /** Takes over what the trainer left: the artifact becomes evidence, the run record is written. */
    async collectTraining(input: CollectInput): Promise<TrainedCandidate> {
      const { context, dataset, spent, submitted } = input;
      const { compute } = await finishedJob(ports, submitted.job);
      const used = compute && { context, job: submitted.job, spent, usage: measured(compute), finished: true };
      if (used) await bookTraining(ports, settings, telemetry, used);
      const candidate = await takeOver(ports, settings, input);
      await ports.evidence.remember(
        await trainingKey(ports, { context, dataset }),
        await putJson(ports.evidence, candidate),
      );
      await noteStage(ports.evidence, context, 'training', candidate);
      return candidate;
    },
  };
}

export interface SubmitInput {
  readonly context: RunContext;
  readonly dataset: Dataset;
  readonly startedAt: string;
  readonly rules: AttemptPolicy | null;
  readonly spent: AttemptsSpent;
  /** Names the job within the run. */
  readonly node: string;
}

async function submitJob(
  ports: Pick<Ports, 'training' | 'registry' | 'evidence'>,
  settings: Pick<ActivitySettings, 'checkpoints' | 'prices'>,
  input: SubmitInput,
): Promise<SubmittedTraining> {
  const { context, dataset, rules, spent } = input;
  const { policy } = await appliedOf(ports.evidence, context);
  const { training } = policy.spec;
  // The first one was held against the budgets before anything was there.
  if (spent.generation > 1) await checkBudget(ports, settings, context, spent);
  const job = jobName(context, input.node, spent.generation);
  const spec = trainerSpec(context, dataset, { ...policy.spec, job });
  const tracking = await openTracking(ports, input, training.params);
  await ports.training.submit({
    name: job,
    command: training.command,
    folder: context.folder,
    spec,
    environment: tracking.environment,
    checkpoints: `${settings.checkpoints}/${digestOf([context.run, context.generation]).slice(0, 24)}`,
    graceMs: training.grace,
    ...attemptOf(policy, { run: context.run, spent, rules }),
  });
  return { job, trackingRun: tracking.runId, specDigest: digestOf(specIdentity(spec)) };
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

async function trainingKey(
  ports: Pick<Ports, 'evidence'>,
  input: { readonly context: RunContext; readonly dataset: Dataset },
): Promise<string> {
  const { policy } = await appliedOf(ports.evidence, input.context);
  const { command, params, seed, resources } = policy.spec.training;
  const inputs = { snapshot: input.dataset.digest, command, params, seed, resources, folder: input.context.folder };
  return `nodes/${digestOf({ model: input.context.model, stage: 'training', codeVersion: CODE_VERSION, inputs })}`;
}

function trainedResult(job: FinishedJob): TrainedResult {
  if (job.result.mode === 'train') return job.result;
  throw new PortFailure('trainer-contradiction', `result.json says mode ${job.result.mode}; expected train`);
}

/** The run that the trainer logs into; the same one for every attempt. */
async function openTracking(
  ports: Pick<Ports, 'registry'>,
  input: { readonly context: RunContext; readonly dataset: Dataset; readonly startedAt: string },
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

/** The trainer's files become evidence, and the record of how they came to be is written. */
async function takeOver(
  ports: Pick<Ports, 'training' | 'evidence'>,
  settings: Pick<ActivitySettings, 'prices'>,
  input: CollectInput,
): Promise<TrainedCandidate> {
  const { submitted } = input;
  const job = await finishedJob(ports, submitted.job);
  const result = trainedResult(job);
  const tree = await ports.evidence.putTree(
    under(job.output, result.artifact.path),
    result.artifact.files.map((file) => file.path),
  );
  const record = await writeRunRecord(ports, input, { job, result, tree }, settings);
  return {
    digest: tree.digest,
    artifact: tree.manifest,
    bytes: tree.bytes,
    record: await putJson(ports.evidence, record),
    trackingRun: submitted.trackingRun,
    ...(result.mlflowModelId === undefined ? {} : { mlflowModelId: result.mlflowModelId }),
    metrics: result.metrics,
    steps: result.stepsDone,
    resumedFrom: result.resumedFrom,
    attempts: job.attempts,
    seconds: (Date.parse(job.endedAt) - Date.parse(job.startedAt)) / 1000,
    ...(record.compute.advice === undefined ? {} : { advice: record.compute.advice }),
  };
}
