import type { DriftFinding } from '../drift/verdict.ts';

/**
 * Whether a finding has a say in the verdict: a slice too small to be judged is only shown, and an estimate or a KPI that could
 * not be judged leaves no doubt about drift.
 */
export function decides({ criterion, judged, reason }: DriftFinding): boolean {
  const isUnjudged = judged === 'missing' || judged === 'inconclusive';
  const isBeside = criterion.kind === 'divergence' || criterion.metric.startsWith('estimated');
  return reason !== 'suppressed-slice' && !(isBeside && isUnjudged);
}
