/** The value below which so large a share of the samples lies, between neighbours by distance. NaN without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

export interface Sample {
  /** Milliseconds, from any beginning. */
  readonly at: number;
  readonly value: number;
}

/** What the value grows by in a minute: the slope of the straight line that fits best. NaN for fewer than two samples. */
export function growthPerMinute(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [at, value] = [mean(samples.map((one) => one.at)), mean(samples.map((one) => one.value))];
  const up = samples.reduce((sum, one) => sum + (one.at - at) * (one.value - value), 0);
  const wide = samples.reduce((sum, one) => sum + (one.at - at) ** 2, 0);
  return (up / wide) * 60_000;
}
