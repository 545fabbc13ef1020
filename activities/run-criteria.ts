import { missing } from '../scorecards/candidate/measurement.ts';
import type { CriterionMeasurement } from '../scorecards/candidate/measurement.ts';
import { measureFreshness, measureGpuHours } from '../scorecards/candidate/run-measurements.ts';
import { measureServingCost } from '../scorecards/candidate/serving-cost.ts';
import type { Times } from '../scorecards/candidate/serving-cost.ts';
import type { LatencyPair } from '../scorecards/candidate/latency.ts';
import { measureSignature } from '../scorecards/candidate/signature.ts';
import type { Signatures } from '../scorecards/candidate/signature.ts';
import type { Signature } from '../scorecards/contracts/signature.ts';
import type { Requested } from '../scorecards/cost/price.ts';
import type { Policy } from '../scorecards/policy/schema.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import { isOfTheRun } from '../scorecards/run-metrics.ts';
import type { RunMetric } from '../scorecards/run-metrics.ts';
import type { ScorecardCriterion } from '../scorecards/scorecard-schema.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef } from '../scorecards/vocabulary.ts';
import { getJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { requestedBy } from './cost.ts';
import type { DatasetManifest } from './dataset.ts';
import type { JudgeInput } from './judge-input.ts';
import type { Work } from './ports/data-store.ts';
import { openedOf } from './opening.ts';
import type { Predictions } from './prediction.ts';
import { runTests } from './test-command.ts';
import type { Tested } from './test-command.ts';

type RunPorts = Pick<Ports, 'evidence' | 'training'>;
type RunSettings = Pick<ActivitySettings, 'checkpoints' | 'prices' | 'testCommands'>;

/** Measurements of the run itself, and the evidence of the tests among them by their criterion. */
export interface RunMeasured {
  readonly measurements: readonly CriterionMeasurement[];
  readonly tests: Readonly<Record<string, EvidenceRef>>;
}

/** Criteria that rest on the training, the versions and the team's own tests, one after the other. */
export async function measureRun(
  ports: RunPorts,
  settings: RunSettings,
  { applied, input }: Judged,
  work: Work,
): Promise<RunMeasured> {
  const all: Tested[] = [];
  for (const [index, criterion] of applied.scorecard.spec.criteria.entries()) {
    if (!isOfTheRun(criterion.metric)) continue;
    if (criterion.metric === 'command')
      all.push(await runTests(ports, settings, { criterion, index, policy: applied.policy, input }, work));
    else all.push({ measurement: await MEASURING[criterion.metric](ports, criterion, { applied, input, settings }) });
  }
  const tests = all.flatMap(({ measurement, evidence }) => (evidence ? [[measurement.criterion, evidence]] : []));
  return { measurements: all.map(({ measurement }) => measurement), tests: Object.fromEntries(tests) };
}

interface Judged {
  readonly applied: AppliedPolicy;
  readonly input: JudgeInput;
}

type Evidence = Pick<Ports, 'evidence'>;
type Measuring = (
  ports: Evidence,
  criterion: ScorecardCriterion,
  judged: Judged & { readonly settings: RunSettings },
) => Promise<CriterionMeasurement>;

const MEASURING: Readonly<Record<Exclude<RunMetric, 'command'>, Measuring>> = {
  signature: async (ports, criterion, judged) => {
    const signatures = await signaturesOf(ports, judged);
    return typeof signatures === 'string' ? missing(criterion, signatures) : measureSignature(criterion, signatures);
  },
  freshness: async (ports, criterion, { input: { context, dataset } }) => {
    const { asOf } = context;
    const begunAt = await begunAtOf(ports, context.run);
    if (begunAt === undefined) return missing(criterion, `there is no record of when ${context.run} began`);
    const { labelWatermark, trainSpan } = dataset;
    const ages = { asOf, begunAt, judgedAt: new Date().toISOString(), trainedUntil: trainSpan.until, labelWatermark };
    return measureFreshness(criterion, ages);
  },
  gpuHours: async (ports, criterion, { input }) => {
    const [challenger, champion] = await recordsOf(ports, input);
    return measureGpuHours(criterion, {
      challenger: challenger.compute,
      ...(champion ? { champion: champion.compute } : {}),
    });
  },
  costPerThousand: async (ports, criterion, { applied: { policy }, input, settings: { prices } }) => {
    const requested = servedWith(policy);
    if (typeof requested === 'string') return missing(criterion, requested);
    const times = await timesOf(ports, policy, input);
    return typeof times === 'string'
      ? missing(criterion, times)
      : measureServingCost(criterion, { requested, prices, times });
  },
};

async function recordsOf(ports: Evidence, { candidate, championRecord }: JudgeInput) {
  const of = async (ref: EvidenceRef) => getJson<RunRecord>(ports.evidence, ref);
  return Promise.all([of(candidate.record), championRecord && of(championRecord)]);
}

/** Both signatures, or why one is not known. */
async function signaturesOf(ports: Evidence, { applied, input }: Judged): Promise<Signatures | string> {
  const [own, other] = await recordsOf(ports, input);
  if (other === undefined && !input.context.bootstrap) return 'the champion’s run record was not handed on';
  const challenger = await signatureOf(ports, own);
  if (challenger === undefined) return 'neither the challenger’s trainer nor its snapshot says what it is sent';
  if (other === undefined) return { challenger };
  const champion = await signatureOf(ports, other);
  if (champion === undefined) return 'neither the champion’s trainer nor its snapshot says what it is sent';
  const newRoute = await newRouteOf(ports, applied.policy, other);
  return { challenger, champion, ...(newRoute ? { newRoute } : {}) };
}

/** As its trainer reported it; else its features, all required, with the types that they had in its snapshot. */
async function signatureOf(ports: Evidence, { data, features, signature }: RunRecord): Promise<Signature | undefined> {
  if (signature !== undefined || features === undefined || data === undefined) return signature;
  const { columns } = await getJson<DatasetManifest>(ports.evidence, data.manifest);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const inputs = features.flatMap((name) => {
    const type = types.get(name);
    return type === undefined ? [] : [{ name, type, required: true }];
  });
  return inputs.length === features.length ? { inputs, byPosition: false } : undefined;
}

/** PR7: a breaking change may go to a route that the champion never had. */
async function newRouteOf(ports: Evidence, { spec }: Policy, { policy }: RunRecord): Promise<Signatures['newRoute']> {
  const to = spec.traffic?.route;
  if (to === undefined || policy.evidence === undefined) return undefined;
  const from = (await getJson<AppliedPolicy>(ports.evidence, policy.evidence)).policy.spec.traffic?.route;
  return from === undefined || from === to ? undefined : { from, to };
}

/** When the run began whose as-of this is: a retry keeps the as-of of the run that it retries. */
async function begunAtOf(ports: Evidence, run: string): Promise<string | undefined> {
  const opened = await openedOf(ports, run);
  if (opened === undefined) return undefined;
  const { receivedAt, trigger } = opened;
  return trigger.retryOf === undefined ? receivedAt : begunAtOf(ports, trigger.retryOf.run);
}

/** What a prediction holds while it is made: that of one server, or that of a training for a batch policy. */
function servedWith(policy: Policy): Requested | string {
  const { serving } = policy.spec;
  if (serving === undefined) return requestedBy(policy);
  const { cpu, memory, gpu = 0 } = serving.resources;
  if (cpu === undefined || memory === undefined)
    return 'serving.resources of the policy names no cpu or no memory, so a server has no price';
  const accelerators = gpu > 0 ? { gpuResource: 'nvidia.com/gpu' } : {};
  return { cpuCores: cpu, memoryBytes: memory, gpus: gpu, ...accelerators };
}

async function timesOf(
  ports: Evidence,
  { spec }: Policy,
  { latency, predictions: { challenger, champion } }: JudgeInput,
): Promise<Times | string> {
  const timed = ({ file, seconds }: Predictions) => ({ rows: file.rows ?? 0, seconds });
  if (spec.serving === undefined)
    return { batch: { challenger: timed(challenger), ...(champion ? { champion: timed(champion) } : {}) } };
  if (latency === null) return 'no load run was made: a criterion of p50, p95 or p99 asks for one';
  return { load: await getJson<LatencyPair>(ports.evidence, latency) };
}
