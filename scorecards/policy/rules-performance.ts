import type { Problem } from '../diagnostics/diagnostic.ts';
import { isFairness, isLoss } from '../performance/metrics.ts';
import { duplicates, problem, writtenAt } from './rule.ts';
import type { Written } from './rule.ts';

type Criterion = Written['policy']['spec']['drift']['performance']['criteria'][number];

const AT = 'spec.drift.performance.criteria';

/** Rules of `spec.drift.performance` and `spec.drift.kpi`: every criterion has a bound the right way round, and rows to read. */
export function performanceRules({ policy, document }: Written): Problem[] {
  const { data, drift } = policy.spec;
  const asked = ['spec.drift.performance', 'spec.drift.kpi'].filter((at) => writtenAt(document, at) !== undefined);
  const scoreless = data.observations.score === undefined ? asked : [];
  const { criteria } = drift.performance;
  return [
    ...scoreless.map((at) =>
      problem('US0230', at, 'the observations name no score', {
        at: 'key',
        help: 'add score: COLUMN to spec.data.observations',
      }),
    ),
    ...duplicates(
      AT,
      criteria.flatMap(({ name }) => name ?? []),
    ),
    ...criteria.flatMap((criterion, index) => criterionRules(criterion, `${AT}[${index}]`, data.slices)),
  ];
}

function criterionRules(criterion: Criterion, at: string, slices: readonly string[]): Problem[] {
  const { atLeast, atMost, by, metric, noWorseBy } = criterion;
  const problems: Problem[] = [];
  if (atLeast === undefined && atMost === undefined && noWorseBy === undefined)
    problems.push(problem('US0232', at, `${metric} has no bound`, { help: 'add atLeast, atMost or noWorseBy' }));
  const [wrong, right] = isLoss(metric) ? (['atLeast', 'atMost'] as const) : (['atMost', 'atLeast'] as const);
  if (criterion[wrong] !== undefined) {
    const message = `${isLoss(metric) ? 'lower' : 'higher'} is better for ${metric}, but ${wrong} is set`;
    problems.push(problem('US0236', `${at}.${wrong}`, message, { at: 'key', help: `write ${right}` }));
  }
  if (isFairness(metric) && by === undefined)
    problems.push(problem('US0235', `${at}.metric`, `${metric} compares groups`, { help: 'add by: COLUMN' }));
  if (by !== undefined && !slices.includes(by)) {
    const help = `add ${by} to spec.data.slices`;
    problems.push(problem('US0234', `${at}.by`, `"${by}" is not a slice of the policy`, { help }));
  }
  return problems;
}
