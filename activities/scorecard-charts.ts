import { latencyCurves } from '../scorecards/candidate/charts.ts';
import type { ScorecardCharts } from '../scorecards/candidate/charts.ts';
import type { LatencyPair } from '../scorecards/candidate/latency.ts';
import { getJson } from './context.ts';
import type { Ports } from './context.ts';
import type { LatencyRef } from './load-run.ts';
import type { HoldoutMeasurements } from './ports/data-store.ts';

/** What a report draws of the holdout and of the load run, as far as there is something to draw. */
export async function chartsOf(
  ports: Pick<Ports, 'evidence'>,
  { charts: scores }: Pick<HoldoutMeasurements, 'charts'>,
  latency: LatencyRef,
): Promise<{ readonly charts?: ScorecardCharts }> {
  const loads = latency ? await getJson<LatencyPair>(ports.evidence, latency) : undefined;
  const charts = { ...(scores ? { scores } : {}), ...(loads ? { latency: latencyCurves(loads) } : {}) };
  return Object.keys(charts).length === 0 ? {} : { charts };
}
