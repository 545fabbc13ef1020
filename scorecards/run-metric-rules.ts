import type { Problem } from './diagnostics/diagnostic.ts';
import { problem } from './policy/rule.ts';
import type { Policy } from './policy/schema.ts';
import { formatDuration } from './policy/units.ts';
import { COMMAND_DEADLINE_MS, isOfTheRun } from './run-metrics.ts';
import type { CriterionMetric, ScorecardCriterion } from './scorecard-schema.ts';

type Field = 'by' | 'gone' | 'versusChampion' | 'command' | 'deadline';

/** What must hold of criteria that rest on the run itself (US0260 to US0264); `at` is the criterion's place. */
export function runMetricRules(criterion: ScorecardCriterion, at: string, policy: Policy | undefined): Problem[] {
  return [
    ...unread(criterion, at),
    ...commandRules(criterion, at),
    ...((policy && HELD_AGAINST[criterion.metric]?.(criterion, at, policy)) ?? []),
  ];
}

/** Without a value of the champion to compare with: the signature is the comparison, the others are of this run alone. */
const ALONE: ReadonlySet<string> = new Set(['signature', 'freshness', 'command']);

function unread(criterion: ScorecardCriterion, at: string): Problem[] {
  const { metric } = criterion;
  const fields: readonly Field[] = [
    ...(isOfTheRun(metric) ? (['by', 'gone'] as const) : []),
    ...(ALONE.has(metric) ? (['versusChampion'] as const) : []),
    ...(metric === 'command' ? [] : (['command', 'deadline'] as const)),
  ];
  return fields
    .filter((field) => criterion[field] !== undefined)
    .map((field) =>
      problem('US0261', `${at}.${field}`, `${metric} does not read ${field}`, { at: 'key', help: 'leave it out' }),
    );
}

function commandRules({ metric, command, deadline = 0 }: ScorecardCriterion, at: string): Problem[] {
  if (metric !== 'command') return [];
  if (command === undefined) {
    const help = 'add what is to be run, for example command: [python, check.py]';
    return [problem('US0262', `${at}.metric`, 'metric command has nothing to run', { help })];
  }
  if (deadline <= COMMAND_DEADLINE_MS.most) return [];
  const most = formatDuration(COMMAND_DEADLINE_MS.most);
  const message = `judging may not wait ${formatDuration(deadline)} for tests`;
  return [problem('US0262', `${at}.deadline`, message, { help: `at most ${most}` })];
}

function neverFresh({ atMost }: ScorecardCriterion, at: string, { spec }: Policy): Problem[] {
  const least = spec.dataset.holdout + spec.data.labels.maturity;
  if (atMost === undefined || atMost >= least) return [];
  const kept = `dataset.holdout and labels.maturity keep the last ${formatDuration(least)} from every training`;
  const message = `no model is fresh within ${formatDuration(atMost)}: ${kept}`;
  return [problem('US0260', `${at}.atMost`, message, { help: `write more than ${formatDuration(least)}` })];
}

function uncounted(_: ScorecardCriterion, at: string, { spec }: Policy): Problem[] {
  if (spec.training.backend === 'kubernetes') return [];
  const help = 'leave it out, or train on a cluster';
  const message = 'nobody counts the accelerators of a trainer that is a process';
  return [problem('US0260', `${at}.metric`, message, { help })];
}

function unpriced(_: ScorecardCriterion, at: string, { spec }: Policy): Problem[] {
  if (spec.serving === undefined) return [];
  const { cpu, memory } = spec.serving.resources;
  const lacks = [...(cpu === undefined ? ['cpu'] : []), ...(memory === undefined ? ['memory'] : [])];
  if (lacks.length === 0) return [];
  const message = `costPerThousand needs the price of a server, and serving.resources names no ${lacks.join(' and no ')}`;
  const help = 'write serving: { resources: { cpu: 1, memory: 1Gi } } into the policy';
  return [problem('US0264', `${at}.metric`, message, { help })];
}

function onTheWorker(_: ScorecardCriterion, at: string, { spec }: Policy): Problem[] {
  if (spec.training.backend === 'process') return [];
  const message = 'the trainer runs in a pod, but these tests would run on the worker, which refuses them by default';
  const help = 'have worker.testCommands: true set in understudy.config.yaml, or test at the end of the training';
  return [problem('US0263', `${at}.metric`, message, { severity: 'warning', help })];
}

/** What a criterion asks of the policy that uses it. */
const HELD_AGAINST: Partial<
  Record<CriterionMetric, (criterion: ScorecardCriterion, at: string, policy: Policy) => Problem[]>
> = { freshness: neverFresh, gpuHours: uncounted, costPerThousand: unpriced, command: onTheWorker };
