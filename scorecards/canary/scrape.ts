/** The arms whose counters a gateway keeps apart. */
export type ArmName = 'champion' | 'challenger' | 'shadow';

/** Everything the gateway counted for one route at one moment. Cumulative counters; `counters.ts` makes deltas of them. */
export interface Scrape {
  readonly at: string;
  /** Start of the gateway's process, seconds since the epoch: a new process starts its counters at zero. */
  readonly processStart: number;
  /** Requests by series key (`code|method|protocol`), cumulative. An arm without series has `{}`. */
  readonly arms: Readonly<Record<ArmName, ArmCounters>>;
  readonly router: ArmCounters;
}

export interface ArmCounters {
  readonly requests: Readonly<Record<string, { readonly code: number; readonly count: number }>>;
  /** Cumulative counts by upper bound in seconds (`+Inf` as text). */
  readonly buckets: Readonly<Record<string, number>>;
  /** 1 up, 0 down, absent unknown. */
  readonly serverUp?: number;
}
