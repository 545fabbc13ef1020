import type { Problem } from './diagnostics/diagnostic.ts';
import { measuredMetric } from './parts.ts';
import { problem } from './policy/rule.ts';
import type { CriterionMetric, Scorecard } from './scorecard-schema.ts';

/** Where the threshold of best F1 cannot be found, or not be used (US0270 on). */
export function operatingPointRules({ spec }: Scorecard): Problem[] {
  if (!('bestF1' in spec.operatingPoint)) return [];
  if (spec.task === 'regression') {
    const message = 'a regression flags no rows, so that there is no F1 to be best';
    return [problem('US0270', 'spec.operatingPoint.bestF1', message, { at: 'key', help: 'remove operatingPoint' })];
  }
  const amounts = spec.criteria.find((one) => measuredMetric<CriterionMetric>(one) === 'meanLabelAtTop');
  if (amounts === undefined) return [];
  const message = `criterion "${amounts.name}" is about labels that are amounts, and F1 needs labels of 0 and 1`;
  const help = 'write operatingPoint: { top: 10% }, unless the label is 0 or 1';
  return [problem('US0271', 'spec.operatingPoint.bestF1', message, { at: 'key', severity: 'warning', help })];
}
