/** Metrics of the training, the versions and the team's own tests: they rest on no labelled row. */
export const RUN_METRICS = ['signature', 'freshness', 'gpuHours', 'costPerThousand', 'command'] as const;
export type RunMetric = (typeof RUN_METRICS)[number];

const isRunMetric: ReadonlySet<string> = new Set(RUN_METRICS);

/** Whether a criterion rests on the run itself, so that it has neither rows nor slices. */
export const isOfTheRun = (metric: string): metric is RunMetric => isRunMetric.has(metric);

/** How numbers of these metrics are written: value × factor with so many digits, and the unit behind it. */
export const RUN_UNITS: Readonly<
  Record<RunMetric, { readonly factor: number; readonly unit: string; readonly digits: number }>
> = {
  signature: { factor: 1, unit: '', digits: 0 },
  freshness: { factor: 1 / 86_400_000, unit: ' d', digits: 2 },
  gpuHours: { factor: 1, unit: ' h', digits: 2 },
  costPerThousand: { factor: 1, unit: '', digits: 5 },
  command: { factor: 1, unit: '', digits: 0 },
};

const EXACT: ReadonlySet<string> = new Set(['bytes', 'signature', 'freshness', 'gpuHours', 'command']);

/** Whether a metric's one value is the truth, so that neither an interval nor a minimum of rows counts. */
export const isExact = (metric: string): boolean => EXACT.has(metric);

/** How long the command of a criterion may take when it says nothing, and at most: the judging ends after four hours. */
export const COMMAND_DEADLINE_MS = { default: 600_000, most: 3_600_000 } as const;
