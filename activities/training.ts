import type { RunContext } from '../scorecards/run.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import type { TrainedResult } from '../scorecards/contracts/trainer.ts';
import { digestOf } from './artifact.ts';
import { appliedOf, getJson, noteStage, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { bookTraining, measured } from './cost.ts';
import type { Dataset } from './dataset.ts';
import { finishedJob } from './job.ts';
import type { FinishedJob } from './job.ts';
import { keepOutOfSample } from './out-of-sample.ts';
import { under } from './paths.ts';
import { writeRunRecord } from './run-record.ts';
import type { CollectInput } from './run-record.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Telemetry } from './telemetry.ts';
import { handedIn } from './variants.ts';
import type { HandedIn } from './variants.ts';
import { prepare, submitJob } from './training-start.ts';
import type { PlannedTraining, PrepareInput, SubmitInput, SubmittedTraining } from './training-start.ts';

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
  /** Its name where the policy asks for variants. */
  readonly variant?: string;
  /** The variants after it, in the order in which the policy prefers them. */
  readonly others?: readonly TrainedCandidate[];
}

const CODE_VERSION = 1;

export function createTraining(
  ports: Pick<Ports, 'data' | 'training' | 'registry' | 'evidence'>,
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
    prepareTraining: async (input: PrepareInput): Promise<PlannedTraining> => prepare(ports, settings, input),

    /** Starts the trainer in the job of this generation, or adopts it. Throws `budget-exceeded` before it is there. */
    submitTraining: async (input: SubmitInput): Promise<SubmittedTraining> => submitJob(ports, settings, input),

    /** Takes over what the trainer left: the artifact becomes evidence, the run record is written. */
    async collectTraining(input: CollectInput): Promise<TrainedCandidate> {
      const { context, dataset, spent, submitted } = input;
      const job = await finishedJob(ports, submitted.job);
      const { compute } = job;
      const used = compute && { context, job: submitted.job, spent, usage: measured(compute), finished: true };
      if (used) await bookTraining(ports, settings, telemetry, used);
      const candidate = await takeOver(ports, settings, input, job);
      await ports.evidence.remember(
        await trainingKey(ports, { context, dataset }),
        await putJson(ports.evidence, candidate),
      );
      await noteStage(ports.evidence, context, 'training', candidate);
      return candidate;
    },
  };
}

async function trainingKey(
  ports: Pick<Ports, 'evidence'>,
  input: { readonly context: RunContext; readonly dataset: Dataset },
): Promise<string> {
  const { policy } = await appliedOf(ports.evidence, input.context);
  const { command, image, params, seed, resources, variants } = policy.spec.training;
  const { folder } = input.context;
  const asked = { command, image, params, seed, resources, folder, ...(variants ? { variants } : {}) };
  const inputs = { snapshot: input.dataset.digest, ...asked };
  return `nodes/${digestOf({ model: input.context.model, stage: 'training', codeVersion: CODE_VERSION, inputs })}`;
}

function trainedResult(job: FinishedJob): TrainedResult {
  if (job.result.mode === 'train') return job.result;
  throw new PortFailure('trainer-contradiction', `result.json says mode ${job.result.mode}; expected train`);
}

/** What the trainer handed in becomes evidence: the first of what the policy asks for, with the others after it. */
async function takeOver(
  ports: Pick<Ports, 'data' | 'evidence'>,
  settings: Pick<ActivitySettings, 'prices'>,
  input: CollectInput,
  job: FinishedJob,
): Promise<TrainedCandidate> {
  const { policy } = await appliedOf(ports.evidence, input.context);
  const models: TrainedCandidate[] = [];
  for (const handed of handedIn(trainedResult(job), policy.spec.training.variants))
    models.push(await takeOverOne(ports, settings, input, { job, ...handed }));
  const [first, ...others] = models;
  if (!first) throw new PortFailure('trainer-contradiction', 'the trainer handed in no model');
  return others.length === 0 ? first : { ...first, others };
}

/** The files of one model become evidence, and the record of how they came to be is written. */
async function takeOverOne(
  ports: Pick<Ports, 'data' | 'evidence'>,
  settings: Pick<ActivitySettings, 'prices'>,
  input: CollectInput,
  handed: HandedIn & { readonly job: FinishedJob },
): Promise<TrainedCandidate> {
  const { submitted } = input;
  const { job, result, variant } = handed;
  const tree = await ports.evidence.putTree(
    under(job.output, result.artifact.path),
    result.artifact.files.map((file) => file.path),
  );
  const outOfSample = await keepOutOfSample(ports, input, { output: job.output, handed: result.outOfSample });
  const known = { ...handed, tree, ...(outOfSample ? { outOfSample } : {}) };
  const record = await writeRunRecord(ports, input, known, settings);
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
    ...(variant === undefined ? {} : { variant }),
  };
}
