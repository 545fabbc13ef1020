import { classRules } from './class-metric-rules.ts';
import type { Problem } from './diagnostics/diagnostic.ts';
import { betterOf, METRIC_PAGES } from './metric-catalogue.ts';
import type { MetricUnit } from './metric-catalogue.ts';
import { operatingPointRules } from './operating-point-rules.ts';
import { loadRules } from './load-rules.ts';
import { partRules } from './part-rules.ts';
import { measuredMetric } from './parts.ts';
import { duplicates, problem, writtenAt } from './policy/rule.ts';
import type { Policy } from './policy/schema.ts';
import { parseBytes, parseDuration, parseShare } from './policy/units.ts';
import { runMetricRules } from './run-metric-rules.ts';
import { MANDATORY_GROUPS } from './scorecard-schema.ts';
import type { CriterionMetric, Scorecard, ScorecardCriterion } from './scorecard-schema.ts';
import { sliceCapRules } from './slice-cap.ts';
import { valueRules } from './value-metric-rules.ts';
import { serviceRules } from './service/rules.ts';
import { tierCeilings } from './tier-ceilings.ts';

/** A resolved scorecard, the document it was read from (with the preset already merged in), and who uses it. */
export interface WrittenScorecard {
  readonly scorecard: Scorecard;
  readonly document: unknown;
  /** Its own text, before the preset was merged in. */
  readonly own: unknown;
  readonly policy?: Policy;
}

/** Everything that must hold within a scorecard, and between it and its policy (US0231 on). */
export function checkScorecard(written: WrittenScorecard): Problem[] {
  const { scorecard } = written;
  const { criteria } = scorecard.spec;
  const names = criteria.map(({ name }) => name);
  return [
    ...groupRules(scorecard),
    ...tierCeilings(scorecard, written.policy),
    ...duplicates('spec.criteria', names),
    ...criteria.flatMap((criterion, index) => criterionRules(criterion, index, written)),
    ...sliceCapRules(scorecard),
    ...operatingPointRules(scorecard),
    ...loadRules(scorecard, written.policy),
    ...classRules(written),
    ...presetRules(written),
    ...signOffRules(written),
  ];
}

function groupRules({ spec }: Scorecard): Problem[] {
  const present = new Set(spec.criteria.map(({ group }) => group));
  return MANDATORY_GROUPS.filter((group) => !present.has(group)).map((group) =>
    problem('US0231', 'spec.criteria', `no criterion in group ${group}`, {
      at: 'key',
      help: `add one with group: ${group}; ${EXAMPLES[group]}`,
    }),
  );
}

const EXAMPLES: Readonly<Record<(typeof MANDATORY_GROUPS)[number], string>> = {
  business: 'for example metric: cost',
  quality: 'for example metric: auc',
  latency: 'for example metric: p99, atMost: 60ms',
  size: 'for example metric: bytes, atMost: 50MB',
};

function criterionRules(criterion: ScorecardCriterion, index: number, written: WrittenScorecard): Problem[] {
  const at = `spec.criteria[${index}]`;
  return [
    ...boundRules(criterion, at),
    ...metricRules(criterion, at, written.scorecard.spec.task),
    ...valueRules({ ...criterion, metric: measuredMetric<CriterionMetric>(criterion) }, at),
    ...partRules(criterion, at, written),
    ...unitRules(criterion, at, written.document),
    ...sliceRules(criterion, at, written.policy),
    ...serviceRules(criterion, at, written.policy),
    ...runMetricRules(criterion, at, written.policy),
  ];
}

function boundRules(criterion: ScorecardCriterion, at: string): Problem[] {
  const { atLeast, atMost, versusChampion, metric, name } = criterion;
  const relative = versusChampion?.noWorseBy ?? versusChampion?.betterBy;
  if (atLeast === undefined && atMost === undefined && relative === undefined) {
    const help = 'add atLeast, atMost or versusChampion: { noWorseBy: … }';
    return [problem('US0232', `${at}.name`, `criterion "${name}" has no bound`, { help })];
  }
  const better = betterOf(criterion);
  if (better === undefined) return [];
  const [wrong, right] = better === 'higher' ? (['atMost', 'atLeast'] as const) : (['atLeast', 'atMost'] as const);
  if (criterion[wrong] === undefined || criterion[right] !== undefined) return [];
  const message = `${better} is better for ${metric}, but only ${wrong} is set`;
  return [problem('US0236', `${at}.${wrong}`, message, { severity: 'warning', at: 'key', help: `write ${right}` })];
}

function metricRules(criterion: ScorecardCriterion, at: string, task: Scorecard['spec']['task']): Problem[] {
  const { metric, falseNegative, falsePositive, by } = criterion;
  const page = METRIC_PAGES[metric];
  const problems: Problem[] = [];
  if (!page.tasks.includes(task)) {
    const help = `${metric} is for ${page.tasks.join(' and ')}`;
    problems.push(problem('US0235', `${at}.metric`, `${metric} is not defined for task ${task}`, { help }));
  }
  if (page.grouped === true && by === undefined) {
    const message = `${metric} compares groups and needs by`;
    problems.push(problem('US0235', `${at}.metric`, message, { help: 'add by: COLUMN' }));
  }
  const missing = [
    ...(falseNegative === undefined ? ['falseNegative'] : []),
    ...(falsePositive === undefined ? ['falsePositive'] : []),
  ];
  if (measuredMetric<CriterionMetric>(criterion) === 'cost' && missing.length > 0) {
    const help = 'write what a miss and a false alarm cost you, for example falseNegative: 5, falsePositive: 1';
    problems.push(problem('US0233', `${at}.metric`, `metric cost needs ${missing.join(' and ')}`, { help }));
  }
  return problems;
}

const READS: Readonly<
  Record<MetricUnit, { readonly reads: (text: string) => number | undefined; readonly text: string }>
> = {
  ms: { reads: parseDuration, text: 'a duration such as 60ms' },
  bytes: { reads: parseBytes, text: 'a size such as 50MB' },
  share: { reads: parseShare, text: 'a number such as 0.02 or a share such as 2%' },
  number: { reads: () => undefined, text: 'a bare number' },
};

/** Bounds lose their unit when they are resolved, so this rule looks at what was written. */
function unitRules(criterion: ScorecardCriterion, at: string, document: unknown): Problem[] {
  const { metric } = criterion;
  const { unit } = METRIC_PAGES[measuredMetric<CriterionMetric>(criterion)];
  return ['atLeast', 'atMost', 'versusChampion.noWorseBy', 'versusChampion.betterBy'].flatMap((bound) => {
    const text = writtenAt(document, `${at}.${bound}`);
    // The cost margin is a share of the champion's cost, whatever that is in.
    const asked = metric === 'cost' && bound.startsWith('versusChampion') ? 'share' : unit;
    if (typeof text !== 'string' || READS[asked].reads(text) !== undefined) return [];
    const message = `"${text}" does not fit ${metric}, expected ${READS[asked].text}`;
    return [problem('US0239', `${at}.${bound}`, message)];
  });
}

function sliceRules({ by }: ScorecardCriterion, at: string, policy: Policy | undefined): Problem[] {
  if (by === undefined || policy === undefined || policy.spec.data.slices.includes(by)) return [];
  const { slices } = policy.spec.data;
  const help = `add it to spec.data.slices of the policy${slices.length === 0 ? '' : `, or use ${slices.join(', ')}`}`;
  return [problem('US0234', `${at}.by`, `slice "${by}" is not declared`, { help })];
}

/** The preset's prices are a placeholder; who leaves them unread is asked. */
function presetRules({ scorecard, own }: WrittenScorecard): Problem[] {
  if (scorecard.spec.extends === undefined) return [];
  const priced = writtenAt(own, 'spec.criteria');
  const names = Array.isArray(priced) ? priced.map((one) => writtenAt(one, 'name')) : [];
  return scorecard.spec.criteria
    .filter(({ metric, name }) => metric === 'cost' && !names.includes(name))
    .filter(({ falseNegative, falsePositive }) => falseNegative === falsePositive)
    .map(({ name }) =>
      problem('US0237', 'spec.extends', 'a miss costs as much as a false alarm in this preset: what do yours cost?', {
        severity: 'warning',
        help: `say so: criteria: [{ name: ${name}, falseNegative: 5, falsePositive: 1 }]`,
      }),
    );
}

/** EV2: the team signs, not the preset. Grows with risk: a routine model may run on an unsigned preset. */
function signOffRules({ scorecard, own, policy }: WrittenScorecard): Problem[] {
  const signed = writtenAt(own, 'spec.signedOffBy');
  if (Array.isArray(signed) && signed.length > 0) return [];
  const risk = policy?.spec.risk ?? 'routine';
  if (risk === 'routine' && scorecard.spec.extends !== undefined) return [];
  const severity = risk === 'routine' ? 'warning' : 'error';
  const message = `nobody has signed this scorecard off${risk === 'routine' ? '' : `, risk ${risk} needs it`}`;
  return [problem('US0238', 'spec', message, { severity, at: 'key', help: 'add signedOffBy: [name@example]' })];
}
