import { isLatency } from './candidate/latency.ts';
import type { Problem } from './diagnostics/diagnostic.ts';
import { METRIC_PAGES } from './metric-catalogue.ts';
import { isOfParts, partitionOf } from './parts.ts';
import { problem } from './policy/rule.ts';
import type { Policy } from './policy/schema.ts';
import { formatDuration } from './policy/units.ts';
import { isOfTheRun } from './run-metrics.ts';
import type { Scorecard, ScorecardCriterion } from './scorecard-schema.ts';
import { isOfService } from './service/metrics.ts';
import { mostSlices } from './slice-cap.ts';
import { countBlocks } from './time-blocks.ts';

interface Within {
  readonly scorecard: Scorecard;
  readonly policy?: Policy;
}

/** What must hold of criteria that look at parts of the rows (US0280 to US0284); `at` is the criterion's place. */
export function partRules(criterion: ScorecardCriterion, at: string, within: Within): Problem[] {
  return [
    ...ofRules(criterion, at, within.scorecard.spec.task),
    ...cutRules(criterion, at),
    ...wholeRules(criterion, at),
    ...blockRules(criterion, at, within),
  ];
}

/** US0280, US0284. */
function ofRules(criterion: ScorecardCriterion, at: string, task: Scorecard['spec']['task']): Problem[] {
  const { metric, of } = criterion;
  if (!isOfParts(metric)) {
    if (of === undefined) return [];
    const help = `remove it, or write metric: worst or metric: spread`;
    return [problem('US0284', `${at}.of`, `metric ${metric} does not read of`, { at: 'key', help })];
  }
  const problems: Problem[] = [];
  if (of === undefined) {
    const help = `add the metric that it is of, for example of: ${task === 'regression' ? 'mae' : 'recall'}`;
    problems.push(problem('US0280', `${at}.metric`, `metric ${metric} needs of`, { help }));
  } else if (!METRIC_PAGES[of].tasks.includes(task)) {
    const help = `${of} is for ${METRIC_PAGES[of].tasks.join(' and ')}`;
    problems.push(problem('US0235', `${at}.of`, `${of} is not defined for task ${task}`, { help }));
  }
  if (partitionOf(criterion) === undefined) {
    const help = 'add by: COLUMN, or blocks: 4 for blocks of time';
    problems.push(
      problem('US0280', `${at}.metric`, `metric ${metric} is about parts of the rows and names none`, { help }),
    );
  }
  return problems;
}

/** US0281. */
function cutRules({ blocks, by, gone }: ScorecardCriterion, at: string): Problem[] {
  if (blocks === undefined) return [];
  const help = 'write one criterion with by and another one with blocks';
  return [
    ...(by === undefined
      ? []
      : [problem('US0281', `${at}.blocks`, 'by and blocks cut the same rows in two ways', { at: 'key', help })]),
    ...(gone === undefined
      ? []
      : [problem('US0281', `${at}.gone`, 'a block of time is never gone', { at: 'key', help: 'leave it out' })]),
  ];
}

/** US0283. Whose `by` other rules refuse is not told twice. */
function wholeRules({ blocks, by, metric }: ScorecardCriterion, at: string): Problem[] {
  const why =
    metric === 'bytes'
      ? 'an artifact has one size'
      : isLatency({ metric })
        ? 'the load run is measured as a whole'
        : undefined;
  const whyNoBlocks = why ?? whyTimeless(metric);
  const refused = (field: 'by' | 'blocks', message: string) =>
    problem('US0283', `${at}.${field}`, message, { at: 'key', help: 'leave it out' });
  return [
    ...(by !== undefined && why !== undefined ? [refused('by', `${metric} has no slices: ${why}`)] : []),
    ...(blocks !== undefined && whyNoBlocks !== undefined
      ? [refused('blocks', `${metric} is not told by blocks of time: ${whyNoBlocks}`)]
      : []),
  ];
}

function whyTimeless(metric: ScorecardCriterion['metric']): string | undefined {
  if (isOfTheRun(metric)) return 'it is one number about the run';
  if (isOfService({ metric })) return 'it is one number of the live service';
  return METRIC_PAGES[metric].grouped === true ? 'it compares the groups of by with each other' : undefined;
}

/** US0282, as far as it is known without data. */
function blockRules({ blocks, by }: ScorecardCriterion, at: string, { policy, scorecard }: Within): Problem[] {
  if (blocks === undefined || by !== undefined) return [];
  const found = unfit(blocks, policy?.spec.dataset.holdout, mostSlices(scorecard));
  return found === undefined ? [] : [problem('US0282', `${at}.blocks`, found.message, { help: found.help })];
}

/** `holdout` in milliseconds, where a policy says how long it is. */
function unfit(blocks: number | string, holdout: number | undefined, most: number) {
  const count = countBlocks({ from: 0, until: holdout ?? 0 }, blocks);
  if (!Number.isFinite(count))
    return { message: `blocks of ${blocks} have no length`, help: 'write how long each is, for example blocks: 7d' };
  const where = holdout === undefined ? '' : ` in a holdout of ${formatDuration(holdout)}`;
  if (count > most)
    return {
      message: `${count} blocks of time${where}, and maxSlices allows ${most} slices`,
      help: 'make them longer',
    };
  if (holdout === undefined || count > 1) return undefined;
  return { message: `blocks of ${blocks}${where} are one block`, help: 'make them shorter' };
}
