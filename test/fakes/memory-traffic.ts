import { PortFailure } from '../../activities/ports/port-failure.ts';
import type { PortFailureCode } from '../../activities/ports/port-failure.ts';
import type { ArmCounters, ArmName, TrafficEvidence } from '../../activities/ports/traffic-evidence.ts';
import type { Clock, MemoryRouter } from './memory-router.ts';

export interface ArmBehaviour {
  /** Share of answers that are bad, spread evenly. */
  readonly errors?: number;
  /** Their code; 502 is a dead server, 504 a hanging one. */
  readonly errorCode?: number;
  /** Every answer takes this long. */
  readonly seconds?: number;
}

export interface Traffic {
  readonly requestsPerSecond: number;
  readonly champion?: ArmBehaviour;
  readonly challenger?: ArmBehaviour;
  readonly shadow?: ArmBehaviour;
}

export interface MemoryTraffic extends TrafficEvidence {
  /** From now on this traffic arrives at the route and is split by the weights in force; it stays until changed. */
  setTraffic(route: string, traffic: Traffic): Promise<void>;
  /** Adds counts at once, as if these requests had just ended. */
  add(route: string, arm: ArmName, counts: { readonly code: number; readonly count: number }): void;
  /** Scrapes fail with this code until it is taken back. */
  darken(code?: PortFailureCode | null): void;
  /** A new gateway process: all counters at zero. */
  restart(): Promise<void>;
}

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const ARMS: readonly ArmName[] = ['champion', 'challenger', 'shadow'];

/** Exact counts, may be fractional; a scrape shows the whole part. */
type Counts = Map<string, { code: number; count: number; seconds: number }>;
interface RouteState {
  traffic: Traffic;
  atMs: number;
  arms: Record<ArmName, Counts>;
}

/**
 * Counters of a gateway that is not there: the traffic that a test describes, split by the weights that the memory router
 * holds over the time that `now` tells. Nothing is random: 5 % of 100 requests/s over 10 s are 50.
 */
export function createMemoryTraffic(options: { readonly router: MemoryRouter; readonly now?: Clock }): MemoryTraffic {
  const now = options.now ?? Date.now;
  const states = new Map<string, RouteState>();
  let processStart = 1;
  let failure: PortFailureCode | null = null;

  function stateOf(route: string, atMs: number): RouteState {
    const known = states.get(route);
    if (known) return known;
    const fresh = { traffic: { requestsPerSecond: 0 }, atMs, arms: noCounts() };
    states.set(route, fresh);
    return fresh;
  }

  function advance(name: string, atMs: number): RouteState {
    const state = stateOf(name, atMs);
    const route = options.router.current(name);
    const requests = (Math.max(0, atMs - state.atMs) / 1000) * state.traffic.requestsPerSecond;
    state.atMs = Math.max(state.atMs, atMs);
    if (route === undefined || requests === 0) return state;
    const challenger = (route.challenger?.percent ?? 0) / 100;
    const share = { champion: 1 - challenger, challenger, shadow: (route.shadow?.percent ?? 0) / 100 };
    for (const arm of ARMS) arrive(state.arms[arm], requests * share[arm], state.traffic[arm] ?? {});
    return state;
  }
  options.router.beforeChange((name, atMs) => void advance(name, atMs));

  return {
    async setTraffic(route, traffic) {
      advance(route, await now()).traffic = traffic;
    },
    add(route, arm, { code, count }) {
      addTo(stateOf(route, 0).arms[arm], { code, count, seconds: 0 });
    },
    darken(code = 'unavailable') {
      failure = code;
    },
    async restart() {
      const atMs = await now();
      processStart = Math.max(processStart + 1, atMs / 1000);
      for (const state of states.values()) Object.assign(state, { atMs, arms: noCounts() });
    },
    async scrape(route) {
      if (failure !== null) throw new PortFailure(failure, 'the metrics of the gateway were told to fail');
      const atMs = await now();
      const { arms } = advance(route, atMs);
      return {
        at: new Date(atMs).toISOString(),
        processStart,
        arms: { champion: shown(arms.champion), challenger: shown(arms.challenger), shadow: shown(arms.shadow) },
        router: shown(arms.champion, arms.challenger),
      };
    },
  };
}

function noCounts(): Record<ArmName, Counts> {
  return { champion: new Map(), challenger: new Map(), shadow: new Map() };
}

function arrive(counts: Counts, requests: number, behaviour: ArmBehaviour): void {
  const { errors = 0, errorCode = 500, seconds = 0.008 } = behaviour;
  if (requests * (1 - errors) > 0) addTo(counts, { code: 200, count: requests * (1 - errors), seconds });
  if (requests * errors > 0) addTo(counts, { code: errorCode, count: requests * errors, seconds });
}

function addTo(counts: Counts, more: { code: number; count: number; seconds: number }): void {
  const key = `${more.code} ${more.seconds}`;
  counts.set(key, { ...more, count: (counts.get(key)?.count ?? 0) + more.count });
}

function shown(...of: readonly Counts[]): ArmCounters {
  const requests: Record<string, { code: number; count: number }> = {};
  const buckets: Record<string, number> = {};
  for (const { code, count, seconds } of of.flatMap((counts) => [...counts.values()])) {
    // Sums of fractions of seconds fall short of a whole by rounding only.
    const whole = Math.floor(count + 1e-6);
    if (whole === 0) continue;
    const key = `${code}|POST|http`;
    requests[key] = { code, count: (requests[key]?.count ?? 0) + whole };
    for (const bound of [...BOUNDS, Number.POSITIVE_INFINITY]) {
      const name = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
      buckets[name] = (buckets[name] ?? 0) + (seconds <= bound ? whole : 0);
    }
  }
  return { requests, buckets };
}
