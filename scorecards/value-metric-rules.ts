import type { Problem } from './diagnostics/diagnostic.ts';
import { problem } from './policy/rule.ts';
import { isOfService } from './service/metrics.ts';
import type { CriterionMetric, ScorecardCriterion } from './scorecard-schema.ts';

type Field = 'sql' | 'direction' | 'quantile' | 'truePositive' | 'trueNegative';

/** What only some metrics read: which, and whether they cannot do without. */
const FIELDS: readonly (readonly [Field, CriterionMetric, 'needed' | 'optional'])[] = [
  ['sql', 'sql', 'needed'],
  ['direction', 'sql', 'needed'],
  ['quantile', 'quantileLoss', 'needed'],
  ['truePositive', 'cost', 'optional'],
  ['trueNegative', 'cost', 'optional'],
];
const EXAMPLES: Partial<Record<CriterionMetric, string>> = {
  sql: 'sql: "case when flagged and label = 1 then 40 when flagged then -5 else 0 end", direction: higher',
  quantileLoss: 'quantile: 90%',
};

/** What is asked of Prometheus has rules of its own for the direction. */
const isAnswered = (field: Field, metric: CriterionMetric): boolean => field === 'direction' && isOfService({ metric });

/** Fields that a metric lacks, and fields that its metric does not read (US0255, US0256). */
export function valueRules(criterion: ScorecardCriterion, at: string): Problem[] {
  const { metric, quantile } = criterion;
  const missing = FIELDS.filter(
    ([field, of, need]) => of === metric && need === 'needed' && criterion[field] === undefined,
  ).map(([field]) => field);
  const lacking = problem('US0255', `${at}.metric`, `metric ${metric} needs ${missing.join(' and ')}`, {
    help: `for example ${EXAMPLES[metric]}`,
  });
  return [
    ...(missing.length === 0 ? [] : [lacking]),
    ...(quantile === 0 || quantile === 1 ? [noQuantile(quantile, at)] : []),
    ...FIELDS.filter(
      ([field, of]) => of !== metric && criterion[field] !== undefined && !isAnswered(field, metric),
    ).map(([field, of]) =>
      problem('US0256', `${at}.${field}`, `metric ${metric} does not read ${field}`, {
        at: 'key',
        help: `remove it, or write metric: ${of}`,
      }),
    ),
  ];
}

function noQuantile(quantile: number, at: string): Problem {
  return problem('US0255', `${at}.quantile`, `no label can lie beyond the quantile ${quantile * 100}%`, {
    help: 'write a share between 0% and 100%, for example quantile: 90%',
  });
}
