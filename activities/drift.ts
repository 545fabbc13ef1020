import { firesNow, respondTo } from '../scorecards/drift/persistence.ts';
import type { DriftResponse, Respond } from '../scorecards/drift/persistence.ts';
import type { DriftFinding, DriftVerdict } from '../scorecards/drift/verdict.ts';
import { withHeldLevels } from '../scorecards/drift/hysteresis.ts';
import { windowsEndingAt } from '../scorecards/drift/windows.ts';
import type { WindowPerformance } from '../scorecards/performance/report.ts';
import type { NewLabels } from '../scorecards/new-labels.ts';
import type { Champion, RunContext } from '../scorecards/run.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { EvidenceRef, Span } from '../scorecards/vocabulary.ts';
import { baselineOf } from './baseline.ts';
import { benignMarks } from './benign.ts';
import { appliedOf, beating, noteStage, putJson } from './context.ts';
import type { Ports } from './context.ts';
import { tellOfChampion } from './champion-alerts.ts';
import { exportChampion } from './champion-metrics.ts';
import type { CountingPlan } from './counting.ts';
import { featureHistories } from './drift-pictures.ts';
import { tellWindow } from './drift-telemetry.ts';
import { judgeWindows } from './drift-check.ts';
import { planWindows } from './drift-windows.ts';
import { newLabels } from './new-labels.ts';
import type { JudgedPerformance } from './performance.ts';
import { PortFailure } from './ports/port-failure.ts';
import type { Telemetry } from './telemetry.ts';

/** What the newest window says and what the policy answers to it. */
export interface DriftResult {
  readonly verdict: DriftVerdict['verdict'];
  readonly response: DriftResponse;
  /** Drift lasted as long as the policy asks: a run that obeys drift goes on. */
  readonly fires: boolean;
  readonly reason: string;
  readonly shares: DriftVerdict['shares'];
  readonly windows: readonly { readonly window: Span; readonly verdict: DriftVerdict['verdict'] }[];
  /** The worst PSI of the newest window. */
  readonly score: number;
  readonly top: readonly { readonly column: string; readonly sentence: string }[];
  /** How the champion does on its newest labelled window; absent where the policy declares no score. */
  readonly performance?: WindowPerformance;
  /** Absent where the policy asks for no minimum. */
  readonly newLabels?: NewLabels;
  /** All findings of all windows. */
  readonly report: EvidenceRef;
  /** What charts of the features show: `FeatureHistory[]`. */
  readonly pictures: EvidenceRef;
}

/** Of performance, in history: numbers of all rows, and the slices that fell most. */
const MOST_LINES = 40;
const MOST_SLICES = 12;
const OF_SLICES: ReadonlySet<string> = new Set(['auc', 'f1']);

export function createDrift(ports: Pick<Ports, 'data' | 'evidence' | 'notifier'>, telemetry: Telemetry) {
  return {
    /** Says what is to be counted before `measureDrift`, for any number of workers. */
    async planDrift(input: ForChampion): Promise<CountingPlan> {
      const against = await againstWhat(ports, input);
      const windows = windowsOf(input.context.asOf, against.applied);
      return beating((work) => planWindows(ports, against, windows, work));
    },

    /** Measures the windows that end at as-of against what the champion was trained on. */
    async measureDrift(input: ForChampion): Promise<DriftResult> {
      const { context } = input;
      const against = await againstWhat(ports, input);
      const { applied } = against;
      const windows = windowsOf(context.asOf, applied);
      const of = { ...against, champion: input.champion, asOf: context.asOf };
      const { histories, judged, labels } = await beating(async (work) => {
        const performed = await judgeWindows(ports, of, windows, work);
        const pictured = await featureHistories(ports, against, windows, work);
        return { judged: performed, labels: await newLabels(ports, of, work), histories: pictured };
      });
      const pictures = await putJson(ports.evidence, histories);
      const result = {
        ...(await concluded(ports, applied, judged)),
        pictures,
        ...(labels ? { newLabels: labels } : {}),
      };
      await tellOfChampion(ports, { context, version: input.champion.version }, judged.at(-1)?.findings ?? []);
      exportChampion(telemetry, context.model, judged.at(-1));
      tellWindow(telemetry, context.model, newestOf(judged));
      await noteStage(ports.evidence, context, 'drift', result);
      return result;
    },
  };
}

function newestOf<T>(judged: readonly T[]): T {
  const newest = judged.at(-1);
  if (newest) return newest;
  throw new PortFailure('bad-request', 'drift.persistence.of asks for no window');
}

export interface ForChampion {
  readonly context: RunContext;
  readonly champion: Champion;
}

async function againstWhat(ports: Pick<Ports, 'evidence'>, { champion, context }: ForChampion) {
  return {
    applied: await appliedOf(ports.evidence, context),
    baseline: await baselineOf(ports, champion),
    benign: await benignMarks(ports, context.model),
  };
}

function windowsOf(asOf: string, { policy }: AppliedPolicy): readonly Span[] {
  const { bucket, persistence, window } = policy.spec.drift;
  return windowsEndingAt(asOf, { windowMs: window, bucketMs: bucket, of: persistence.of });
}

async function concluded(
  ports: Pick<Ports, 'evidence'>,
  applied: AppliedPolicy,
  judged: readonly JudgedPerformance[],
): Promise<Omit<DriftResult, 'pictures'>> {
  const newest = newestOf(judged);
  const { fires, reason, response } = conclude(
    applied,
    judged.map((one) => one.verdict),
  );
  const breached = withHeldLevels(judged.map(({ findings }) => findings)).filter(({ level }) => level === 'breach');
  return {
    verdict: newest.verdict.verdict,
    response,
    fires,
    reason,
    shares: newest.verdict.shares,
    windows: judged.map(({ verdict }) => ({ window: verdict.window, verdict: verdict.verdict })),
    score: worstPsi(newest.findings),
    top: breached.slice(0, 5).map((finding) => ({ column: finding.criterion.column, sentence: finding.sentence })),
    ...(newest.performance ? { performance: shortened(newest.performance) } : {}),
    report: await putJson(ports.evidence, judged),
  };
}

/** What fits into history; the report holds all. */
function shortened(performance: WindowPerformance): WindowPerformance {
  const { lines, slices, ...rest } = performance;
  const shown = slices
    ?.slice(0, MOST_SLICES)
    .map((slice) => ({ ...slice, lines: slice.lines.filter(({ metric }) => OF_SLICES.has(metric)) }));
  const cut = (slices?.length ?? 0) - MOST_SLICES;
  return {
    ...rest,
    lines: lines.slice(0, MOST_LINES),
    ...(shown ? { slices: shown } : {}),
    ...(cut > 0 ? { moreSlices: cut } : {}),
  };
}

/** What successive windows (newest last) mean under the policy: fire, hold back a spike, block, or nothing. */
export function conclude(
  applied: AppliedPolicy,
  verdicts: readonly DriftVerdict[],
): { fires: boolean; reason: string; response: DriftResponse } {
  const { respond, persistence } = applied.policy.spec.drift;
  const newest = verdicts.at(-1);
  if (!newest) return { fires: false, reason: 'no window was judged', response: 'ignore' };
  const response = respondTo(newest, respond);
  if (response.response === 'block') return { fires: false, reason: response.reason, response: 'block' };
  const retraining = (Object.keys(respond) as (keyof Respond)[]).filter((kind) => respond[kind] === 'retrain');
  const firing = firesNow(verdicts, persistence, retraining);
  const reason = firing.kind === null ? response.reason : `${firing.reason} ${newest.reasons[0] ?? ''}`.trim();
  return { fires: firing.fires, reason, response: response.response };
}

/** The largest PSI among the findings; 0 when none was measured. */
export function worstPsi(findings: readonly DriftFinding[]): number {
  return Math.max(
    0,
    ...findings.map(({ criterion, measurement }) => (criterion.metric === 'psi' ? (measurement?.value ?? 0) : 0)),
  );
}
