import type { HttpProtocol, RunningServer } from './serving.ts';

/** A bounded open-loop load run: arrival times are fixed beforehand, so a slow server cannot slow the clock down. */
export interface LoadGenerator {
  /** Sends `ratePerSecond` requests to each target for `durationMs`, interleaved, replaying `rows` in order. */
  run(request: LoadRequest): Promise<Readonly<Record<string, LoadResult>>>;
}

export interface LoadRequest {
  readonly targets: readonly { readonly name: string; readonly server: RunningServer }[];
  readonly http: HttpProtocol;
  readonly ratePerSecond: number;
  readonly durationMs: number;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface LoadResult {
  readonly sent: number;
  readonly failed: number;
  /** Milliseconds, ascending, one per answered request. */
  readonly latenciesMs: readonly number[];
}
