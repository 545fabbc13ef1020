import type { Problem } from '../diagnostics/diagnostic.ts';
import { problem } from './rule.ts';
import type { Written } from './rule.ts';

/** Whose route it is decides what can be done with it. */
export function trafficRules({ policy }: Written): Problem[] {
  const { shadow, traffic } = policy.spec;
  if (traffic === undefined) return [];
  const { gateway, ownership, rule } = traffic;
  if (ownership === 'dedicated') {
    if (rule === undefined) return [];
    const help = 'leave it out, or add ownership: adopted';
    return [problem('US0228', 'spec.traffic.rule', 'rule names a rule of an adopted route', { at: 'key', help })];
  }
  const problems: Problem[] = [];
  if (gateway !== 'httproute') {
    const help = 'write gateway: httproute, or leave ownership out';
    problems.push(problem('US0228', 'spec.traffic.ownership', `gateway ${gateway} has no routes to adopt`, { help }));
  }
  if (!shadow.skip) {
    const message = 'requests of an adopted route cannot be mirrored: its filters stay as they are';
    const help = 'write spec.shadow: { skip: true }, or leave ownership out';
    problems.push(problem('US0228', 'spec.traffic.ownership', message, { help }));
  }
  return problems;
}
