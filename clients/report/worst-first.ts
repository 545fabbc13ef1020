import type { FeatureHistory } from '../../activities/drift-pictures.ts';
import type { DriftFinding, DriftWord } from '../../scorecards/drift/verdict.ts';
import { decides } from '../../scorecards/performance/decides.ts';
import { PERFORMANCE_LABELS } from '../../scorecards/performance/metrics.ts';
import type { FeatureStory } from './feature-cards.ts';

export type JudgedFeature = Pick<FeatureStory, 'column' | 'verdict' | 'worst' | 'findings'>;

/** The findings by feature, worst first. Numbers about the champion are no findings of a column: they have a place of their own. */
export function worstFirst(findings: readonly DriftFinding[]): readonly JudgedFeature[] {
  const columns = new Map<string, DriftFinding[]>();
  for (const finding of findings) {
    const { column, metric } = finding.criterion;
    if (metric in PERFORMANCE_LABELS) continue;
    columns.set(column, [...(columns.get(column) ?? []), finding]);
  }
  const features = [...columns].flatMap(([column, own]): JudgedFeature[] => {
    // What has no say in the verdict has none in the feature's word, unless there is nothing else.
    const said = own.filter(decides);
    const [first, ...rest] = said.length > 0 ? said : own;
    if (!first) return [];
    const worst = rest.reduce((before, next) => (severityOf(next) > severityOf(before) ? next : before), first);
    return [{ column, verdict: wordOf(worst), worst, findings: own }];
  });
  return features.toSorted((a, b) => severityOf(b.worst) - severityOf(a.worst));
}

/** With what a chart needs, where a feature has a history. */
export function withHistories(
  features: readonly JudgedFeature[],
  histories: readonly FeatureHistory[],
): readonly FeatureStory[] {
  const known = new Map(histories.map((history) => [history.picture.column, history]));
  return features.map((feature) => ({ ...feature, trend: [], ...known.get(feature.column) }));
}

function wordOf({ criterion, judged, level }: DriftFinding): DriftWord {
  if (judged === 'fail') return criterion.kind === 'schema' ? 'blocked' : 'drift';
  if (judged !== 'pass') return 'inconclusive';
  return level === 'warn' ? 'warn' : 'steady';
}

const RANK: Readonly<Record<DriftWord, number>> = { blocked: 4, drift: 3, inconclusive: 2, warn: 1, steady: 0 };

/** The word first; inside a word how far the value has come to its limit. */
function severityOf(finding: DriftFinding): number {
  const reached = reachedOf(finding) ?? 0;
  return RANK[wordOf(finding)] + (Number.isFinite(reached) ? reached / (1 + reached) : 1);
}

/** How far a value is on its way to its limit, which is 1; undefined where there is no way. */
export function reachedOf({ criterion, measurement }: DriftFinding): number | undefined {
  const { direction, limit, metric } = criterion;
  if (!measurement || metric === 'schema' || !(limit > 0)) return undefined;
  if (direction !== 'atLeast') return Math.max(0, measurement.value / limit);
  return measurement.value > 0 ? limit / measurement.value : Infinity;
}
