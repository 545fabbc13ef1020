import type { Ports } from '../activities/context.ts';
import { baselineOf } from '../activities/baseline.ts';
import { benignMarks } from '../activities/benign.ts';
import { conclude, worstPsi } from '../activities/drift.ts';
import type { ChampionsData } from '../activities/champions-data.ts';
import { featureHistories } from '../activities/drift-pictures.ts';
import { judgeWindows } from '../activities/drift-check.ts';
import { championOf } from '../activities/opening.ts';
import type { JudgedPerformance } from '../activities/performance.ts';
import type { Work } from '../activities/ports/data-store.ts';
import type { DriftResponse } from '../scorecards/drift/persistence.ts';
import { windowsEndingAt } from '../scorecards/drift/windows.ts';
import type { DriftVerdict } from '../scorecards/drift/verdict.ts';
import type { WindowPerformance } from '../scorecards/performance/report.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import type { Span } from '../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { FeatureStory } from './report/feature-cards.ts';
import { withHistories, worstFirst } from './report/worst-first.ts';

type DriftPorts = Pick<Ports, 'data' | 'evidence' | 'registry'>;

interface Judgement {
  readonly verdict: DriftVerdict['verdict'];
  readonly shares: DriftVerdict['shares'];
  readonly response: DriftResponse;
  readonly fires: boolean;
  readonly reason: string;
  /** The worst PSI of the newest window. */
  readonly score: number;
}

export interface MeasuredDrift extends Judgement {
  readonly champion: string;
  readonly windows: readonly { readonly window: Span; readonly verdict: DriftVerdict['verdict'] }[];
  readonly reasons: readonly string[];
  /** Of each window, in their order; empty where the policy declares no score. */
  readonly performance: readonly WindowPerformance[];
  readonly baseline: Span;
  /** Of the newest window, worst first, with every day of all windows. */
  readonly features: readonly FeatureStory[];
}

/** What a check would find now. Writes nothing about a run; counted days are kept as always. */
export async function measureDrift(
  ports: DriftPorts,
  applied: AppliedPolicy,
  asOf: string,
  work: Work,
): Promise<MeasuredDrift> {
  const { baseline, champion } = await referenceFor(ports, applied);
  const { bucket, persistence, window: windowMs } = applied.policy.spec.drift;
  const windows = windowsEndingAt(asOf, { windowMs, bucketMs: bucket, of: persistence.of });
  const benign = await benignMarks(ports, applied.policy.metadata.name);
  const what: ChampionsData = { applied, champion, baseline, asOf, benign };
  const judged = await judgeWindows(ports, what, windows, work);
  const histories = await featureHistories(ports, { applied, baseline }, windows, work);
  const verdicts = judged.map((one) => one.verdict);
  return {
    champion: champion.version,
    ...judgementOf(applied, judged),
    windows: verdicts.map(({ verdict, window }) => ({ window, verdict })),
    reasons: verdicts.at(-1)?.reasons ?? [],
    performance: judged.flatMap((one) => one.performance ?? []),
    baseline: baseline.span,
    features: withHistories(worstFirst(judged.at(-1)?.findings ?? []), histories),
  };
}

async function referenceFor(ports: DriftPorts, applied: AppliedPolicy) {
  const { name } = applied.policy.metadata;
  const champion = await championOf(ports, name);
  if (champion) return { champion, baseline: await baselineOf(ports, champion) };
  const next = `understudy trigger ${name} --kind bootstrap`;
  throw new CliFailure(EXIT.notFound, `${name} has no champion yet, so there is nothing to compare with`, next);
}

function judgementOf(applied: AppliedPolicy, judged: readonly JudgedPerformance[]): Judgement {
  const newest = judged.at(-1);
  const { fires, reason, response } = conclude(
    applied,
    judged.map((one) => one.verdict),
  );
  return {
    verdict: newest?.verdict.verdict ?? 'inconclusive',
    shares: newest?.verdict.shares ?? { breached: 0, warned: 0, unjudged: 1 },
    response,
    fires,
    reason,
    score: worstPsi(newest?.findings ?? []),
  };
}
