import { baselineOf } from '../../activities/baseline.ts';
import type { Ports } from '../../activities/context.ts';
import { worstPsi } from '../../activities/drift.ts';
import { featureHistories } from '../../activities/drift-pictures.ts';
import { judgedWith } from '../../activities/drift-check.ts';
import { columnsOf, testWindows } from '../../activities/drift-windows.ts';
import type { JudgedWindow, TestedWindow } from '../../activities/drift-windows.ts';
import { championOf } from '../../activities/opening.ts';
import type { Work } from '../../activities/ports/data-store.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import { baselineFromDays } from '../../activities/trial-baseline.ts';
import type { Baseline } from '../../scorecards/drift/baseline.ts';
import { driftCriteria } from '../../scorecards/drift/criteria.ts';
import { decideDrift } from '../../scorecards/drift/decide.ts';
import { judgedUnder } from '../../scorecards/drift/rejudge.ts';
import type { DriftCriterion, DriftFinding } from '../../scorecards/drift/verdict.ts';
import { windowsEndingAt } from '../../scorecards/drift/windows.ts';
import { decides } from '../../scorecards/performance/decides.ts';
import type { Champion } from '../../scorecards/run.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import type { Span } from '../../scorecards/vocabulary.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { reachedOf, withHistories, worstFirst } from '../report/worst-first.ts';
import { replayedDay, tallyOf } from './replayed.ts';
import type { Looked, Replay } from './replayed.ts';

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
  const against = { applied, baseline, psi: request.psi, ...(champion ? { champion } : {}), lag: lagOf(checks) };
  const { looked, newest } = await judgeAll(ports, against, windows, work);
  const days = checks.map(({ asOf, windows: own }) => {
    const its = own.flatMap(({ until }) => looked.get(until) ?? []);
    return replayedDay(applied, asOf, its);
  });
  const last = windows.at(-1);
  if (!last) throw new PortFailure('bad-request', 'drift.persistence.of asks for no window');
  const histories = await featureHistories(ports, { applied, baseline }, [last], work);
  const names = ['policy', ...request.psi.map((bound) => `PSI ${bound}`)];
  const tallies = names.map((name, place) => {
    const answers = days.map((day) => (place === 0 ? day : (day.alternatives[place - 1] ?? day)));
    return tallyOf(name, answers);
  });
  const { fired = 0, suppressedSpikes = 0 } = tallies[0] ?? {};
  return {
    model: applied.policy.metadata.name,
    ...(champion === undefined ? {} : { champion: champion.version }),
    baseline: baseline.span,
    fired,
    suppressedSpikes,
    tallies,
    days,
    features: withHistories(worstFirst(newest), histories).map((feature) => ({
      ...feature,
      trend: [...looked].map(([until, { psi, rows }]) => ({
        name: until.slice(0, 10),
        rows,
        psi: psi.get(feature.column) ?? null,
      })),
    })),
    bounds: applied.policy.spec.drift.psi,
  };
}

async function referenceFor(
  ports: ReplayPorts,
  { applied, baseline: span }: ReplayRequest,
  work: Work,
): Promise<{ readonly champion?: Champion; readonly baseline: Baseline }> {
  const { name } = applied.policy.metadata;
  if (span) return { baseline: await baselineFromDays(ports, { applied, span }, work) };
  const instead = 'name days to compare with: --baseline 2001-01-01..2001-03-31';
  const champion = await championOf(ports, name).catch((error: unknown) => {
    if (!(error instanceof PortFailure) || error.code !== 'unavailable') throw error;
    throw new CliFailure(EXIT.unavailable, `${error.message}; so nobody knows the champion of ${name}`, instead, {
      cause: error,
    });
  });
  if (champion) return { champion, baseline: await baselineOf(ports, champion) };
  throw new CliFailure(EXIT.notFound, `${name} has no champion yet, so there is nothing to compare with`, instead);
}

/** Milliseconds from the end of a window to the check whose newest window it is. */
function lagOf(checks: readonly { readonly asOf: string; readonly windows: readonly Span[] }[]): number {
  const [first] = checks;
  return first ? Date.parse(first.asOf) - Date.parse(first.windows.at(-1)?.until ?? first.asOf) : 0;
}

interface Against {
  readonly applied: AppliedPolicy;
  readonly baseline: Baseline;
  readonly psi: readonly number[];
  /** Absent when the baseline is of days that the caller named: then nobody's labels are judged. */
  readonly champion?: Champion;
  readonly lag: number;
}

/** Each window with the labels that were known when a check first saw it. */
async function withLabels(
  ports: ReplayPorts,
  { applied, baseline, champion, lag }: Against,
  windows: readonly TestedWindow[],
  work: Work,
): Promise<readonly JudgedWindow[]> {
  const all: JudgedWindow[] = [];
  for (const one of windows) {
    const asOf = new Date(Date.parse(one.window.until) + lag).toISOString();
    const of = champion ? { applied, baseline, champion, asOf } : { applied, baseline };
    all.push(...(await judgedWith(ports, of, [one], work)));
  }
  return all;
}

async function judgeAll(
  ports: ReplayPorts,
  against: Against,
  windows: readonly Span[],
  work: Work,
): Promise<{ readonly looked: ReadonlyMap<string, Looked>; readonly newest: readonly DriftFinding[] }> {
  const { share } = against.applied.policy.spec.drift;
  const alternatives = against.psi.map((bound) => criteriaUnder(against, bound));
  const looked = new Map<string, Looked>();
  let newest: readonly DriftFinding[] = [];
  for (let done = 0; done < windows.length; done += WINDOWS_AT_ONCE) {
    const progress = (step: string, part: number, of: number) =>
      work.progress(`window ${done + 1} of ${windows.length}: ${step}`, part, of);
    work.signal.throwIfAborted();
    progress('judging', 0, WINDOWS_AT_ONCE);
    const step = { signal: work.signal, progress };
    const moved = await testWindows(ports, against, windows.slice(done, done + WINDOWS_AT_ONCE), step);
    const some = await withLabels(ports, against, moved, step);
    for (const { findings, verdict } of some) {
      const { window } = verdict;
      const others = alternatives.map((criteria) =>
        decideDrift(judgedUnder(findings, criteria).filter(decides), { share, window }),
      );
      const distances = findings.filter(({ criterion }) => criterion.metric === 'psi');
      const measured = distances.filter(({ criterion }) => criterion.slice.length === 0);
      looked.set(window.until, {
        score: worstPsi(findings),
        reached: Math.max(0, ...distances.map((finding) => reachedOf(finding) ?? 0)),
        verdicts: [verdict, ...others],
        rows: Math.max(0, ...measured.map(({ measurement }) => measurement?.n.current ?? 0)),
        psi: new Map(
          measured.flatMap(({ criterion, measurement }) =>
            measurement ? [[criterion.column, measurement.value]] : [],
          ),
        ),
      });
      newest = findings;
    }
  }
  return { looked, newest };
}

/** The policy's criteria with another bound of PSI; a feature's own bound stays. */
function criteriaUnder(
  { applied, baseline }: { readonly applied: AppliedPolicy; readonly baseline: Baseline },
  bound: number,
): readonly DriftCriterion[] {
  const { spec } = applied.policy;
  const psi = { warn: Math.min(spec.drift.psi.warn, bound), drift: bound };
  return driftCriteria({ ...spec, drift: { ...spec.drift, psi } }, columnsOf(applied, baseline));
}
