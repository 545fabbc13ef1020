import { isFairness } from '../scorecards/performance/metrics.ts';
import type { PerformanceLine } from '../scorecards/performance/performance-line.ts';
import type { JudgedPerformance } from './performance.ts';
import type { Telemetry } from './telemetry.ts';

/** Puts a window's numbers on the dashboards; nothing where the policy declares no score. */
export function exportChampion(telemetry: Telemetry, model: string, judged: JudgedPerformance | undefined): void {
  if (!judged?.performance) return;
  const { coverage, lines } = judged.performance;
  const fails = (kind: string) =>
    judged.findings.some(({ criterion, judged: word }) => criterion.kind === kind && word === 'fail');
  telemetry.championMeasured({
    model,
    coverage: coverage.share,
    realised: worst(lines),
    estimated: Object.fromEntries(
      lines.flatMap(({ estimate, metric }) => (estimate ? [[metric, estimate.value]] : [])),
    ),
    breached: { concept: fails('concept'), fairness: fails('fairness'), divergence: fails('divergence') },
  });
}

/** One number for each metric: a gap between groups is that of the column where it is widest. */
function worst(lines: readonly PerformanceLine[]): Readonly<Record<string, number>> {
  const values = new Map<string, number>();
  for (const { metric, realised } of lines) {
    if (!realised) continue;
    const known = values.get(metric);
    const isWorse = metric === 'demographicParityRatio' ? realised.value < (known ?? 1) : realised.value > (known ?? 0);
    if (known === undefined || (isFairness(metric) && isWorse)) values.set(metric, realised.value);
  }
  return Object.fromEntries(values);
}
