/** One request of a load run. */
export interface Arrival {
  /** Milliseconds from the start of the run. */
  readonly atMs: number;
  readonly target: string;
  /** Index into the rows. */
  readonly row: number;
  /** How many requests this target had before. */
  readonly round: number;
}

/**
 * When every request of a run is due, ascending: each target gets `ratePerSecond`, evenly spaced, and the targets are
 * shifted against each other by an equal part of the interval. All targets get the same rows in the same order.
 */
export function planArrivals(
  targets: readonly string[],
  load: { readonly ratePerSecond: number; readonly durationMs: number; readonly rows: readonly unknown[] },
): Arrival[] {
  const rounds = Math.max(1, Math.round((load.ratePerSecond * load.durationMs) / 1000));
  const intervalMs = 1000 / load.ratePerSecond;
  return Array.from({ length: rounds }, (_, round) =>
    targets.map((target, turn) => ({
      atMs: (round + turn / targets.length) * intervalMs,
      target,
      row: round % load.rows.length,
      round,
    })),
  ).flat();
}
