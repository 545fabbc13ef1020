import type { DriftFinding } from '../scorecards/drift/verdict.ts';
import { bucketsOf, millisecondsOf, windowsEndingAt } from '../scorecards/drift/windows.ts';
import { decides } from '../scorecards/performance/decides.ts';
import { fitEstimator } from '../scorecards/performance/estimate.ts';
import type { Estimator } from '../scorecards/performance/estimate.ts';
import { judgeEstimates } from '../scorecards/performance/judge-estimates.ts';
import { judgeLabelled } from '../scorecards/performance/judge.ts';
import { reportPerformance } from '../scorecards/performance/report.ts';
import type { WindowPerformance } from '../scorecards/performance/report.ts';
import type { ScoredBucket } from '../scorecards/performance/score-counts.ts';
import { testScores } from '../scorecards/performance/score-drift.ts';
import type { LabelledWindow, ReferencePerformance } from '../scorecards/performance/window.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import { digestOf } from './artifact.ts';
import { isWithin } from './champions-data.ts';
import type { ChampionsData } from './champions-data.ts';
import { getJson, putJson } from './context.ts';
import type { Ports } from './context.ts';
import { judgeKpi } from './divergence.ts';
import type { JudgedWindow, TestedWindow } from './drift-windows.ts';
import { under } from './paths.ts';
import type { Work } from './ports/data-store.ts';
import type { CountedScores, ScoreRequest } from './ports/score-questions.ts';
import { referenceOf } from './reference-performance.ts';

/** A window's drift, with how the champion does on its rows. */
export interface JudgedPerformance extends JudgedWindow {
  readonly performance?: WindowPerformance;
}

/** The same before it is judged. */
export interface TestedPerformance extends TestedWindow {
  readonly performance?: WindowPerformance;
}

/** Raised when the counting changes: then nothing counted before is found again. */
const CODE_VERSION = 2;

/**
 * Adds to windows of drift what the champion's logged scores say: labelled metrics of the window that ends at the last bucket
 * whose every label had time to come, and estimates for the newest rows. Without a declared score nothing is added.
 */
export async function addPerformance(
  ports: Pick<Ports, 'data' | 'evidence'>,
  of: ChampionsData,
  tested: readonly TestedWindow[],
  work: Work,
): Promise<readonly TestedPerformance[]> {
  const { policy, scorecard } = of.applied;
  const { drift, data } = policy.spec;
  const score = data.observations.score;
  if (score === undefined || scorecard.spec.task !== 'classification' || tested.length === 0) return tested;
  const mature = new Date(millisecondsOf(of.asOf) - data.labels.maturity).toISOString();
  const labelled = windowsEndingAt(mature, { windowMs: drift.window, bucketMs: drift.bucket, of: tested.length });
  const reference = await referenceOf(ports, of.champion);
  const span = spanOver([...labelled, ...tested.map(({ window }) => window)]);
  const counted = await countOnce(ports, await requestFor(ports, of, { score, span, reference }), work);
  const estimator = reference && fitEstimator(reference.buckets);
  const inputs = labelled.map((window) => labelledWindow(of, { score, window, counted, reference }));
  const concept = inputs.map((input) => judgeLabelled(input));
  const divergence = await judgeKpi(
    ports,
    of,
    labelled.map((window, index) => ({ window, concept: (concept[index] ?? []).filter(isConcept) })),
    work,
  );
  return tested.map((one, index) => {
    const input = inputs[index];
    const kpi = divergence[index];
    const found = [...(concept[index] ?? []), ...(kpi ? [kpi] : [])];
    return input ? withPerformance(of, one, { input, found, counted, estimator }) : one;
  });
}

const isConcept = (finding: DriftFinding): boolean => finding.criterion.kind === 'concept' && decides(finding);

interface Asked {
  readonly score: string;
  readonly span: Span;
  readonly reference: ReferencePerformance | undefined;
}

/** What is counted, and the files that say it: late labels are other files, so they count the same days anew. */
async function requestFor(
  ports: Pick<Ports, 'data'>,
  { applied, champion, asOf }: ChampionsData,
  { score, span, reference }: Asked,
): Promise<{ readonly request: ScoreRequest; readonly files: readonly unknown[]; readonly present: readonly Span[] }> {
  const { data, dataset, drift } = applied.policy.spec;
  const { observations, labels } = data;
  const bucketMs = drift.bucket;
  const until = new Date(Math.ceil(millisecondsOf(asOf) / bucketMs) * bucketMs).toISOString();
  const rows = await ports.data.partitions({
    dataset: 'observations',
    path: under(applied.folder, observations.path),
    span,
    bucketMs,
  });
  const known = await ports.data.partitions({
    dataset: 'labels',
    path: under(applied.folder, labels.path),
    span: { from: span.from, until },
    bucketMs,
  });
  const pathsOf = (days: typeof rows) => [...new Set(days.flatMap(({ files }) => files.map(({ path }) => path)))];
  return {
    files: [rows, known],
    present: rows.map(({ bucket }) => bucket),
    request: {
      span,
      bucketMs,
      rows: {
        files: pathsOf(rows),
        id: observations.id,
        time: observations.time,
        score,
        slices: data.slices,
        ...(dataset.hash === undefined ? {} : { hashed: dataset.hash }),
        ...(observations.modelVersion === undefined
          ? {}
          : { version: { column: observations.modelVersion, is: champion.version } }),
      },
      labels: {
        files: pathsOf(known),
        id: labels.id,
        label: labels.label,
        availableAt: labels.availableAt,
        ...(labels.surrogate === undefined ? {} : { surrogate: labels.surrogate }),
      },
      asOf,
      ...(reference?.cut === undefined ? {} : { cut: reference.cut }),
    },
  };
}

interface Counted extends CountedScores {
  /** Buckets that have files. */
  readonly present: readonly Span[];
}

async function countOnce(
  ports: Pick<Ports, 'data' | 'evidence'>,
  { files, present, request }: Awaited<ReturnType<typeof requestFor>>,
  work: Work,
): Promise<Counted> {
  const key = `scores/${digestOf({ request, files, codeVersion: CODE_VERSION })}`;
  const known = await ports.evidence.recall(key);
  if (known) return { ...(await getJson<CountedScores>(ports.evidence, known)), present };
  const counted = await ports.data.scores(request, work);
  await ports.evidence.remember(key, await putJson(ports.evidence, counted));
  return { ...counted, present };
}

function labelledWindow(
  { applied, baseline, champion }: ChampionsData,
  of: { readonly score: string; readonly window: Span; readonly counted: Counted } & Pick<Asked, 'reference'>,
): LabelledWindow {
  const { data, drift } = applied.policy.spec;
  const { counted, reference, score, window } = of;
  return {
    rule: drift.performance,
    score,
    window,
    expectedBuckets: bucketsOf(window, drift.bucket),
    presentBuckets: counted.present.filter((bucket) => isWithin(bucket, window)),
    buckets: within(counted.buckets, window),
    baselineSpan: baseline.span,
    ...(reference ? { reference } : {}),
    ...(data.observations.modelVersion === undefined
      ? {}
      : { version: { is: champion.version, others: counted.others } }),
    ...(counted.absent === undefined ? {} : { absent: counted.absent }),
  };
}

function withPerformance(
  { applied }: ChampionsData,
  { window, tested }: TestedWindow,
  of: {
    readonly input: LabelledWindow;
    readonly found: readonly DriftFinding[];
    readonly counted: Counted;
    readonly estimator: Estimator | undefined;
  },
): TestedPerformance {
  const { counted, estimator, found, input } = of;
  const newest = { window, buckets: within(counted.buckets, window) };
  const days = {
    expectedBuckets: bucketsOf(window, applied.policy.spec.drift.bucket),
    presentBuckets: counted.present.filter((bucket) => isWithin(bucket, window)),
  };
  const scores = testScores(applied.policy.spec, input, { ...newest, ...days });
  const { baselineSpan, reference, rule, score } = input;
  const estimates =
    reference && estimator ? judgeEstimates({ rule, score, reference, estimator, baselineSpan, ...newest }) : [];
  return {
    window,
    tested: [...tested, ...found, ...scores, ...estimates],
    performance: reportPerformance(
      input,
      { ...newest, ...(estimator ? { estimator } : {}) },
      {
        slices: applied.policy.spec.data.slices,
        ...(counted.watermark === undefined ? {} : { watermark: counted.watermark }),
      },
    ),
  };
}

const within = (buckets: readonly ScoredBucket[], window: Span): readonly ScoredBucket[] =>
  buckets.filter(({ bucket }) => isWithin(bucket, window));

function spanOver(windows: readonly Span[]): Span {
  const from = Math.min(...windows.map((window) => millisecondsOf(window.from)));
  const until = Math.max(...windows.map((window) => millisecondsOf(window.until)));
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
}
