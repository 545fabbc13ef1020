import type { Problem } from '../diagnostics/diagnostic.ts';
import { problem, writtenAt } from './rule.ts';
import type { Written } from './rule.ts';

/** Fields that a team would rely on and that nothing obeys yet: refused, so that nobody believes in a guard that is not there. */
const NOT_OBEYED = [
  'spec.data.clusterBy',
  'spec.approval.byPolicy',
  'spec.rollout.guardrails',
  'spec.traffic.shield',
  'spec.traffic.fallback',
] as const;

/** Fields that only add comfort: a warning says that they have no effect yet. */
const NO_EFFECT = [
  'spec.approval.remindAfter',
  'spec.approval.escalateAfter',
  'spec.approval.highRisk',
  'spec.drill',
  'spec.retention',
] as const;

/** Fields that speak to a cluster's scheduler; a process on the worker's machine takes what is there. */
const ONLY_ON_A_CLUSTER = [
  'spec.training.resources.gpu',
  'spec.training.resources.sharedMemory',
  'spec.training.nodes',
  'spec.training.queue',
  'spec.training.priorityClass',
  'spec.training.queueDeadline',
  'spec.training.attempts',
] as const;

/** What this version cannot do yet, wherever a policy asks for it. */
export function availabilityRules({ policy, document }: Written): Problem[] {
  return [...unheeded(document), ...outOfPlace(policy, document)];
}

function outOfPlace(policy: Written['policy'], document: unknown): Problem[] {
  if (policy.spec.training.backend !== 'process') return [];
  return ONLY_ON_A_CLUSTER.filter((field) => asksForSomething(writtenAt(document, field))).map((field) => {
    const more = { at: 'key', severity: 'warning', help: 'leave it out' } as const;
    return problem('US0216', field, `${word(field)}: it has no effect with training.backend process`, more);
  });
}

const word = (field: string) => field.split('.').at(-1) ?? field;

function unheeded(document: unknown): Problem[] {
  const refused = NOT_OBEYED.filter((field) => asksForSomething(writtenAt(document, field))).map((field) =>
    problem('US0216', field, `${word(field)}: this version does not obey it`, { at: 'key', help: 'leave it out' }),
  );
  const idle = NO_EFFECT.filter((field) => asksForSomething(writtenAt(document, field))).map((field) => {
    const more = { at: 'key', severity: 'warning', help: 'leave it out for now' } as const;
    return problem('US0216', field, `${word(field)}: it has no effect in this version`, more);
  });
  return [...refused, ...idle];
}

/** `null`, `false`, 0 and an empty list say in words that nothing is wanted. */
function asksForSomething(value: unknown): boolean {
  return ![undefined, null, false, 0].includes(value as null) && !(Array.isArray(value) && value.length === 0);
}
