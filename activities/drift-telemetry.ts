import type { DriftFinding, DriftMetric, DriftVerdict } from '../scorecards/drift/verdict.ts';
import type { Telemetry } from './telemetry.ts';

/** So many features are named; the report holds all. */
const MOST_FEATURES = 5;
const TESTS = ['psi', 'ks'] as const;
const DISTANCES: ReadonlySet<DriftMetric> = new Set<DriftMetric>([...TESTS, 'cramersV']);

interface Judged {
  readonly verdict: Pick<DriftVerdict, 'verdict' | 'window'>;
  readonly findings: readonly DriftFinding[];
}

/** Says of the newest window how it was judged, from how many rows, and which features are farthest from their limits. */
export function tellWindow(telemetry: Telemetry, model: string, { findings, verdict }: Judged): void {
  const distances = findings.filter(({ criterion }) => criterion.kind === 'data' && DISTANCES.has(criterion.metric));
  const breached = new Set(findings.flatMap(({ criterion, level }) => (level === 'breach' ? [criterion.column] : [])));
  for (const test of TESTS)
    telemetry.driftMeasured({ model, test, value: largest(distances, test), breached: breached.size });
  telemetry.windowJudged({
    model,
    verdict: verdict.verdict,
    until: Date.parse(verdict.window.until) / 1000,
    rows: {
      current: Math.max(0, ...distances.map(({ measurement }) => measurement?.n.current ?? 0)),
      baseline: Math.max(0, ...distances.map(({ measurement }) => measurement?.n.baseline ?? 0)),
    },
    features: farthest(distances),
  });
}

const largest = (findings: readonly DriftFinding[], metric: DriftMetric): number =>
  Math.max(
    0,
    ...findings.flatMap(({ criterion, measurement }) =>
      criterion.metric === metric && measurement ? [measurement.value] : [],
    ),
  );

/** Each feature by the distance that is largest beside its own limit, so that different tests can be ranked. */
function farthest(findings: readonly DriftFinding[]): readonly { readonly feature: string; readonly ratio: number }[] {
  const ratios = new Map<string, number>();
  for (const { criterion, measurement } of findings)
    if (measurement && criterion.limit > 0)
      ratios.set(criterion.column, Math.max(ratios.get(criterion.column) ?? 0, measurement.value / criterion.limit));
  return [...ratios]
    .map(([feature, ratio]) => ({ feature, ratio }))
    .toSorted((a, b) => b.ratio - a.ratio || (a.feature < b.feature ? -1 : 1))
    .slice(0, MOST_FEATURES);
}
