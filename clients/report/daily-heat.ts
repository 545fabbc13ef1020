import { visible } from '../../scorecards/diagnostics/diagnostic.ts';
import { heatChart } from './charts/heat-chart.ts';
import type { HeatRow } from './charts/heat-chart.ts';
import type { FeatureStory } from './feature-cards.ts';

const MOST_FEATURES = 30;
const MOST_DAYS = 60;

interface PsiBounds {
  readonly warn: number;
  readonly drift: number;
}

/** PSI of features by the points of their trends: the worst thirty, the last sixty. */
export function dailyHeat(features: readonly FeatureStory[], bounds: PsiBounds): string {
  const ranked = features.toSorted((a, b) => worstOf(b) - worstOf(a)).slice(0, MOST_FEATURES);
  const columns = (ranked[0]?.trend ?? []).slice(-MOST_DAYS).map(({ name }) => name);
  const rows = ranked.map(({ column, trend }): HeatRow => ({
    name: visible(column),
    levels: trend.slice(-MOST_DAYS).map(({ psi }) => (psi === null ? null : psiLevel(psi, bounds))),
  }));
  if (columns.length === 0) return '';
  const key = `<p class="key">pale: below half of ${bounds.warn} · then up to ${bounds.warn} · up to ${bounds.drift} · up to ${2 * bounds.drift} · above; empty: not measured</p>`;
  const left = features.length - rows.length;
  const more = left > 0 ? `<p>${left} quieter features are in the JSON document.</p>` : '';
  return `${key}<div class="wide">${heatChart('PSI against the baseline', columns, rows)}</div>${more}`;
}

const worstOf = ({ trend }: FeatureStory): number => Math.max(0, ...trend.map(({ psi }) => psi ?? 0));

function psiLevel(psi: number, { drift, warn }: PsiBounds): number {
  if (psi < warn / 2) return 0;
  if (psi < warn) return 1;
  if (psi < drift) return 2;
  return psi < 2 * drift ? 3 : 4;
}
