import { judgeDistance } from './judge.ts';
import { isDistance } from './measure.ts';
import type { DriftCriterion, DriftFinding } from './verdict.ts';

/**
 * What the same measurements mean under other bounds: a distance whose criterion, by name, has another bound is judged again;
 * nothing is measured again, and what could not be judged stays so.
 */
export function judgedUnder(
  findings: readonly DriftFinding[],
  criteria: readonly DriftCriterion[],
): readonly DriftFinding[] {
  const bounds = new Map(criteria.map((criterion) => [criterion.name, criterion]));
  return findings.map((finding) => {
    const { criterion, measurement } = finding;
    const other = bounds.get(criterion.name);
    if (!other || !measurement || !isDistance(criterion.metric)) return finding;
    if (other.limit === criterion.limit && other.warn === criterion.warn) return finding;
    return judgeDistance({ ...criterion, warn: other.warn, limit: other.limit }, measurement);
  });
}
