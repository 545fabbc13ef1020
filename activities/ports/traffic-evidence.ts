import type { Scrape } from '../../scorecards/canary/scrape.ts';

export type { ArmCounters, ArmName, Scrape } from '../../scorecards/canary/scrape.ts';

/** What the gateway counted, per arm, in one scrape. Cumulative counters; deltas and gaps are judged in `scorecards/canary`. */
export interface TrafficEvidence {
  /** Throws `unavailable`, `timeout` or `malformed-answer`; a route the gateway has never served has no series. */
  scrape(route: string): Promise<Scrape>;
}
