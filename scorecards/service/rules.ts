import type { Problem } from '../diagnostics/diagnostic.ts';
import { problem } from '../policy/rule.ts';
import type { Policy } from '../policy/schema.ts';
import type { ScorecardCriterion } from '../scorecard-schema.ts';
import { isOfService } from './metrics.ts';
import { questionsOf } from './questions.ts';
import { queryProblems, variablesIn } from './variables.ts';

/** What must hold of a criterion that is asked of Prometheus (US0265 on), and that no other has its fields. */
export function serviceRules(criterion: ScorecardCriterion, at: string, policy: Policy | undefined): Problem[] {
  if (!isOfService(criterion)) return strayFields(criterion, at, ['query', 'window']);
  const { metric } = criterion;
  return [
    ...strayFields(criterion, at, metric === 'promql' ? [] : ['direction']),
    ...strayFields(criterion, at, metric === 'errorBudget' || metric === 'openIncidents' ? ['window'] : []),
    ...needsQuery(criterion, at),
    ...queryRules(criterion, at),
    ...comparedRules(criterion, at),
    ...countedRules(criterion, at, policy),
  ];
}

type Field = 'query' | 'direction' | 'window';

function strayFields(criterion: ScorecardCriterion, at: string, fields: readonly Field[]): Problem[] {
  const { metric } = criterion;
  const cures = {
    query: 'promql, errorBudget, burnRate and openIncidents',
    direction: 'promql',
    window: 'promql and burnRate',
  };
  return fields
    .filter((field) => criterion[field] !== undefined)
    .map((field) => {
      const help =
        metric === 'errorBudget' && field === 'window'
          ? 'the budget is counted over spec.slo.window of the policy'
          : `${field} is for ${cures[field]}`;
      return problem('US0265', `${at}.${field}`, `${metric} takes no ${field}`, { at: 'key', help });
    });
}

function needsQuery({ metric, query }: ScorecardCriterion, at: string): Problem[] {
  if (metric !== 'promql' || query !== undefined) return [];
  const help = 'add query: \'sum(rate(orders_total{model="$model"}[1h]))\', or what is one number of yours';
  return [problem('US0265', `${at}.metric`, 'metric promql needs query', { help })];
}

function queryRules({ metric, query, window }: ScorecardCriterion, at: string): Problem[] {
  if (query === undefined) return [];
  const found = queryProblems(query);
  const names = variablesIn(query);
  // A budget and its burn rate always have a span.
  const isSpanned = metric === 'errorBudget' || metric === 'burnRate';
  const spanless = names.includes('window') && !isSpanned && window === undefined;
  const wanting = isSpanned && !names.includes('window');
  return [
    ...found,
    ...(spanless
      ? [{ message: '$window has no value', help: metric === 'promql' ? 'add window: 1h' : 'write the span out' }]
      : []),
    ...(wanting
      ? [{ message: `the query of ${metric} does not use $window`, help: 'write its ranges as [$window]' }]
      : []),
  ].map(({ help, message }) => problem('US0266', `${at}.query`, message, { help }));
}

/** The number is the live service's: there is none of the challenger, and none per slice. */
function comparedRules({ by, metric, versusChampion }: ScorecardCriterion, at: string): Problem[] {
  const relative = `${metric} is a number of the live service; there is none of the challenger to compare`;
  const sliced = `${metric} is one number and has no slices`;
  return [
    ...(versusChampion === undefined
      ? []
      : [problem('US0267', `${at}.versusChampion`, relative, { at: 'key', help: 'write atLeast or atMost' })]),
    ...(by === undefined
      ? []
      : [problem('US0267', `${at}.by`, sliced, { at: 'key', help: 'select in query instead' })]),
  ];
}

function countedRules(criterion: ScorecardCriterion, at: string, policy: Policy | undefined): Problem[] {
  const { metric } = criterion;
  if (policy === undefined || metric === 'promql') return [];
  if (metric !== 'openIncidents' && policy.spec.slo.availability === 1) {
    const message = `${metric} of an availability of 100%: there is no budget to spend`;
    return [problem('US0268', `${at}.metric`, message, { help: 'lower spec.slo.availability of the policy' })];
  }
  if (typeof questionsOf(criterion, policy, { model: policy.metadata.name }) !== 'string') return [];
  const { traffic } = policy.spec;
  const why =
    traffic === undefined ? 'a batch policy has no gateway' : `gateway ${traffic.gateway} has no counters known here`;
  const help = 'add query: the share of bad answers over $window';
  return [problem('US0268', `${at}.metric`, `${metric} has nothing to count: ${why}`, { help })];
}
