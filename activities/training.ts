import type { RunContext } from '../scorecards/run.ts';
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
import { writeRunRecord } from './run-record.ts';
import type { CollectInput } from './run-record.ts';
import type { TrackingRun } from './ports/model-registry.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Telemetry } from './telemetry.ts';

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
}

const CODE_VERSION = 1;

export function createTraining(
  ports: Pick<Ports, 'training' | 'registry' | 'evidence'>,
  settings: Pick<ActivitySettings, 'checkpoints' | 'prices'>,
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

    /** Opens the tracking run and starts the trainer, or adopts both. Throws `budget-exceeded` before either is there. */
    async submitTraining(input: {
      readonly context: RunContext;
      readonly dataset: Dataset;
      readonly startedAt: string;
      /** Names the job within the run. */
      readonly node: string;
    }): Promise<SubmittedTraining> {
      const { context, dataset } = input;
      const { policy } = await appliedOf(ports.evidence, context);
      const { training } = policy.spec;
      await checkBudget(ports, settings, context);
      const job = jobName(context, input.node);
      const spec = trainerSpec(context, dataset, { ...policy.spec, job });
      const tracking = await openTracking(ports, input, training.params);
      await ports.training.submit({
        name: job,
        command: training.command,
        folder: context.folder,
        spec,
        environment: tracking.environment,
        checkpoints: `${settings.checkpoints}/${digestOf([context.run, context.generation]).slice(0, 24)}`,
        deadlineMs: training.deadline,
        graceMs: training.grace,
        retries: training.retries,
      });
      return { job, trackingRun: tracking.runId, specDigest: digestOf(specIdentity(spec)) };
    },

    /** Takes over what the trainer left: the artifact becomes evidence, the run record is written. */
    async collectTraining(input: CollectInput): Promise<TrainedCandidate> {
      const { context, dataset } = input;
      const candidate = await takeOver(ports, settings, input);
      await ports.evidence.remember(
        await trainingKey(ports, { context, dataset }),
        await putJson(ports.evidence, candidate),
      );
      await noteStage(ports.evidence, context, 'training', candidate);
      const { compute } = await finishedJob(ports, input.submitted.job);
      if (compute)
        await bookTraining(ports, settings, telemetry, { context, usage: measured(compute), finished: true });
      return candidate;
    },
  };
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
  };
}
