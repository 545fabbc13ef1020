import type { Problem } from '../diagnostics/diagnostic.ts';
import { availabilityRules } from './rules-available.ts';
import { duplicates, isOverridden, overrideHelp, problem } from './rule.ts';
import type { Written } from './rule.ts';
import { GUARD_TICK_MS, PROPAGATION_MS, TIER_PRESETS, worstCaseExposureMs } from './tiers.ts';
import { formatDuration } from './units.ts';

/** The largest first step without an override (N5). */
export const LARGEST_FIRST_STEP = 10;

/** Rules of `spec.rollout`. */
export function rolloutRules({ policy }: Written): Problem[] {
  const { rollout } = policy.spec;
  return [
    ...stepRules(policy),
    ...timeRules(rollout),
    ...exposureRules(policy),
    ...duplicates(
      'spec.rollout.guardrails',
      rollout.guardrails.map(({ name }) => name),
    ),
  ];
}

function stepRules(policy: Written['policy']): Problem[] {
  const { steps } = policy.spec.rollout;
  const field = 'spec.rollout.steps';
  const problems: Problem[] = [];
  steps.forEach((step, index) => {
    const before = steps[index - 1];
    if (before !== undefined && step <= before) {
      const help = `write [${[...new Set(steps)].toSorted((a, b) => a - b).join(', ')}]`;
      problems.push(problem('US0201', `${field}[${index}]`, `step ${step} does not rise above ${before}`, { help }));
    }
    if (step >= 100) {
      const help = 'leave it out: after the last step the soak shifts all traffic';
      problems.push(problem('US0202', `${field}[${index}]`, 'a step must stay below 100', { help }));
    }
  });
  const [first = 0] = steps;
  if (first > LARGEST_FIRST_STEP && !isOverridden(policy, field)) {
    const message = `the first step is ${first} %, at most ${LARGEST_FIRST_STEP} % is allowed without an override`;
    problems.push(problem('US0203', `${field}[0]`, message, { help: overrideHelp('begin with 5', field) }));
  }
  return problems;
}

function timeRules(rollout: Written['policy']['spec']['rollout']): Problem[] {
  const problems: Problem[] = [];
  const { stepAtLeast, stepAtMost, look } = rollout;
  if (stepAtMost < stepAtLeast) {
    const message = `stepAtMost ${formatDuration(stepAtMost)} is shorter than stepAtLeast ${formatDuration(stepAtLeast)}`;
    const help = `write at least ${formatDuration(stepAtLeast)}`;
    problems.push(problem('US0220', 'spec.rollout.stepAtMost', message, { help }));
  }
  if (look <= 0) {
    problems.push(problem('US0220', 'spec.rollout.look', 'look must be above 0', { help: 'write 5s' }));
  }
  for (const name of ['lease', 'soakLease'] as const) {
    if (rollout[name] >= 2 * look && rollout[name] > 0) continue;
    const message = `${name} ${formatDuration(rollout[name])} does not outlive two looks of ${formatDuration(look)}`;
    const help = `write at least ${formatDuration(Math.max(2 * look, 1000))}`;
    problems.push(problem('US0220', `spec.rollout.${name}`, message, { help }));
  }
  return problems;
}

function exposureRules(policy: Written['policy']): Problem[] {
  const { rollout, tier, traffic } = policy.spec;
  if (traffic === undefined) return [];
  const budget = TIER_PRESETS[tier].rollbackWithinMs;
  return (['lease', 'soakLease'] as const).flatMap((name) => {
    const [lease, field] = [rollout[name], `spec.rollout.${name}`];
    if (worstCaseExposureMs(lease) <= budget || isOverridden(policy, field)) return [];
    const sum = `${name} ${seconds(lease)} + guard ${seconds(GUARD_TICK_MS)} + propagation ${seconds(PROPAGATION_MS)}`;
    const message = `worst case ${seconds(worstCaseExposureMs(lease))} exceeds the ${seconds(budget)} of tier ${tier}: ${sum}`;
    const help = `set rollout.${name} to ${formatDuration(budget - GUARD_TICK_MS - PROPAGATION_MS)}`;
    return [problem('US0211', field, message, { help })];
  });
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** SH3: consequential models are never promoted unseen; a routine one may be, and the record says why. */
export function shadowRules({ policy }: Written): Problem[] {
  const { shadow, risk } = policy.spec;
  const field = 'spec.shadow.skip';
  if (!shadow.skip || isOverridden(policy, field)) return [];
  if (risk === 'routine') {
    const help = `add { field: ${field}, reason: …, by: … } to spec.overrides so that the record says why`;
    return [problem('US0219', field, 'shadow is skipped without a recorded reason', { severity: 'warning', help })];
  }
  return [problem('US0210', field, `risk ${risk} cannot skip shadow`, { help: overrideHelp('remove it', field) })];
}

/** Which gateway reaches the servers of which backend. */
const GATEWAY_OF = { process: 'traefik-file', kubernetes: 'httproute', kserve: 'kserve' } as const;

function gatewayRules({ spec: { serving, traffic } }: Written['policy']): Problem[] {
  if (serving === undefined || traffic === undefined || traffic.gateway === GATEWAY_OF[serving.backend]) return [];
  const message = `gateway ${traffic.gateway} does not reach servers of backend ${serving.backend}`;
  return [problem('US0217', 'spec.traffic.gateway', message, { help: `write ${GATEWAY_OF[serving.backend]}` })];
}

/** Rules of `spec.serving`, `spec.traffic` and the backends that run something. */
export function backendRules({ policy, document }: Written): Problem[] {
  const { serving, traffic, training } = policy.spec;
  const problems: Problem[] = [];
  if (serving !== undefined && traffic === undefined) {
    const help = 'add spec.traffic, or remove spec.serving for a batch policy';
    problems.push(problem('US0215', 'spec.serving', 'serving without traffic', { at: 'key', help }));
  }
  if (traffic !== undefined && serving === undefined) {
    const help = 'add spec.serving, or remove spec.traffic for a batch policy';
    problems.push(problem('US0215', 'spec.traffic', 'traffic without serving', { at: 'key', help }));
  }
  if (serving?.backend === 'process' && serving.command === undefined) {
    const help = 'add command: [python, serve.py]';
    problems.push(problem('US0217', 'spec.serving', 'a server process needs a command', { at: 'key', help }));
  }
  problems.push(...imageRule('spec.training.image', training), ...imageRule('spec.serving.image', serving));
  return [...problems, ...gatewayRules(policy), ...availabilityRules({ policy, document })];
}

/** A tag can be moved to another image after it was approved. */
function imageRule(field: string, runs?: { readonly backend: string; readonly image?: string | undefined }): Problem[] {
  if (runs?.backend !== 'kubernetes' || /@sha256:[0-9a-f]{64}$/.test(runs.image ?? '')) return [];
  const message = 'backend kubernetes needs an image pinned by its digest';
  return [problem('US0217', field, message, { help: 'write image: name@sha256:…' })];
}
