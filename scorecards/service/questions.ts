import type { Policy } from '../policy/schema.ts';
import { formatDuration } from '../policy/units.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { BURN_WINDOW_MS } from './metrics.ts';
import { fillIn } from './variables.ts';

/** What is asked for one criterion, in PromQL. */
export interface ServiceQuestions {
  /** Comes to the number itself; for a budget or a burn rate to the share of bad answers. */
  readonly value?: string;
  /** How many answers there were and how many of them were bad, where a gateway counts them. */
  readonly counted?: { readonly answers: string; readonly bad: string };
  /** No alert is good news only where some rule would make one. */
  readonly needsAlertRules?: boolean;
}

/** Who is asked about. The version is that of the champion. */
export interface ServiceSubject {
  readonly model: string;
  readonly version?: string;
}

/** Milliseconds that `$window` of a criterion stands for; undefined: it has none. */
export function windowOf({ metric, window }: ScorecardCriterion, { spec }: Policy): number | undefined {
  if (metric === 'errorBudget') return spec.slo.window;
  return metric === 'burnRate' ? (window ?? BURN_WINDOW_MS) : window;
}

/**
 * The questions of a criterion. Without a query of its own they are the gateway's counters of its route, and the firing
 * alerts of its model; a text says why there is nothing to ask.
 */
export function questionsOf(
  criterion: ScorecardCriterion,
  policy: Policy,
  { model, version }: ServiceSubject,
): ServiceQuestions | string {
  const windowMs = windowOf(criterion, policy);
  const window = windowMs === undefined ? {} : { window: formatDuration(windowMs) };
  const values = { model, ...(version === undefined ? {} : { version }), ...window };
  if (criterion.query !== undefined) return { value: fillIn(criterion.query, values) };
  if (criterion.metric === 'openIncidents') return { value: fillIn(FIRING, values), needsAlertRules: true };
  if (criterion.metric === 'promql') return 'the criterion has no query';
  const { traffic } = policy.spec;
  if (traffic?.gateway !== 'traefik-file')
    return 'nothing is known to count its answers, and the criterion has no query';
  return { counted: countersOf(traffic.route, values.window ?? '') };
}

const FIRING = 'count(ALERTS{alertstate="firing",severity!="ticket",model="$model"}) or vector(0)';

/**
 * What users were answered on a route of Traefik's file provider, by champion and canary alike; copies for a shadow are not
 * among them. A counter that never counted an error has no series, hence the 0.
 */
function countersOf(route: string, window: string) {
  const increase = (labels: string) => `sum(increase(traefik_router_requests_total{${labels}}[${window}]))`;
  const router = `router="${route}@file"`;
  return { answers: increase(router), bad: `${increase(`${router},code=~"5.."`)} or vector(0)` };
}
