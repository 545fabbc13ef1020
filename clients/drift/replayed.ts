import { conclude } from '../../activities/drift.ts';
import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { DriftResponse } from '../../scorecards/drift/persistence.ts';
import type { DriftVerdict, DriftWord } from '../../scorecards/drift/verdict.ts';
import type { AppliedPolicy } from '../../scorecards/trigger.ts';
import type { Span } from '../../scorecards/vocabulary.ts';
import type { FeatureStory } from '../report/feature-cards.ts';

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
  /** How far the PSI that came furthest is on its way to its own limit, which is 1: a feature may have another than its policy. */
  readonly reached: number;
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
  /** Of the newest window, worst first, with the PSI of every window, named by the day on which it ends. */
  readonly features: readonly FeatureStory[];
  /** Bounds of PSI, for the colours of a chart. */
  readonly bounds: { readonly warn: number; readonly drift: number };
}

/** One window under the policy and under each alternative. */
export interface Looked {
  readonly score: number;
  readonly reached: number;
  readonly verdicts: readonly DriftVerdict[];
  readonly rows: number;
  /** By feature; absent where it was not measured. */
  readonly psi: ReadonlyMap<string, number>;
}

/** What a check at `asOf` answers, from its windows, oldest first. */
export function replayedDay(applied: AppliedPolicy, asOf: string, looked: readonly Looked[]): ReplayedDay {
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
    reached: newest.reached,
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

/** What one set of bounds does over all days. */
export function tallyOf(name: string, days: readonly ReplayedAnswer[]): Tally {
  return {
    name,
    fired: days.filter((day) => day.fires).length,
    stretches: days.filter((day, place) => day.fires && !days[place - 1]?.fires).length,
    suppressedSpikes: days.filter((day) => day.suppressedSpike).length,
  };
}
