import { lookFrom, openCounters } from './counters.ts';
import type { CounterMemory } from './counters.ts';
import { isHarm, openPhase, takeLook } from './judge.ts';
import type { CanaryState } from './judge.ts';
import type { Scrape } from './scrape.ts';
import { countShare, judgeShare, openShareTally } from './share-test.ts';
import type { ShareTally, ShareVerdict } from './share-test.ts';
import type { CanaryPlan, CanaryVerdict, Look } from './verdict.ts';

/** All that the watch of one phase keeps from one look to the next. Plain finite JSON: a heartbeat restores it bit for bit. */
export interface Watch {
  readonly state: CanaryState;
  readonly share: ShareTally;
  readonly counters: CounterMemory;
  /** Looks taken. */
  readonly number: number;
}

/** What the gateway told when it was asked, or why it told nothing. `at`: epoch milliseconds. */
export type Reading =
  | { readonly kind: 'scrape'; readonly scrape: Scrape }
  | { readonly kind: 'gap'; readonly at: number; readonly why: string };

export interface Watched {
  readonly watch: Watch;
  readonly look: Look;
  readonly verdict: CanaryVerdict;
  /** Whether the gateway serves the weight that was asked for. */
  readonly share: ShareVerdict;
}

export function openWatch(plan: CanaryPlan, startedAt: number): Watch {
  return { state: openPhase(plan, startedAt), share: openShareTally(), counters: openCounters(), number: 0 };
}

/**
 * One look of a watch, from what was read to what follows from it. Whoever watches and whoever reads the log afterwards call
 * this same function, so that a log can be held against the judge.
 */
export function lookOnce(plan: CanaryPlan, watch: Watch, reading: Reading): Watched {
  const { look, counters } = lookOf(plan, watch, reading);
  const { state, verdict } = takeLook(plan, watch.state, look);
  const share = countShare(watch.share, plan.percent, look);
  return {
    watch: { state, share, counters, number: watch.number + 1 },
    look,
    verdict,
    share: judgeShare(plan.percent, share),
  };
}

/** The verdict while somebody else edits the route: held, for that reason. Harm is harm whoever set the weights. */
export function whileForeign(verdict: CanaryVerdict, foreign: string | undefined): CanaryVerdict {
  return foreign === undefined || isHarm(verdict) ? verdict : { ...verdict, word: 'freeze', reason: foreign };
}

/** A scrape whose time is none, or that holds what JSON cannot, is a gap: nothing may be logged that cannot be read again. */
export function readingOf(scrape: Scrape, now: number): Reading {
  const odd = oddNumberIn(scrape);
  if (odd !== undefined) return { kind: 'gap', at: now, why: odd };
  return { kind: 'scrape', scrape };
}

function lookOf(
  plan: CanaryPlan,
  { counters, number }: Watch,
  reading: Reading,
): { look: Look; counters: CounterMemory } {
  if (reading.kind === 'gap') return { look: { kind: 'missed', at: reading.at, why: reading.why }, counters };
  const split = { mode: plan.mode, percent: plan.percent, weightChanged: number === 0 };
  const { look, memory } = lookFrom(counters, reading.scrape, split);
  return { look, counters: memory };
}

function oddNumberIn({ arms, at, processStart, router }: Scrape): string | undefined {
  if (!Number.isFinite(Date.parse(at))) return `the scrape's time "${at}" is not a time`;
  if (!Number.isFinite(processStart)) return 'the scrape does not say when the gateway started';
  for (const [name, { buckets, requests, serverUp = 0 }] of Object.entries({ ...arms, router })) {
    const counts = Object.values(requests).flatMap(({ code, count }) => [code, count]);
    const odd = [...counts, ...Object.values(buckets), serverUp].find((count) => !Number.isFinite(count));
    if (odd !== undefined) return `a counter of the ${name} is ${odd}`;
  }
  return undefined;
}
