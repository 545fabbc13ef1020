import { judgeCandidate } from '../scorecards/candidate/judge.ts';
import type { CandidateFinding, CandidateVerdict } from '../scorecards/candidate/verdict.ts';
import type { WeakSlices } from '../scorecards/candidate/weakest-slices.ts';
import { notingPoints } from '../scorecards/operating-point.ts';
import type { PointSources } from '../scorecards/operating-point.ts';
import { signedScorecard } from '../scorecards/sign-off.ts';
import type { ScorecardCharts } from '../scorecards/candidate/charts.ts';
import type { SignedScorecard } from '../scorecards/sign-off.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, FileRef } from '../scorecards/vocabulary.ts';
import { appliedOf, beating, getJson, noteStage, putJson } from './context.ts';
import type { ActivitySettings, Ports } from './context.ts';
import { slicesGone } from './vanished-slices.ts';
import { refuseErased } from './erasure.ts';
import type { HoldoutMeasurements } from './ports/data-store.ts';
import type { JudgeInput } from './judge-input.ts';
import { refuseTooManySlices } from './slice-cap.ts';
import { findWeakSlices } from './weak-slices.ts';
import { measureOthers } from './other-criteria.ts';
import { pointsOf } from './out-of-sample.ts';
import { PortFailure } from './ports/port-failure.ts';
import { measureRun } from './run-criteria.ts';
import { keepReference } from './reference-performance.ts';
import { chartsOf } from './scorecard-charts.ts';
import type { Cuts } from './shadow.ts';

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
  readonly notes?: CandidateVerdict['notes'];
  readonly warnings?: CandidateVerdict['warnings'];
  /** Each model's own frozen cut; absent where the scorecard has none, or nobody knows that of one of them. */
  readonly cuts?: Cuts;
  /** Which model of the training was judged, where there are several. */
  readonly variant?: string;
}

/** What `result` refers to, as far as others read it. Results of before this was kept do not say who signed. */
export interface KeptVerdict extends CandidateVerdict {
  readonly candidate: string;
  readonly signed?: SignedScorecard;
  /** Null where the scorecard has no cut. */
  readonly operatingPoint?: HoldoutMeasurements['operatingPoint'] | null;
  /** Set where the scorecard asks for best F1: where each model's cut is from. */
  readonly operatingPointFrom?: PointSources;
  readonly coverage?: HoldoutMeasurements['coverage'];
  readonly charts?: ScorecardCharts;
}

const SHOWN = 25;

type ScorecardPorts = Pick<Ports, 'data' | 'evidence' | 'metrics' | 'registry' | 'training'>;

export function createScorecard(
  ports: ScorecardPorts,
  settings: Pick<ActivitySettings, 'checkpoints' | 'prices' | 'testCommands'>,
) {
  return {
    /** Measures every criterion on the same rows and judges all of them; the result is evidence named by its digest. */
    async judgeScorecard(input: JudgeInput): Promise<ScorecardResult> {
      const { candidate, context, dataset } = input;
      await refuseErased(ports, dataset);
      const applied = await appliedOf(ports.evidence, context);
      const points = await pointsOf(ports, applied, input);
      const measured = await measureAll(ports, applied, input, points);
      requireAllRows(measured.coverage);
      refuseTooManySlices(applied.scorecard, measured.slices);
      const ofRun = await beating((work) => measureRun(ports, settings, { applied, input }, work));
      const judged = judgeCandidate({
        scorecard: applied.scorecard,
        measurements: [...measured.measurements, ...ofRun.measurements],
        bootstrap: context.bootstrap,
        declaredSlices: measured.slices,
        coverage: measured.coverage,
        vanishedSlices: await slicesGone(ports, applied, input, measured),
      });
      const weak = await findWeakSlices(ports, applied, filesAtCuts(filesOf(applied, input), points), measured);
      const verdict = withWeakSlices(notingPoints(judged, points), weak);
      const result = await putJson(ports.evidence, {
        ...verdict,
        candidate: candidate.digest,
        ...named(candidate.variant),
        scorecard: applied.scorecardDigest,
        signed: signedScorecard(applied),
        snapshot: dataset.digest,
        run: context.run,
        operatingPoint: measured.operatingPoint ?? null,
        ...(points ? { operatingPointFrom: points } : {}),
        coverage: measured.coverage,
        ...(Object.keys(ofRun.tests).length > 0 ? { tests: ofRun.tests } : {}),
        ...(await chartsOf(ports, measured, input.latency)),
      });
      const summary = { ...summaryOf(verdict, result, cutsOf(measured)), ...named(candidate.variant) };
      if (input.variant === undefined) await keep(ports, applied, { ...input, card: summary });
      else await noteStage(ports.evidence, context, `scorecard-${input.variant}`, summary);
      return summary;
    },

    /**
     * Makes what was said of one of several models the run's own word, as it was said: judged anew, a clock, a query or a test of
     * the team's may answer otherwise than what people are asked to approve.
     */
    async keepScorecard(input: ScorecardKept): Promise<void> {
      await refuseErased(ports, input.dataset);
      await keep(ports, await appliedOf(ports.evidence, input.context), input);
    },
  };
}

/** The judgement of the model that goes on. */
export interface ScorecardKept extends Pick<JudgeInput, 'context' | 'dataset' | 'predictions'> {
  readonly card: ScorecardResult;
}

async function keep(
  ports: Pick<Ports, 'data' | 'evidence'>,
  applied: AppliedPolicy,
  { card, context, dataset, predictions }: ScorecardKept,
): Promise<void> {
  // Its own cut is known where the champion's is not; `cuts` are those of both.
  const { operatingPoint } = await getJson<KeptVerdict>(ports.evidence, card.result);
  const of = { context, dataset, predictions: predictions.challenger.file, cut: operatingPoint?.challenger };
  await keepReference(ports, applied, of);
  await noteStage(ports.evidence, context, 'scorecard', card);
}

const named = (variant: string | undefined): { readonly variant?: string } =>
  variant === undefined ? {} : { variant };

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

/** Without a champion its place has the challenger's own cut; with one whose cut nobody knows nothing can be compared. */
function cutsOf({ coverage, operatingPoint }: HoldoutMeasurements): Cuts | undefined {
  if (operatingPoint === undefined) return undefined;
  const { challenger, champion } = operatingPoint;
  if (champion === undefined && coverage.champion !== undefined) return undefined;
  return { challenger, champion: champion ?? challenger };
}

/** What fits into history: the verdict, and what did not pass first. */
function summaryOf(verdict: CandidateVerdict, result: EvidenceRef, cuts: Cuts | undefined): ScorecardResult {
  const worstFirst = verdict.findings.toSorted((a, b) => Number(a.judged === 'pass') - Number(b.judged === 'pass'));
  return {
    verdict: verdict.verdict,
    reasons: verdict.reasons.slice(0, SHOWN),
    passed: verdict.passed,
    of: verdict.of,
    notApplicable: verdict.notApplicable,
    findings: worstFirst.slice(0, SHOWN).map(withoutBounds),
    result,
    ...(verdict.notes === undefined ? {} : { notes: verdict.notes }),
    ...(verdict.warnings === undefined ? {} : { warnings: verdict.warnings }),
    ...(cuts === undefined ? {} : { cuts }),
  };
}

/** The evidence has them; in history each sentence names its own. */
function withoutBounds(finding: CandidateFinding): CandidateFinding {
  const { bounds: _, ...rest } = finding;
  return rest;
}

/** What was searched for beside the criteria: it is told, and has no say. */
const withWeakSlices = (verdict: CandidateVerdict, weak: WeakSlices | undefined): CandidateVerdict =>
  weak === undefined
    ? verdict
    : {
        ...verdict,
        notes: [...(verdict.notes ?? []), weak.note],
        ...(weak.warnings.length === 0 ? {} : { warnings: weak.warnings }),
      };

/** What a champion costs at a cut that nobody knows is not asked. */
function filesAtCuts<F extends ReturnType<typeof filesOf>>(files: F, points: PointSources | undefined) {
  if (points?.champion === undefined || 'threshold' in points.champion) return files;
  const { champion: _, ...others } = files;
  return others;
}

/** The files that hold what both models said of the holdout, and what became of it. */
function filesOf({ policy }: AppliedPolicy, { dataset, predictions }: JudgeInput) {
  const columns = { id: policy.spec.data.observations.id, label: policy.spec.data.labels.label };
  const champion: { champion?: FileRef } = predictions.champion ? { champion: predictions.champion.file } : {};
  return {
    holdout: dataset.holdout,
    labels: dataset.holdoutLabels,
    challenger: predictions.challenger.file,
    ...champion,
    columns,
  };
}

async function measureAll(
  ports: ScorecardPorts,
  applied: AppliedPolicy,
  input: JudgeInput,
  points: PointSources | undefined,
) {
  const { policy, scorecard } = applied;
  const time = { column: policy.spec.data.observations.time, span: input.dataset.holdoutSpan };
  const request = { ...filesOf(applied, input), scorecard, time, ...(points ? { points } : {}) };
  const holdout = await beating((work) => ports.data.measure(request, work));
  const others = await measureOthers(ports, applied, input);
  return { ...holdout, measurements: [...holdout.measurements, ...others] };
}
