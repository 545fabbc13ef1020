import { baselineOf } from '../../activities/baseline.ts';
import type { Ports } from '../../activities/context.ts';
import { conclude, worstPsi } from '../../activities/drift.ts';
import { featureHistories } from '../../activities/drift-pictures.ts';
import type { FeatureHistory } from '../../activities/drift-pictures.ts';
import { judgeWindows } from '../../activities/drift-windows.ts';
import { championOf } from '../../activities/opening.ts';
import type { Work } from '../../activities/ports/data-store.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { baselineFromDays } from '../../activities/trial-baseline.ts';
import type { Baseline } from '../../scorecards/drift/baseline.ts';
import { driftCriteria } from '../../scorecards/drift/criteria.ts';
import { decideDrift } from '../../scorecards/drift/decide.ts';
import type { DriftResponse } from '../../scorecards/drift/persistence.ts';
import { judgedUnder } from '../../scorecards/drift/rejudge.ts';
import type { DriftCriterion, DriftVerdict, DriftWord } from '../../scorecards/drift/verdict.ts';
import { windowsEndingAt } from '../../scorecards/drift/windows.ts';
import { featuresOf } from '../../scorecards/features.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import type { Span } from '../../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from '../failure.ts';

export interface ReplayRequest {
  readonly applied: AppliedPolicy;
  /** First and last day on which drift is checked, in milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Days to compare with instead of the champion's own. */
  readonly baseline?: Span;
  /** Bounds of PSI to try beside the policy's. */
  readonly psi: readonly number[];
}

/** What a check on one day answers under one set of bounds. */
export interface ReplayedAnswer {
  readonly verdict: DriftWord;
  readonly shares: DriftVerdict['shares'];
  readonly response: DriftResponse;
  readonly fires: boolean;
  /** The newest window drifts, and drift has not lasted as long as the policy asks. */
  readonly suppressedSpike: boolean;
  readonly reason: string;
}

export interface ReplayedDay extends ReplayedAnswer {
  readonly asOf: string;
  readonly window: Span;
  /** The worst PSI of the newest window. */
  readonly score: number;
  /** In the order of `alternatives`. */
  readonly alternatives: readonly ReplayedAnswer[];
}

export interface Tally {
  /** `policy`, or the bound that is tried: `PSI 0.1`. */
  readonly name: string;
  /** Days that would have fired. */
  readonly fired: number;
  /** Stretches of days that fire one after the other: about as many retrainings, since the first makes a new baseline. */
  readonly stretches: number;
  readonly suppressedSpikes: number;
}

/** What `understudy drift replay -o json` prints. */
export interface Replay {
  readonly model: string;
  /** Absent when the baseline is of days that the caller named. */
  readonly champion?: string;
  readonly baseline: Span;
  readonly fired: number;
  readonly suppressedSpikes: number;
  /** The policy first. */
  readonly tallies: readonly Tally[];
  readonly days: readonly ReplayedDay[];
  /** Of the newest window. */
  readonly features: readonly FeatureHistory[];
}

const DAY_MS = 86_400_000;
/** Windows that are judged between two looks at the clock and at Ctrl-C. */
const WINDOWS_AT_ONCE = 8;

type ReplayPorts = Pick<Ports, 'data' | 'evidence' | 'registry'>;

/** What a check on each day would have found, every day judged exactly as that check would have judged it. */
export async function replayDrift(ports: ReplayPorts, request: ReplayRequest, work: Work): Promise<Replay> {
  const { applied } = request;
  const { champion, baseline } = await referenceFor(ports, request, work);
  const { bucket, persistence, window } = applied.policy.spec.drift;
  const count = Math.floor((request.to - request.from) / DAY_MS) + 1;
  const checks = Array.from({ length: count }, (_, index) => {
    const asOf = new Date(request.from + index * DAY_MS).toISOString();
    return { asOf, windows: windowsEndingAt(asOf, { windowMs: window, bucketMs: bucket, of: persistence.of }) };
  });
  const windows = [...new Map(checks.flatMap((check) => check.windows).map((span) => [span.until, span])).values()];
  const judged = await judgeAll(ports, { applied, baseline, psi: request.psi }, windows, work);
  const days = checks.map(({ asOf, windows: own }) =>
    dayOf(
      applied,
      asOf,
      own.flatMap(({ until }) => judged.get(until) ?? []),
    ),
  );
  const [first, last] = [windows[0], windows.at(-1)];
  const features =
    first && last
      ? await featureHistories(
          ports,
          { applied, baseline },
          { days: { from: first.from, until: last.until }, window: last },
          work,
        )
      : [];
  const names = ['policy', ...request.psi.map((bound) => `PSI ${bound}`)];
  const tallies = names.map((name, place) =>
    tallyOf(
      name,
      days.map((day) => (place === 0 ? day : (day.alternatives[place - 1] ?? day))),
    ),
  );
  const { fired = 0, suppressedSpikes = 0 } = tallies[0] ?? {};
  const model = applied.policy.metadata.name;
  return {
    model,
    ...(champion === undefined ? {} : { champion }),
    baseline: baseline.span,
    fired,
    suppressedSpikes,
    tallies,
    days,
    features,
  };
}

async function referenceFor(
  ports: ReplayPorts,
  { applied, baseline: span }: ReplayRequest,
  work: Work,
): Promise<{ readonly champion?: string; readonly baseline: Baseline }> {
  const { name } = applied.policy.metadata;
  if (span) return { baseline: await baselineFromDays(ports, { applied, span }, work) };
  const instead = 'name days to compare with: --baseline 2001-01-01..2001-03-31';
  const champion = await championOf(ports, name).catch((error: unknown) => {
    if (!(error instanceof PortFailure) || error.code !== 'unavailable') throw error;
    throw new CliFailure(EXIT.unavailable, `${error.message}; so nobody knows the champion of ${name}`, instead, {
      cause: error,
    });
  });
  if (champion) return { champion: champion.version, baseline: await baselineOf(ports, champion) };
  throw new CliFailure(EXIT.notFound, `${name} has no champion yet, so there is nothing to compare with`, instead);
}

/** One window under the policy and under each alternative. */
interface Looked {
  readonly score: number;
  readonly verdicts: readonly DriftVerdict[];
}

async function judgeAll(
  ports: ReplayPorts,
  against: { readonly applied: AppliedPolicy; readonly baseline: Baseline; readonly psi: readonly number[] },
  windows: readonly Span[],
  work: Work,
): Promise<ReadonlyMap<string, Looked>> {
  const { share } = against.applied.policy.spec.drift;
  const alternatives = against.psi.map((bound) => criteriaUnder(against, bound));
  const looked = new Map<string, Looked>();
  for (let done = 0; done < windows.length; done += WINDOWS_AT_ONCE) {
    const progress = (step: string, part: number, of: number) =>
      work.progress(`window ${done + 1} of ${windows.length}: ${step}`, part, of);
    work.signal.throwIfAborted();
    progress('judging', 0, WINDOWS_AT_ONCE);
    const some = await judgeWindows(ports, against, windows.slice(done, done + WINDOWS_AT_ONCE), {
      signal: work.signal,
      progress,
    });
    for (const { findings, verdict } of some) {
      const { window } = verdict;
      const others = alternatives.map((criteria) => decideDrift(judgedUnder(findings, criteria), { share, window }));
      looked.set(window.until, { score: worstPsi(findings), verdicts: [verdict, ...others] });
    }
  }
  return looked;
}

/** The policy's criteria with another bound of PSI; a feature's own bound stays. */
function criteriaUnder(
  { applied, baseline }: { readonly applied: AppliedPolicy; readonly baseline: Baseline },
  bound: number,
): readonly DriftCriterion[] {
  const { spec } = applied.policy;
  const psi = { warn: Math.min(spec.drift.psi.warn, bound), drift: bound };
  return driftCriteria(
    { ...spec, drift: { ...spec.drift, psi } },
    { features: featuresOf(applied.policy, baseline.columns) },
  );
}

function dayOf(applied: AppliedPolicy, asOf: string, looked: readonly Looked[]): ReplayedDay {
  const newest = looked.at(-1);
  if (!newest) throw new PortFailure('bad-request', 'drift.persistence.of asks for no window');
  const [policy, ...alternatives] = newest.verdicts.map((_, place) =>
    answerTo(
      applied,
      looked.flatMap(({ verdicts }) => verdicts[place] ?? []),
    ),
  );
  if (!policy) throw new Error('a window was judged under no policy');
  return {
    asOf,
    window: newest.verdicts[0]?.window ?? { from: asOf, until: asOf },
    score: newest.score,
    ...policy,
    alternatives,
  };
}

function answerTo(applied: AppliedPolicy, verdicts: readonly DriftVerdict[]): ReplayedAnswer {
  const { fires, reason, response } = conclude(applied, verdicts);
  const newest = verdicts.at(-1);
  const verdict = newest?.verdict ?? 'inconclusive';
  const shares = newest?.shares ?? { breached: 0, warned: 0, unjudged: 1 };
  return {
    verdict,
    shares,
    response,
    fires,
    reason,
    suppressedSpike: verdict === 'drift' && response === 'retrain' && !fires,
  };
}

function tallyOf(name: string, days: readonly ReplayedAnswer[]): Tally {
  return {
    name,
    fired: days.filter((day) => day.fires).length,
    stretches: days.filter((day, place) => day.fires && !days[place - 1]?.fires).length,
    suppressedSpikes: days.filter((day) => day.suppressedSpike).length,
  };
}
