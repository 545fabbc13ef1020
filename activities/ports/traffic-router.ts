/** Who gets which share of the traffic. The gateway's own configuration is the truth; this reads and writes it whole. */
export interface TrafficRouter {
  /** What this gateway can do, asked before the run needs it. */
  capabilities(): Promise<RouterCapabilities>;
  /**
   * Writes the complete route in one atomic step. Idempotent. Throws `foreign-write` when the route is not what was last
   * written by us, unless `force` (rollback always forces).
   */
  apply(route: Route, options?: { readonly force?: boolean }): Promise<void>;
  /** No such route is `undefined`. */
  read(name: string): Promise<Route | undefined>;
  /** Whether the gateway has loaded the last write (level L2); the data plane (L3) is judged from evidence. */
  loaded(name: string): Promise<boolean>;
  /** What the last write still waits for, with the cure, for people; nothing to say is `undefined`. */
  waitsFor?(name: string): Promise<string | undefined>;
  remove(name: string): Promise<void>;
  /** Base URL that clients use for this route. */
  address(name: string): Promise<string>;
}

export interface RouterCapabilities {
  readonly weights: boolean;
  readonly mirror: boolean;
  /** It copies all requests or none, and no share of them. Absent: any whole percent. */
  readonly mirrorsAllOrNone?: boolean;
  readonly failover: boolean;
  /**
   * What ends an answer that does not come: each route's own time, or so many milliseconds for every route. Absent: nothing,
   * as far as is known, and then a hanging server is not counted.
   */
  readonly timeouts?: 'each route' | number;
  /** Why nobody can count requests per arm here, and the cure; absent: they are counted. Without counts nothing is judged. */
  readonly uncounted?: string;
}

export interface Backend {
  readonly version: string;
  readonly url: string;
}

/** The state of a route. Leaves stay listed at weight 0 until their counters are no longer needed. */
export interface Route {
  readonly name: string;
  readonly model: string;
  readonly champion: Backend;
  /** Percent of live traffic; the champion gets the rest. */
  readonly challenger?: Backend & { readonly percent: number };
  /** Percent of live traffic copied; answers are thrown away. */
  readonly shadow?: Backend & { readonly percent: number };
  /** The run that wrote it, and why; kept in the gateway's configuration. */
  readonly writtenBy: string;
  readonly reason: string;
  readonly requestTimeoutMs: number;
}
