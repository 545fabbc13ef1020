import type { Problem } from './diagnostics/diagnostic.ts';
import { problem, writtenAt } from './policy/rule.ts';
import type { Policy } from './policy/schema.ts';
import type { CriterionMetric, Scorecard, ScorecardCriterion } from './scorecard-schema.ts';
import { GROUP_GAPS } from './statistics/group-gaps.ts';

/** Metrics of a yes or no: for one of several classes they are those of `class` against the rest. */
const OF_ONE_CLASS: ReadonlySet<CriterionMetric> = new Set(['recall', 'precision', 'f1', 'cost', ...GROUP_GAPS]);

interface Checked {
  readonly scorecard: Scorecard;
  /** With the preset merged in, as it was written. */
  readonly document: unknown;
  readonly policy?: Policy;
}

/** What must hold of scorecards of models that name one of several classes, and of `class` in all others (US0275 to US0278). */
export function classRules({ document, policy, scorecard }: Checked): Problem[] {
  const { criteria, task } = scorecard.spec;
  const ofCriteria = criteria.flatMap((criterion, index) =>
    classFieldRules(criterion, `spec.criteria[${index}]`, task),
  );
  if (task !== 'multiclass') return ofCriteria;
  return [...ofCriteria, ...cutRules(document), ...(policy ? scoreRules(policy) : [])];
}

function classFieldRules(
  { class: ofClass, metric }: ScorecardCriterion,
  at: string,
  task: Scorecard['spec']['task'],
): Problem[] {
  if (ofClass === undefined) {
    if (task !== 'multiclass' || !OF_ONE_CLASS.has(metric)) return [];
    const message = `${metric} is that of one class against the rest, and the criterion names none`;
    return [problem('US0275', `${at}.metric`, message, { help: `add class: CLASS${OVER_ALL[metric] ?? ''}` })];
  }
  if (task === 'multiclass' && OF_ONE_CLASS.has(metric)) return [];
  const message =
    task === 'multiclass' ? `${metric} does not read class` : `class names one of several, and task ${task} has none`;
  const help = task === 'multiclass' ? 'leave it out' : 'leave it out, or write task: multiclass';
  return [problem('US0276', `${at}.class`, message, { at: 'key', help })];
}

const OVER_ALL: Partial<Record<CriterionMetric, string>> = {
  recall: ', or write metric: macroRecall for all of them',
  precision: ', or write metric: macroPrecision for all of them',
  f1: ', or write metric: macroF1 for all of them',
};

/** A class is named, not cut out of a score. */
function cutRules(document: unknown): Problem[] {
  if (writtenAt(document, 'spec.operatingPoint') === undefined) return [];
  const message = 'a model that names a class has no operating point';
  return [problem('US0277', 'spec.operatingPoint', message, { severity: 'warning', at: 'key', help: 'leave it out' })];
}

/** It stands in the scorecard, because that is what is read here; the cure is the policy's. */
function scoreRules({ spec }: Policy): Problem[] {
  const { score } = spec.data.observations;
  if (score === undefined) return [];
  const message = `the model names a class, so drift and performance of the logged "${score}" are not watched`;
  const help = 'leave data.observations.score out of the policy; drift of features is watched as ever';
  return [problem('US0278', 'spec.task', message, { severity: 'warning', help })];
}
