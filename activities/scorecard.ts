import { judgeCandidate } from '../scorecards/candidate/judge.ts';
import { DEFAULT_LOAD, measureLatency } from '../scorecards/candidate/latency.ts';
import type { LatencyPair } from '../scorecards/candidate/latency.ts';
import type { CriterionMeasurement } from '../scorecards/candidate/measurement.ts';
import { measureSize } from '../scorecards/candidate/size.ts';
import type { CandidateFinding, CandidateVerdict } from '../scorecards/candidate/verdict.ts';
import { counted } from '../scorecards/counted.ts';
import type { RunRecord } from '../scorecards/records/run-record.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { Scorecard, ScorecardCriterion } from '../scorecards/scorecard-schema.ts';
import { signedScorecard } from '../scorecards/sign-off.ts';
import type { SignedScorecard } from '../scorecards/sign-off.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { appliedOf, beating, getJson, noteStage, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import type { Dataset } from './dataset.ts';
import { slicesGone } from './vanished-slices.ts';
import type { CountedBefore } from './vanished-slices.ts';
import { refuseErased } from './erasure.ts';
import type { HoldoutMeasurements } from './ports/data-store.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Predictions } from './prediction.ts';
import type { RunningServer } from './ports/serving.ts';
import { keepReference } from './reference-performance.ts';
import type { ServedVersion } from './serving.ts';
import type { Cuts } from './shadow.ts';
import type { TrainedCandidate } from './training.ts';

/** Latencies of both servers under the same load, as evidence; null when the scorecard asks for none. */
export type LatencyRef = EvidenceRef | null;

export interface ScorecardResult {
  readonly verdict: CandidateVerdict['verdict'];
  readonly reasons: readonly string[];
  readonly passed: number;
  readonly of: number;
  readonly notApplicable: readonly string[];
  /** What did not pass first; the rest is in `result`. */
  readonly findings: readonly CandidateFinding[];
  /** The whole result; its SHA-256 is the `scorecard` that an approval names. */
  readonly result: EvidenceRef;
  /** Each model's own frozen cut; absent where the scorecard has none. */
  readonly cuts?: Cuts;
}

/** What `result` refers to, as far as others read it. Results of before this was kept do not say who signed. */
export interface KeptVerdict extends CandidateVerdict {
  readonly candidate: string;
  readonly signed?: SignedScorecard;
}

export interface JudgeInput extends CountedBefore {
  readonly context: RunContext;
  readonly dataset: Dataset;
  readonly candidate: TrainedCandidate;
  readonly predictions: { readonly challenger: Predictions; readonly champion?: Predictions };
  readonly latency: LatencyRef;
}

const SHOWN = 25;
const LATENCY = new Set<ScorecardCriterion['metric']>(['p50', 'p95', 'p99']);

export function createScorecard(
  ports: Pick<Ports, 'data' | 'evidence' | 'load' | 'serving'>,
  settings: Pick<ActivitySettings, 'maxLoad'>,
) {
  return {
    /** A bounded open-loop load run on the real servers, replaying rows of the holdout, both models interleaved. */
    async measureLatency(input: {
      readonly context: RunContext;
      readonly dataset: Dataset;
      readonly challenger: ServedVersion;
      readonly champion?: ServedVersion;
    }): Promise<LatencyRef> {
      const { scorecard, policy } = await appliedOf(ports.evidence, input.context);
      const criteria = scorecard.spec.criteria.filter((criterion) => LATENCY.has(criterion.metric));
      if (criteria.length === 0 || !policy.spec.serving) return null;
      const loads = criteria.map((criterion) => criterion.load ?? DEFAULT_LOAD);
      const load = loads.toSorted((a, b) => b.rate * b.for - a.rate * a.for)[0] ?? DEFAULT_LOAD;
      const { model } = input.context;
      const targets = [
        { name: 'challenger', server: await reachable(ports, model, input.challenger) },
        ...(input.champion ? [{ name: 'champion', server: await reachable(ports, model, input.champion) }] : []),
      ];
      const { http } = policy.spec.serving;
      const rows = await ports.data.sample(input.dataset.holdout.path, 500);
      const featureRows = rows.map((row) =>
        Object.fromEntries(input.dataset.features.map((name) => [name, row[name]])),
      );
      const ratePerSecond = Math.min(load.rate, settings.maxLoad.rate);
      const durationMs = Math.min(load.for, settings.maxLoad.forMs);
      const results = await beating(() =>
        ports.load.run({ targets, http, ratePerSecond, durationMs, rows: featureRows }),
      );
      return putJson(ports.evidence, { ...results, load: { rate: ratePerSecond, for: durationMs } });
    },

    /** Measures every criterion on the same rows and judges all of them; the result is evidence named by its digest. */
    async judgeScorecard(input: JudgeInput): Promise<ScorecardResult> {
      const { candidate, context, dataset } = input;
      await refuseErased(ports, dataset);
      const applied = await appliedOf(ports.evidence, context);
      const measured = await measureAll(ports, applied, input);
      requireAllRows(measured.coverage);
      const verdict = judgeCandidate({
        scorecard: applied.scorecard,
        measurements: measured.measurements,
        bootstrap: context.bootstrap,
        declaredSlices: measured.slices,
        coverage: measured.coverage,
        vanishedSlices: await slicesGone(ports, applied, input, measured),
      });
      const result = await putJson(ports.evidence, {
        ...verdict,
        candidate: candidate.digest,
        scorecard: applied.scorecardDigest,
        signed: signedScorecard(applied),
        snapshot: dataset.digest,
        run: context.run,
        operatingPoint: measured.operatingPoint ?? null,
        coverage: measured.coverage,
      });
      const predictions = input.predictions.challenger.file;
      const cut = measured.operatingPoint?.challenger;
      await keepReference(ports, applied, { context, dataset, predictions, cut });
      const summary = summaryOf(verdict, result, measured.operatingPoint);
      await noteStage(ports.evidence, context, 'scorecard', summary);
      return summary;
    },
  };
}

/** With the addresses at which this worker reaches it now: a Service's name may mean nothing outside of its cluster. */
async function reachable(ports: Pick<Ports, 'serving'>, model: string, served: ServedVersion): Promise<RunningServer> {
  const direct = (await ports.serving.find(model, served.version))?.direct;
  return { name: `${model} v${served.version}`, model, ...served, ...(direct === undefined ? {} : { direct }) };
}

/** A model that predicts only some rows would be judged on the easy ones. */
function requireAllRows(coverage: HoldoutMeasurements['coverage']): void {
  for (const who of ['challenger', 'champion'] as const) {
    const predicted = coverage[who];
    if (predicted === undefined || predicted >= coverage.rows) continue;
    throw new PortFailure(
      'trainer-contradiction',
      `the ${who} predicted ${predicted} of ${coverage.rows} holdout rows; expected all of them`,
    );
  }
}

/** What fits into history: the verdict, and what did not pass first. */
function summaryOf(
  verdict: CandidateVerdict,
  result: EvidenceRef,
  operatingPoint: { readonly challenger: number; readonly champion?: number } | undefined,
): ScorecardResult {
  const worstFirst = verdict.findings.toSorted((a, b) => Number(a.judged === 'pass') - Number(b.judged === 'pass'));
  const { challenger, champion } = operatingPoint ?? {};
  return {
    verdict: verdict.verdict,
    reasons: verdict.reasons.slice(0, SHOWN),
    passed: verdict.passed,
    of: verdict.of,
    notApplicable: verdict.notApplicable,
    findings: worstFirst.slice(0, SHOWN),
    result,
    ...(challenger === undefined ? {} : { cuts: { challenger, champion: champion ?? challenger } }),
  };
}

async function measureAll(ports: Pick<Ports, 'data' | 'evidence'>, applied: AppliedPolicy, input: JudgeInput) {
  const { policy, scorecard } = applied;
  const { dataset, predictions } = input;
  const columns = { id: policy.spec.data.observations.id, label: policy.spec.data.labels.label };
  const champion: { champion?: FileRef } = predictions.champion ? { champion: predictions.champion.file } : {};
  const request = {
    scorecard,
    holdout: dataset.holdout,
    labels: dataset.holdoutLabels,
    challenger: predictions.challenger.file,
    ...champion,
    columns,
  };
  const holdout = await beating((work) => ports.data.measure(request, work));
  const others = await measureOthers(ports, scorecard, input);
  return { ...holdout, measurements: [...holdout.measurements, ...others] };
}

async function measureOthers(
  ports: Pick<Ports, 'evidence'>,
  scorecard: Scorecard,
  input: JudgeInput,
): Promise<CriterionMeasurement[]> {
  const { candidate, championRecord, latency } = input;
  const championBytes = championRecord
    ? (await getJson<RunRecord>(ports.evidence, championRecord)).artifact?.bytes
    : undefined;
  const loads = latency ? await getJson<LatencyPair>(ports.evidence, latency) : undefined;
  return scorecard.spec.criteria.flatMap((criterion) => {
    if (criterion.metric === 'bytes') {
      return [
        measureSize(criterion, {
          challenger: candidate.bytes,
          ...(championBytes === undefined ? {} : { champion: championBytes }),
        }),
      ];
    }
    if (!LATENCY.has(criterion.metric)) return [];
    return [loads ? measureLatency(criterion, loads) : batchLatency(criterion, input)];
  });
}

/** Without a server the latency is that of `predict`: milliseconds per 1,000 rows of its one run, the same for every percentile. */
function batchLatency(criterion: ScorecardCriterion, { predictions }: JudgeInput): CriterionMeasurement {
  const perThousand = ({ file, seconds }: Predictions) => {
    const value = (seconds * 1000) / Math.max(1, (file.rows ?? 0) / 1000);
    return { value, low: value, high: value };
  };
  const challenger = perThousand(predictions.challenger);
  const rows = counted(predictions.challenger.file.rows ?? 0);
  const point = `per 1,000 rows of one run of predict over ${rows}, so without an interval`;
  const own = { criterion: criterion.name, slice: null, n: 1, challenger, point };
  if (!predictions.champion) return own;
  const champion = perThousand(predictions.champion);
  const gap = challenger.value - champion.value;
  return { ...own, champion, difference: { value: gap, low: gap, high: gap } };
}
