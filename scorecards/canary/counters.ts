import type { ArmCounters, ArmName, Scrape } from './scrape.ts';
import { attributeUncounted } from './uncounted.ts';
import type { Deltas, Split } from './uncounted.ts';
import type { ArmDelta, Look } from './verdict.ts';

export type { Deltas, Split } from './uncounted.ts';

/** What must be kept from one scrape to the next. Plain JSON. */
export interface CounterMemory {
  /** The scrape to subtract from the next one; null before the first. */
  readonly baseline: Scrape | null;
  /** Router 5xx not yet given to an arm; negative when the arms counted more than the router so far. */
  readonly uncounted: number;
}

export function openCounters(): CounterMemory {
  return { baseline: null, uncounted: 0 };
}

/**
 * The look that a scrape makes, and what to keep for the next one. In shadow mode the mirror's arm is the challenger. A scrape
 * that cannot be trusted, or that has nothing to be compared with, is a missed look and never evidence.
 */
export function lookFrom(
  memory: CounterMemory,
  next: Scrape,
  split: Split,
): { readonly look: Look; readonly memory: CounterMemory } {
  const at = Date.parse(next.at);
  const missed = (why: string, kept: CounterMemory) => ({ look: { kind: 'missed', at, why } as const, memory: kept });
  const nonsense = findNonsense(next);
  if (nonsense !== undefined) return missed(nonsense, memory);
  const deltas = deltasBetween(memory.baseline ?? undefined, next);
  if ('why' in deltas) return missed(deltas.why, { ...memory, baseline: next });
  const { champion, challenger, retried, uncounted } = attributeUncounted(deltas, split, memory.uncounted);
  const judged = split.mode === 'shadow' ? 'shadow' : 'challenger';
  const look: Look = {
    kind: 'counts',
    at,
    champion,
    challenger: judged === 'shadow' ? deltas.arms.shadow : challenger,
    challengerDown: next.arms[judged].serverUp === 0,
    ...(retried > 0 ? { retried } : {}),
  };
  return { look, memory: { baseline: keepVanished(memory.baseline, next), uncounted } };
}

/** Subtracts two scrapes series by series, or says why that is impossible. */
export function deltasBetween(previous: Scrape | undefined, next: Scrape): Deltas | { readonly why: string } {
  if (previous === undefined) return { why: 'the first scrape is the baseline of the next' };
  if (Date.parse(next.at) <= Date.parse(previous.at)) {
    return { why: `the scrape of ${next.at} is not newer than the one of ${previous.at}` };
  }
  const from = originOf(previous, next);
  if (from === undefined)
    return { why: 'another gateway process answered; its first scrape is the baseline of the next' };
  if (everyCounter(next).some(([name, counters]) => hasFallen(countersOf(from, name), counters))) {
    return { why: 'a counter fell although the gateway process is the same' };
  }
  const arm = (name: ArmName) => deltaOf(from.arms[name], next.arms[name]);
  return {
    arms: { champion: arm('champion'), challenger: arm('challenger'), shadow: arm('shadow') },
    router: deltaOf(from.router, next.router),
  };
}

/** What to subtract: the scrape before, zeros for a process that began since then, nothing for one that is simply unknown. */
export function originOf(previous: Scrape, next: Scrape): Scrape | undefined {
  if (previous.processStart === next.processStart) return previous;
  const none: ArmCounters = { requests: {}, buckets: {} };
  const zeros: Scrape = { ...next, arms: { champion: none, challenger: none, shadow: none }, router: none };
  return next.processStart * 1000 > Date.parse(previous.at) ? zeros : undefined;
}

/**
 * A series that is absent for a while comes back with its old count, unlike one that never existed: what was last seen of it
 * stays in the baseline, or all its history would pass for news.
 */
function keepVanished(previous: Scrape | null, next: Scrape): Scrape {
  if (previous?.processStart !== next.processStart) return next;
  const merged = (before: ArmCounters, after: ArmCounters): ArmCounters => ({
    ...after,
    requests: { ...before.requests, ...after.requests },
  });
  const arm = (name: ArmName) => merged(previous.arms[name], next.arms[name]);
  const arms = { champion: arm('champion'), challenger: arm('challenger'), shadow: arm('shadow') };
  return { ...next, arms, router: merged(previous.router, next.router) };
}

function deltaOf(before: ArmCounters, after: ArmCounters): ArmDelta {
  const added = Object.entries(after.requests).map(([series, { code, count }]) => ({
    bad: code >= 500,
    // A series that appears within a known process began at 0: code 500 does not exist before the first 500.
    count: count - (before.requests[series]?.count ?? 0),
  }));
  const total = (some: typeof added) => some.reduce((sum, { count }) => sum + count, 0);
  return { requests: total(added), bad: total(added.filter(({ bad }) => bad)) };
}

function hasFallen(before: ArmCounters, after: ArmCounters): boolean {
  return Object.entries(after.requests).some(([series, { count }]) => count < (before.requests[series]?.count ?? 0));
}

function findNonsense(scrape: Scrape): string | undefined {
  if (!Number.isFinite(Date.parse(scrape.at))) return `the scrape's time "${scrape.at}" is not a time`;
  if (!Number.isFinite(scrape.processStart)) return 'the scrape does not say when the gateway started';
  const impossible = everyCounter(scrape).flatMap(([name, { requests }]) =>
    Object.entries(requests)
      .filter(([, { code, count }]) => !Number.isFinite(code) || !Number.isFinite(count) || count < 0)
      .map(([series, { count }]) => `the counter ${series} of the ${name} is ${count}`),
  );
  return impossible[0];
}

type CounterName = ArmName | 'router';

function everyCounter(scrape: Scrape): (readonly [CounterName, ArmCounters])[] {
  const names = ['champion', 'challenger', 'shadow', 'router'] as const;
  return names.map((name) => [name, countersOf(scrape, name)] as const);
}

function countersOf(scrape: Scrape, name: CounterName): ArmCounters {
  return name === 'router' ? scrape.router : scrape.arms[name];
}
