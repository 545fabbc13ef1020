/** Metrics of the live service, asked of Prometheus when a candidate is judged: they say whether now is a time to change it. */
export const SERVICE_METRICS = ['promql', 'errorBudget', 'burnRate', 'openIncidents'] as const;

const NAMES: ReadonlySet<string> = new Set(SERVICE_METRICS);

/** Whether a criterion rests on the live service, not on the challenger. */
export const isOfService = ({ metric }: { readonly metric: string }): boolean => NAMES.has(metric);

/** Span of a burn rate whose criterion names none: the long window of the page rules. */
export const BURN_WINDOW_MS = 3_600_000;
