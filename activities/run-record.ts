import { pathToFileURL } from 'node:url';
import type { DataSource, TrainedResult } from '../scorecards/contracts/trainer.ts';
import { adviseTraining } from '../scorecards/cost/right-sizing.ts';
import { priceOf } from '../scorecards/cost/price.ts';
import type { Cost, Priced } from '../scorecards/cost/price.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import type { RecordedData, RecordedEnvironment, RunRecord } from '../scorecards/records/run-record.ts';
import type { RunContext } from '../scorecards/run.ts';
import { placeOf, signedScorecard } from '../scorecards/sign-off.ts';
import type { AttemptsSpent, EarlierJob } from '../scorecards/training-attempts.ts';
import type { TriggerRequest } from '../scorecards/trigger.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { appliedOf, getJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { bookingOf, measured, requestedBy } from './cost.ts';
import type { Booking } from './cost.ts';
import type { Dataset, DatasetManifest } from './dataset.ts';
import { hashEnvironment } from './environment.ts';
import { TRAINING_NODE, jobName } from './job.ts';
import type { FinishedJob } from './job.ts';
import { under } from './paths.ts';
import { attemptOf, attemptPolicyOf } from './placement.ts';
import type { ComputeUse } from './ports/training-backend.ts';
import { keepLog } from './training-log.ts';
import type { SubmittedTraining } from './training-start.ts';

export interface CollectInput {
  readonly context: RunContext;
  readonly submitted: SubmittedTraining;
  /** Which job of the run it was, and those before it. */
  readonly spent: AttemptsSpent;
  readonly earlier: readonly EarlierJob[];
  readonly dataset: Dataset;
  readonly baseline: EvidenceRef;
  readonly trigger: TriggerRequest;
  readonly receivedAt: string;
  readonly championVersion?: string;
}

export type Collected = {
  readonly variant?: string;
  readonly job: FinishedJob;
  readonly result: TrainedResult;
  readonly outOfSample?: RunRecord['outOfSample'];
  readonly tree: { readonly manifest: EvidenceRef; readonly digest: string; readonly bytes: number };
};

/** How this version came to be, written before it is registered (RP1). */
export async function writeRunRecord(
  ports: Pick<Ports, 'evidence'>,
  input: CollectInput,
  collected: Collected,
  settings: Pick<ActivitySettings, 'prices'>,
): Promise<RunRecord> {
  const { context, dataset, submitted, trigger } = input;
  const { job, result, tree, variant } = collected;
  const log = await keepLog(ports, context, { job: input.spent.generation, logTail: job.logTail });
  const applied = await appliedOf(ports.evidence, context);
  const { training, serving } = applied.policy.spec;
  const lockfile =
    training.lockfile === undefined
      ? null
      : await ports.evidence.putFile(under(context.folder, training.lockfile), 'text/plain');
  const files = await getJson<{ path: string; bytes: number; sha256: string }[]>(ports.evidence, tree.manifest);
  return {
    schemaVersion: 1,
    model: { name: context.model },
    run: {
      id: context.run,
      generation: context.generation,
      asOf: context.asOf,
      startedAt: input.receivedAt,
      finishedAt: job.endedAt,
      trackingRunId: submitted.trackingRun,
    },
    trigger: {
      kind: trigger.kind,
      key: trigger.key,
      by: trigger.by,
      receivedAt: input.receivedAt,
      ...(trigger.reason === undefined ? {} : { reason: trigger.reason }),
    },
    policy: { ...placeOf(applied.files?.policy), digest: applied.policyDigest, evidence: context.applied },
    scorecard: signedScorecard(applied),
    training: {
      command: training.command,
      folder: context.folder,
      ...givenBy(applied.policy, input),
      specDigest: submitted.specDigest,
    },
    params: training.params,
    seeds: { training: training.seed },
    data: await recordedData(ports, dataset),
    environment: environmentOf(training, lockfile?.sha256 ?? null, collected),
    ...(variant === undefined ? {} : { variant }),
    artifact: { digest: tree.digest, manifest: tree.manifest, bytes: tree.bytes, files },
    features: dataset.features,
    ...saidOf(collected),
    baseline: input.baseline,
    ...(serving ? { serving: servedBy(serving, context.folder) } : {}),
    metrics: result.metrics,
    compute: {
      backend: training.backend,
      job: submitted.job,
      attempts: job.attempts,
      startedAt: job.startedAt,
      endedAt: job.endedAt,
      stepsDone: result.stepsDone,
      resumedFrom: result.resumedFrom,
      ...(log === undefined ? {} : { log }),
      ...sizeOf(applied.policy, input.spent, collected),
      ...(await recordedUse(ports, { input, policy: applied.policy, compute: job.compute }, settings)),
    },
    parents: input.championVersion === undefined ? {} : { championVersion: input.championVersion },
  };
}

/** What the trainer said of the model besides its numbers. */
const saidOf = ({
  outOfSample,
  result: { importances, signature },
}: Collected): Pick<RunRecord, 'signature' | 'importances' | 'outOfSample'> => ({
  ...(signature ? { signature } : {}),
  ...(importances ? { importances } : {}),
  ...(outOfSample ? { outOfSample } : {}),
});

async function recordedData(ports: Pick<Ports, 'evidence'>, dataset: Dataset): Promise<RecordedData> {
  const { pulled, origins, sources, asOf } = await getJson<DatasetManifest>(ports.evidence, dataset.manifest);
  const { labelWatermark, labelCoverage, labelSurrogates, queryDigest, exclusionsDigest } = dataset;
  return {
    snapshotDigest: dataset.digest,
    manifest: dataset.manifest,
    rows: dataset.train.rows ?? 0,
    bytes: dataset.train.bytes,
    span: { from: dataset.trainSpan.from, until: dataset.holdoutSpan.until },
    asOf,
    labelWatermark,
    labelCoverage,
    ...(labelSurrogates === undefined ? {} : { labelSurrogates }),
    ...(queryDigest === undefined ? {} : { queryDigest }),
    ...(exclusionsDigest === undefined ? {} : { exclusionsDigest }),
    sources: pulled?.sources.length ? pulled.sources : (origins ?? sources.map(asSource)),
  };
}

function asSource({ path, sha256 }: FileRef): DataSource {
  return { uri: pathToFileURL(path).href, etag: sha256 };
}

type Served = NonNullable<RunRecord['serving']>;

/** What starts its server again when today's policy says otherwise. */
function servedBy(serving: NonNullable<Policy['spec']['serving']>, folder: string): Served {
  const { backend, command = [], image, storageUri } = serving;
  if (backend === 'kserve') return { command: [], folder, ...(storageUri === undefined ? {} : { storageUri }) };
  return { command, folder, ...(backend === 'process' || image === undefined ? {} : { image }) };
}

function environmentOf(
  training: Policy['spec']['training'],
  lockfileDigest: string | null,
  { job, result }: Collected,
): RecordedEnvironment {
  const { gpuModel, gpuDriver } = job.compute ?? {};
  return hashEnvironment({
    interpreter: training.image ?? training.command[0] ?? '',
    lockfileDigest,
    libraryVersions: result.libraries,
    os: process.platform,
    arch: process.arch,
    ...(gpuModel === undefined ? {} : { gpuModel }),
    ...(gpuDriver === undefined ? {} : { driver: gpuDriver }),
  });
}

/** What the trainer was given on a cluster: a version predicts with no less. */
function givenBy(policy: Policy, { context, spent }: CollectInput): Partial<RunRecord['training']> {
  const { placement } = attemptOf(policy, { run: context.run, spent, rules: attemptPolicyOf(policy) });
  if (!placement) return {};
  const { image, memory, gpu } = placement;
  return { image, memory, ...(gpu ? { accelerator: gpu } : {}) };
}

interface Used {
  readonly input: CollectInput;
  readonly policy: Policy;
  readonly compute: ComputeUse | undefined;
}

/** What the trainer counted of itself. A process takes what its machine has: it asked for nothing, so nothing is advised. */
function sizeOf(policy: Policy, spent: AttemptsSpent, { job, result }: Collected): Partial<RunRecord['compute']> {
  const { backend, nodes } = policy.spec.training;
  const { used } = result;
  if (used === undefined || backend === 'process') return {};
  const all = requestedBy(policy, spent);
  // The first of several pods speaks for itself.
  const gpus = all.gpus / nodes;
  const each = job.compute?.gpuMemoryBytes;
  const accelerators = gpus === 0 || each === undefined ? {} : { gpus, gpuMemoryBytes: gpus * each };
  const of = { cpuCores: all.cpuCores / nodes, memoryBytes: all.memoryBytes / nodes, ...accelerators };
  const advice = adviseTraining(used, of);
  return { used: { ...used, of }, ...(advice.length === 0 ? {} : { advice }) };
}

/** What the backend measured and what it cost, earlier jobs included; nothing when it measured nothing. */
async function recordedUse(
  ports: Pick<Ports, 'evidence'>,
  { input, policy, compute }: Used,
  { prices }: Pick<ActivitySettings, 'prices'>,
): Promise<Partial<RunRecord['compute']>> {
  const { context, earlier, spent } = input;
  const named = earlier.map(({ generation, ...why }) => ({ job: jobName(context, TRAINING_NODE, generation), ...why }));
  const booked = await Promise.all(named.map(async ({ job }) => bookingOf(ports, context, job)));
  const jobs = named.map((one, index) => ({ ...one, ...booked[index]?.usage }));
  const before = jobs.length === 0 ? {} : { earlier: jobs };
  if (compute === undefined) return before;
  const { backend: _backend, gpuDriver, ...use } = compute;
  const all = [priceOf(measured(compute), requestedBy(policy, spent), prices), ...booked.map(pricedAs)];
  const cost = addUp(all);
  return {
    ...use,
    ...(gpuDriver === undefined ? {} : { driver: gpuDriver }),
    ...(cost ? { costEstimate: cost } : {}),
    ...before,
  };
}

/** A job of which nothing was booked never ran. */
function pricedAs(booking: Booking | undefined): Priced | undefined {
  if (booking === undefined) return undefined;
  return booking.cost ? { cost: booking.cost } : { unpriced: booking.job };
}

/** Nothing when one part has no price, or a price of another currency. */
function addUp(parts: readonly (Priced | undefined)[]): Cost | undefined {
  const costs = parts.filter((part) => part !== undefined).map((part) => ('cost' in part ? part.cost : undefined));
  const [first] = costs;
  if (first === undefined || costs.some((cost) => cost?.currency !== first.currency)) return undefined;
  return { amount: costs.reduce((sum, cost) => sum + (cost?.amount ?? 0), 0), currency: first.currency };
}
