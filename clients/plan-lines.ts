import type { ForecastPhase, RolloutForecast, Undecided } from '../scorecards/canary/rollout-forecast.ts';
import { asPercent, asTime, counted } from '../scorecards/canary/wording.ts';
import type { AskedTraffic } from './plan-traffic.ts';
import { renderTable } from './table.ts';

const HEAD = ['PHASE', 'REQUESTS', 'SEES', 'CLEAR AFTER', 'AT WORST', 'ERROR BUDGET'];

/** What the plan is measured against, one row a phase, and what cannot be decided with its cure. */
export function planLines(traffic: AskedTraffic, forecast: RolloutForecast, columns: number | undefined): string {
  const { badRate, from, requestsPerSecond } = traffic;
  const rows = forecast.phases.map(rowOf);
  return [
    `${requestsPerSecond} requests/s (${from.requests}), ${asPercent(badRate)} of answers bad (${from.badRate})`,
    renderTable({ head: HEAD, rows }, columns),
    ...forecast.undecided.map(lineOf),
    ...(forecast.undecided.length === 0 ? ['every phase can decide'] : []),
  ].join('\n');
}

function rowOf({
  canDecide,
  clearMs,
  mode,
  percent,
  phase,
  requests,
  smallestHarm,
  worst,
  ...of
}: ForecastPhase): string[] {
  const budget = worst.budget === null ? 'no objective' : `${asPercent(worst.budget)} of a month`;
  const exposed = `${counted(worst.badAnswers)} bad of ${counted(worst.requests)} answers to users in ${asTime(worst.ms)}`;
  const over = canDecide ? '' : `, over ${asTime(of.atMostMs)}`;
  return [
    phase === 'shadow' ? `shadow ${percent} %` : phase,
    counted(requests),
    smallestHarm === null ? 'nothing in time' : `${asPercent(smallestHarm)} bad or more`,
    clearMs === null ? 'never' : `${asTime(Math.max(clearMs, of.atLeastMs))}${over}`,
    mode === 'shadow' ? 'no user sees it' : exposed,
    mode === 'shadow' ? 'none' : budget,
  ];
}

const lineOf = ({ help, message, phase, severity }: Undecided): string =>
  `${severity}: ${phase}: ${message}\n  ${help}`;
