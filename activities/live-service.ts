import type { CriterionMeasurement } from '../scorecards/candidate/measurement.ts';
import { TIER_PRESETS } from '../scorecards/policy/tiers.ts';
import type { RunContext } from '../scorecards/run.ts';
import type { ScorecardCriterion } from '../scorecards/scorecard-schema.ts';
import { measureService } from '../scorecards/service/measure.ts';
import type { ServiceAnswers } from '../scorecards/service/measure.ts';
import { isOfService } from '../scorecards/service/metrics.ts';
import { questionsOf } from '../scorecards/service/questions.ts';
import type { ServiceQuestions } from '../scorecards/service/questions.ts';
import { variablesIn } from '../scorecards/service/variables.ts';
import type { AppliedPolicy } from '../scorecards/trigger.ts';
import { beating } from './context.ts';
import type { Ports } from './context.ts';
import type { MetricsQuery } from './ports/metrics-query.ts';

const TIMEOUT_MS = 30_000;
const NOBODY = 'this worker knows no Prometheus: set prometheus.url in its understudy.config.yaml';

/**
 * The criteria on the live service, all asked of one instant. Whoever cannot be reached is a failure, and the activity is
 * tried again; what has no data is missing. Before the first champion there is no live service, and nobody is asked.
 */
export async function measureLive(
  ports: Pick<Ports, 'metrics' | 'registry'>,
  { policy, scorecard }: AppliedPolicy,
  { bootstrap, model }: Pick<RunContext, 'bootstrap' | 'model'>,
): Promise<CriterionMeasurement[]> {
  const criteria = scorecard.spec.criteria.filter(isOfService);
  if (criteria.length === 0 || bootstrap) return [];
  return beating(async () => {
    const at = new Date().toISOString();
    const version = await championIn(ports, criteria, model);
    const subject = { model, ...(version === undefined ? {} : { version }) };
    const { tier, slo } = policy.spec;
    const availability = slo.availability ?? TIER_PRESETS[tier].availability;
    const measured: CriterionMeasurement[] = [];
    for (const criterion of criteria) {
      const answers = await answersTo(ports.metrics, questionsOf(criterion, policy, subject), at);
      measured.push(measureService({ at, availability, criterion, policy }, answers));
    }
    return measured;
  });
}

/** The version behind the pointer now, if a query names it. */
async function championIn(
  { registry }: Pick<Ports, 'registry'>,
  criteria: readonly ScorecardCriterion[],
  model: string,
): Promise<string | undefined> {
  const isNamed = criteria.some(({ query }) => query !== undefined && variablesIn(query).includes('version'));
  return isNamed ? (await registry.aliases(model))['champion'] : undefined;
}

async function answersTo(
  metrics: MetricsQuery | undefined,
  questions: ServiceQuestions | string,
  at: string,
): Promise<ServiceAnswers> {
  if (typeof questions === 'string') return { value: questions };
  if (metrics === undefined) return { value: NOBODY };
  const ask = async (query: string) => {
    const answer = await metrics.ask({ query, at, timeoutMs: TIMEOUT_MS });
    return answer.kind === 'number' ? answer.value : answer.why;
  };
  const { counted, needsAlertRules, value } = questions;
  return {
    ...(value === undefined ? {} : { value: await ask(value) }),
    ...(counted === undefined ? {} : { counted: { answers: await ask(counted.answers), bad: await ask(counted.bad) } }),
    ...(needsAlertRules ? { alertRules: await metrics.alertRules({ timeoutMs: TIMEOUT_MS }) } : {}),
  };
}
